using System.Diagnostics;
using System.Runtime.InteropServices;
using Xunit;

namespace MlNetEmotion.Tests.Packages;

/// <summary>Strangers' projects with ML.NET and with training, built from the packages and run.</summary>
[Trait("Speed", "slow")]
[Collection(nameof(PackedPackages))]
public sealed class TrainingPackageTests(PackedPackages packages)
{
    private static readonly string System = RuntimeInformation.RuntimeIdentifier;

    [Theory]
    [InlineData("net8.0")]
    [InlineData("net10.0")]
    public async Task Pipeline_InAStrangersProject_ScoresAsTheClassifier(string framework)
    {
        (int exitCode, string output, string error) = await ProgramProcess.Run("dotnet", await Build("pipeline", framework));

        Assert.Equal((0, ""), (exitCode, error));
        PackedPackages.AssertScores(output);
    }

    // On Debian 12, too, whose libstdc++ is too old for TorchSharp's library as it is.
    [Fact]
    public async Task Training_InAStrangersProject_TrainsAndWritesTheModel()
    {
        string program = await Build("training", "net10.0");

        (int exitCode, string output, string error) = await RunIn(Path.GetDirectoryName(program)!, "dotnet", program);

        Assert.Equal((0, "", "7\n"), (exitCode, error, output));
        using var classifier = new EmotionClassifier(Path.Combine(Path.GetDirectoryName(program)!, "emotion.onnx"));
        Assert.NotNull(classifier);
    }

    [Fact]
    public async Task Build_WithoutARuntimeIdentifier_HasLibtorchOfThisSystemAlone()
    {
        string program = await Build("training", "net10.0");

        string[] systems = ["linux-x64", "win-x64", "osx-arm64"];
        Assert.SkipUnless(systems.Contains(System), $"there is no libtorch for {System}");
        Assert.Equal([System], systems.Where(system => Directory.EnumerateFiles(Path.Combine(Path.GetDirectoryName(program)!, "runtimes", system, "native"), "*torch_cpu*").Any()));
    }

    [Fact]
    public async Task Build_ForASystemWithoutLibtorch_IsRefused()
    {
        string folder = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(await Build("training", "net10.0"))!, "../../.."));

        (int exitCode, string output) = await PackedPackages.TryDotnet(folder, "build", "--nologo", "--no-dependencies", "-p:RuntimeIdentifier=linux-arm64", "-p:SelfContained=false", "-p:UseAppHost=false");

        Assert.Equal(1, exitCode);
        Assert.Contains("error MLNETEMOTION002: there is no libtorch for linux-arm64: training runs on linux-x64 (with glibc), win-x64 and osx-arm64.", output, StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunIn(string folder, params string[] command)
    {
        using var run = new ProgramProcess(new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = folder });
        return await run.Exit(PackedPackages.Patience);
    }

    private Task<string> Build(string name, string framework) =>
        packages.Build(nameof(Stranger.WithMlNet), Stranger.WithMlNet, Stranger.WithMlNet.Single(project => project.Name == name), framework);
}
