using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Packages;

/// <summary>
/// The packages, packed once for all tests into a folder outside the repository, and strangers' projects beside them, which know the packages alone. A
/// group of projects is restored and built by one command, when its first test asks. What they need and the machine lacks skips the test.
/// </summary>
[CollectionDefinition(nameof(PackedPackages))]
public sealed class PackedPackages : IAsyncLifetime, ICollectionFixture<PackedPackages>
{
    /// <summary>The time that a build or a training run may take on a busy machine.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly TemporaryFolder folder = new();
    private readonly ConcurrentDictionary<string, Lazy<Task<string>>> builds = new(StringComparer.Ordinal);
    private readonly Lazy<Task<string>> tool;

    public PackedPackages() => tool = new(async () =>
    {
        (int exitCode, string output) = await TryPackTool(RuntimeInformation.RuntimeIdentifier);
        Assert.True(exitCode == 0, output);
        return Path.Combine(folder.Root, "tool");
    });

    internal static string Repository { get; } = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../.."));

    /// <summary>The packages' version: no test meets another run's packages in NuGet's cache.</summary>
    internal string Version { get; } = $"0.0.0-test{Environment.ProcessId}";

    internal string FolderOf(Stranger project) => Path.Combine(folder.Root, project.Name);

    internal string Package(string id) => Path.Combine(folder.Root, "packages", $"{id}.{Version}.nupkg");

    public async ValueTask InitializeAsync()
    {
        // As the README says, but into other output folders, since the projects' may be in use, and without the analyzers, which ran when the tests were built.
        await Dotnet(Repository, "pack", "MlNetEmotion.sln", "-c", "Release", "-o", Path.Combine(folder.Root, "packages"), $"-p:Version={Version}", "-p:RunAnalyzers=false",
            "--artifacts-path", Path.Combine(folder.Root, "artifacts"));
        folder.Write("nuget.config", """<configuration><packageSources><add key="packed" value="packages" /></packageSources></configuration>""");
    }

    /// <summary>Packs the Detector as a .NET tool for this system, once.</summary>
    /// <returns>The folder of its packages.</returns>
    internal Task<string> PackTool() => tool.Value;

    internal Task<(int ExitCode, string Output)> TryPackTool(string system) => TryDotnet(Repository, "pack", "Detector", "-c", "Release", "-o", Path.Combine(folder.Root, "tool"),
        $"-p:Version={Version}", $"-p:ToolPackageRuntimeIdentifiers={system}", "-p:RunAnalyzers=false", "--artifacts-path", Path.Combine(folder.Root, "artifacts"));

    /// <summary>Builds a group of projects once.</summary>
    /// <param name="group">The group's name.</param>
    /// <returns>The program of one of them.</returns>
    internal async Task<string> Build(string group, IReadOnlyList<Stranger> projects, Stranger project, string framework)
    {
        string output = await builds.GetOrAdd(group, _ => new(() => Build(group, projects))).Value;
        string program = Path.Combine(FolderOf(project), "bin", "Debug", framework, "app.dll");
        Assert.True(File.Exists(program), output);
        return program;
    }

    /// <summary>Puts a file into a project's folder.</summary>
    internal void Write(Stranger project, string path, byte[] content) => folder.Write($"{project.Name}/{path}", content);

    /// <summary>Runs a command of the .NET SDK, which must succeed.</summary>
    /// <returns>What it printed.</returns>
    internal static async Task<string> Dotnet(string workingFolder, params string[] args)
    {
        (int exitCode, string output) = await TryDotnet(workingFolder, args);
        Assert.True(exitCode == 0, output);
        return output;
    }

    internal static async Task<(int ExitCode, string Output)> TryDotnet(string workingFolder, params string[] args)
    {
        using var run = new ProgramProcess(new ProcessStartInfo("dotnet", args) { WorkingDirectory = workingFolder });
        (int exitCode, string output, string error) = await run.Exit(Patience);
        Assert.SkipWhen(output.Contains("NU1101", StringComparison.Ordinal) || output.Contains("NU1301", StringComparison.Ordinal),
            $"a package that 'dotnet {string.Join(' ', args)}' needs cannot be had here: {output}");
        return (exitCode, output + error);
    }

    /// <summary>Asserts that a program printed the scores of the face that all strangers classify: those of this repository's own build.</summary>
    internal static void AssertScores(string json)
    {
        var scores = JsonSerializer.Deserialize<EmotionScores>(json);
        using EmotionClassifier classifier = EmotionClassifier.LoadDefault();
        EmotionScores expected = classifier.Classify(new ImageView(Face, 48, 48, PixelFormat.Gray8));
        Assert.All(Enum.GetValues<Emotion>(), emotion => Assert.Equal(expected[emotion], scores[emotion], 1e-5f));
    }

    /// <summary>uint8 [48, 48] gray: the face that all strangers classify.</summary>
    internal static byte[] Face { get; } = [.. Enumerable.Range(0, 48 * 48).Select(i => (byte)i)];

    public ValueTask DisposeAsync()
    {
        folder.Dispose();
        string cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        foreach (string cached in Directory.EnumerateDirectories(cache, "mlnetemotion*").Select(package => Path.Combine(package, Version)).Where(Directory.Exists))
        {
            Directory.Delete(cached, recursive: true);
        }

        return ValueTask.CompletedTask;
    }

    private async Task<string> Build(string group, IReadOnlyList<Stranger> projects)
    {
        foreach (Stranger project in projects)
        {
            folder.Write($"{project.Name}/{project.Name}.{project.Language}proj", project.Project(Version));
            folder.Write($"{project.Name}/program.{project.Language}", project.Program);
        }

        folder.Write($"{group}.slnx", $"<Solution>{string.Concat(projects.Select(project => $"<Project Path=\"{project.Name}/{project.Name}.{project.Language}proj\" />"))}</Solution>");
        return (await TryDotnet(folder.Root, "build", $"{group}.slnx", "--nologo", "-v", "q", "-m:2")).Output;
    }
}
