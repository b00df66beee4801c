using System.Diagnostics;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using Xunit;

namespace MlNetEmotion.Tests.Packages;

/// <summary>Strangers' projects that classify, built from the packages and run.</summary>
[Trait("Speed", "slow")]
[Collection(nameof(PackedPackages))]
public sealed class ApplicationTests(PackedPackages packages)
{
    [Theory]
    [InlineData("console-cs", "net8.0")]
    [InlineData("console-cs", "net10.0")]
    [InlineData("console-fs", "net8.0")]
    [InlineData("console-vb", "net10.0")]
    public async Task Console_InAnyLanguage_ClassifiesAnImageInMemory(string name, string framework) =>
        AssertScores(await ProgramProcess.Run("dotnet", await Build(name, framework)));

    [Theory]
    [InlineData("net8.0")]
    [InlineData("net10.0")]
    public async Task MinimalApi_WithInjectedClassifier_AnswersAFacesBytesWithItsScores(string framework)
    {
        using var server = new ProgramProcess(new ProcessStartInfo("dotnet", [await Build("server", framework)])
        {
            Environment = { ["ASPNETCORE_URLS"] = "http://127.0.0.1:0" },
        });
        const string Beginning = "      Now listening on: ";
        var address = new Uri((await server.WaitForLine(Beginning))[Beginning.Length..]);
        using var client = new HttpClient { BaseAddress = address };
        using var face = new ByteArrayContent(PackedPackages.Face) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } };

        using HttpResponseMessage answer = await client.PostAsync(new Uri("/faces", UriKind.Relative), face, TestContext.Current.CancellationToken);

        Assert.True(answer.IsSuccessStatusCode);
        PackedPackages.AssertScores(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        server.Signal("TERM");
        Assert.Equal(0, (await server.Exit()).ExitCode);
    }

    // A native program is trimmed first, with the same warnings.
    [Fact]
    public async Task Console_PublishedAsNativeProgram_ClassifiesWithoutAWarning()
    {
        Assert.SkipUnless(new[] { "clang", "gcc" }.Any(OnPath), "neither clang nor gcc is here");
        string folder = Path.GetDirectoryName(await Build("console-cs", "net10.0"))!;

        await PackedPackages.Dotnet(Path.GetFullPath(Path.Combine(folder, "../../..")), "publish", "--nologo", "-v", "q",
            "-f", "net10.0", "-r", RuntimeInformation.RuntimeIdentifier, "-p:PublishAot=true", "--self-contained", "-o", Path.Combine(folder, "native"));

        AssertScores(await ProgramProcess.Run(Path.Combine(folder, "native", "app")));
    }

    [Fact]
    public async Task Console_WithAFreshHome_LeavesNothingThereAndTakesALongCommandLine()
    {
        string program = await Build("console-cs", "net8.0");
        string home = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(program)!, "home")).FullName;

        // ONNX Runtime's telemetry keeps its events under HOME, and aborted at command lines of more than 28.9 kB.
        var start = new ProcessStartInfo("dotnet", [program, new string('a', 60_000)]);
        foreach (string variable in new[] { "ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME" })
        {
            start.Environment.Remove(variable);
        }

        start.Environment["HOME"] = home;
        using var run = new ProgramProcess(start);
        AssertScores(await run.Exit());

        Assert.Empty(Directory.EnumerateFileSystemEntries(home, "*", SearchOption.AllDirectories));
    }

    private static void AssertScores((int ExitCode, string Output, string Error) run)
    {
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        PackedPackages.AssertScores(run.Output);
    }

    private static bool OnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    private Task<string> Build(string name, string framework) =>
        packages.Build(nameof(Stranger.ThatClassify), Stranger.ThatClassify, Stranger.ThatClassify.Single(project => project.Name == name), framework);
}
