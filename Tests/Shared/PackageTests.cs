using System.Diagnostics;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.Json;
using MlNetEmotion.Imaging;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Shared;

/// <summary>The NuGet package, made and restored into an application as its users do. What a test needs and the machine lacks skips it.</summary>
public sealed class PackageTests(PackageTests.Application application) : IClassFixture<PackageTests.Application>
{
    private static readonly string Repository = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../.."));

    [Fact]
    public void Package_IsTheModelAndLittleElse()
    {
        using ZipArchive package = ZipFile.OpenRead(application.Package);

        long model = new FileInfo(Path.Combine(Repository, "onnx", "emotion.onnx")).Length;
        Assert.InRange(new FileInfo(application.Package).Length, 0, model + (1 << 20));
        Assert.DoesNotContain(package.Entries, entry => entry.FullName.StartsWith("runtimes/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Application_ForNet8_ClassifiesAndWritesJson()
    {
        string folder = await application.Dotnet("app", "build", "-f", "net8.0");

        AssertScores(await Run("dotnet", Path.Combine(folder, "bin", "Debug", "net8.0", "app.dll")));
    }

    [Theory]
    [InlineData("cs")]    // C# 12, which keeps no ref struct in an asynchronous method
    [InlineData("vb")]    // Visual Basic, which takes none at all
    [InlineData("fs")]
    public async Task Application_InAnyLanguage_ClassifiesAnImageInMemory(string language)
    {
        string folder = await application.Dotnet(language, "build");

        AssertScores(await Run("dotnet", Path.Combine(folder, "bin", "Debug", "net8.0", "app.dll")));
    }

    [Theory]
    [InlineData("PublishTrimmed", "trimmed")]
    [InlineData("PublishAot", "native")]
    public async Task Application_Published_ClassifiesWithoutAWarning(string property, string output)
    {
        Assert.SkipUnless(property != "PublishAot" || new[] { "clang", "gcc" }.Any(OnPath), "neither clang nor gcc is here");

        string folder = await application.Dotnet(
            "app", "publish", "-f", "net10.0", "-r", RuntimeInformation.RuntimeIdentifier, $"-p:{property}=true", "--self-contained", "-o", output);

        AssertScores(await Run(Path.Combine(folder, output, "app")));
    }

    [Fact]
    public async Task Application_WithAFreshHome_LeavesNothingThereAndTakesALongCommandLine()
    {
        string folder = await application.Dotnet("app", "build", "-f", "net8.0");
        string home = Directory.CreateDirectory(Path.Combine(folder, "home")).FullName;

        // ONNX Runtime's telemetry keeps its events under HOME, and aborted at command lines of more than 28.9 kB.
        AssertScores(await Run("dotnet", Path.Combine(folder, "bin", "Debug", "net8.0", "app.dll"), new string('a', 60_000)));

        Assert.Empty(Directory.EnumerateFileSystemEntries(home, "*", SearchOption.AllDirectories));

        async Task<(int, string, string)> Run(params string[] command)
        {
            var start = new ProcessStartInfo(command[0], command[1..]);
            foreach (string variable in new[] { "ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME" })
            {
                start.Environment.Remove(variable);
            }

            start.Environment["HOME"] = home;
            using var program = new ProgramProcess(start);
            return await program.Exit();
        }
    }

    private static void AssertScores((int ExitCode, string Output, string Error) run)
    {
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        EmotionScores scores = JsonSerializer.Deserialize<EmotionScores>(run.Output);
        using var classifier = EmotionClassifier.LoadDefault();
        EmotionScores expected = classifier.Classify(new ImageView([.. Enumerable.Range(0, 48 * 48).Select(i => (byte)i)], 48, 48, PixelFormat.Gray8));
        Assert.All(Enum.GetValues<Emotion>(), emotion => Assert.Equal(expected[emotion], scores[emotion], 1e-5f));
    }

    private static Task<(int, string, string)> Run(string program, params string[] args) => ProgramProcess.Run(program, args);

    private static bool OnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>The package in a folder, and an application beside it that only classifies.</summary>
    public sealed class Application : IAsyncLifetime
    {
        private const string Program = """
            using System.Text.Json;
            using System.Text.Json.Serialization;
            using MlNetEmotion;
            using MlNetEmotion.Imaging;

            using var classifier = EmotionClassifier.LoadDefault();
            byte[] face = [.. Enumerable.Range(0, 48 * 48).Select(i => (byte)i)];
            EmotionScores scores = classifier.Classify(new ImageView(face, 48, 48, PixelFormat.Gray8));
            Console.WriteLine(JsonSerializer.Serialize(scores, Json.Default.EmotionScores));

            [JsonSerializable(typeof(EmotionScores))]
            internal sealed partial class Json : JsonSerializerContext;
            """;

        // A version of its own, so that no test meets another's package in NuGet's cache.
        private readonly string version = $"0.0.0-test{Environment.ProcessId}";
        private readonly TemporaryFolder folder = new();

        public string Package => Path.Combine(folder.Root, $"MlNetEmotion.{version}.nupkg");

        // For .NET 8, whose C# is 12 by whatever SDK it is built.
        private string MemoryProject => $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <AssemblyName>app</AssemblyName>
                <TargetFramework>net8.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <InvariantGlobalization>true</InvariantGlobalization>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <RollForward>Major</RollForward>
                <UseAppHost>false</UseAppHost>
                <RestoreAdditionalProjectSources>{folder.Root}</RestoreAdditionalProjectSources>
              </PropertyGroup>
              <ItemGroup>
                <Compile Include="program.fs" Condition="'$(MSBuildProjectExtension)' == '.fsproj'" />
                <PackageReference Include="MlNetEmotion" Version="{version}" />
              </ItemGroup>
            </Project>
            """;

        private string Project => $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <AssemblyName>app</AssemblyName>
                <TargetFrameworks>net8.0;net10.0</TargetFrameworks>
                <ImplicitUsings>enable</ImplicitUsings>
                <InvariantGlobalization>true</InvariantGlobalization>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <TrimmerSingleWarn>false</TrimmerSingleWarn>
                <RollForward>Major</RollForward>
                <UseAppHost Condition="'$(TargetFramework)' == 'net8.0'">false</UseAppHost>
                <RestoreAdditionalProjectSources>{folder.Root}</RestoreAdditionalProjectSources>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="MlNetEmotion" Version="{version}" />
              </ItemGroup>
            </Project>
            """;

        public async ValueTask InitializeAsync()
        {
            // An output folder of its own: Shared's may be in use.
            (int exitCode, string output, string error) = await ProgramProcess.Run(
                "dotnet", "pack", Path.Combine(Repository, "Shared", "Shared.csproj"), "-o", folder.Root, $"-p:Version={version}",
                "-c", "Release", "--artifacts-path", Path.Combine(folder.Root, "artifacts"));
            Assert.True(exitCode == 0, output + error);
            folder.Write("app/app.csproj", Project);
            folder.Write("app/Program.cs", Program);
            foreach ((string language, string program) in MemoryPrograms.All)
            {
                folder.Write($"{language}/app.{language}proj", MemoryProject);
                folder.Write($"{language}/program.{language}", program);
            }
        }

        /// <summary>Runs a command of the .NET SDK on an application, which must succeed.</summary>
        /// <param name="name">The application: <c>app</c>, or one of <see cref="MemoryPrograms"/> by its language.</param>
        /// <returns>The application's folder.</returns>
        public async Task<string> Dotnet(string name, string command, params string[] args)
        {
            string app = Path.Combine(folder.Root, name);
            using var run = new ProgramProcess(new ProcessStartInfo("dotnet", [command, "--nologo", "-v", "q", .. args]) { WorkingDirectory = app });
            (int exitCode, string output, string error) = await run.Exit();
            Assert.SkipWhen(output.Contains("NU1101", StringComparison.Ordinal) || output.Contains("NU1301", StringComparison.Ordinal),
                $"a package that '{command} {string.Join(' ', args)}' needs cannot be had here");
            Assert.True(exitCode == 0, output + error);
            return app;
        }

        public ValueTask DisposeAsync()
        {
            folder.Dispose();
            string cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
                ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
            string cached = Path.Combine(cache, "mlnetemotion", version);
            if (Directory.Exists(cached))
            {
                Directory.Delete(cached, recursive: true);
            }

            return ValueTask.CompletedTask;
        }
    }
}
