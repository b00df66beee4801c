using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Commands;

[Collection(nameof(TrainedRun))]
public sealed class CombineCommandTests(TrainedRun run) : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Model => Path.Combine(run.Output, "emotion.onnx");

    private string Output => Path.Combine(folder.Root, "new", "combined.onnx");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Combine_AModelWithItsMirrorImages_WritesACalibratedModel()
    {
        (int exitCode, string output, string error) = await TrainerProcess.Run("combine", "--model", Model, "--mirror", "--data", run.Data, "--output", Output);
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Matches($"^smoothing 0[.][0-9]+, temperature [0-9.]+, fitted on 14 images\n(.*\n)?wrote {Output}\n$", output);
        using var classifier = new EmotionClassifier(Output);
        Assert.Equal("classic, each face mirrored too", classifier.Metadata.Network);
        double right = 14 * classifier.Metadata.Figures["validationAccuracy"];
        Assert.Equal(Math.Round(right), right, 9);
        Assert.Contains("temperature", classifier.Metadata.Figures);
        Assert.True(File.Exists(Path.ChangeExtension(Output, ".architecture.json")));
    }

    [Theory]
    [InlineData("", "--model")]
    [InlineData("--model a.onnx", "more than one --model, or one with --mirror")]
    [InlineData("--model nowhere.onnx --mirror", "nowhere.onnx: there is no such file")]
    public async Task Combine_WrongUsage_SaysInOneLineWhatToDo(string typed, string expected)
    {
        string[] args = typed.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        CommandLineAssert.IsWrongUsage(await TrainerProcess.Run(["combine", "--data", run.Data, "--output", Output, .. args]), expected);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Root));
    }
}
