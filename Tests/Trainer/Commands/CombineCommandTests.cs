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
    public async Task Combine_AModelWithItsMirrorImages_IsLeftUncalibratedByFewImagesAndSaysSo()
    {
        (int exitCode, string output, string error) = await TrainerProcess.Run("combine", "--model", Model, "--mirror", "--data", run.Data, "--output", Output);
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Equal(
            $"not calibrated: {run.Data}: 14 images, 0 classes with 5 or more, are too few to calibrate on: expected at least 50, and 5 of each of 5 classes. "
                + $"Add validation images\nwrote {Output}\n",
            output);
        using var classifier = new EmotionClassifier(Output);
        Assert.Equal("classic, each face mirrored too", classifier.Metadata.Network);
        double right = 14 * classifier.Metadata.Figures["validationAccuracy"];
        Assert.Equal(Math.Round(right), right, 9);
        Assert.Equal((0.0, 1.0), (classifier.Metadata.Figures["smoothing"], classifier.Metadata.Figures["temperature"]));
        Assert.True(File.Exists(Path.ChangeExtension(Output, ".architecture.json")));
    }

    [Theory]
    [InlineData("", "--model")]
    [InlineData("--model a.onnx", "more than one --model, or one with --mirror")]
    [InlineData("--model nowhere.onnx --mirror", "nowhere.onnx: there is no such file")]
    public async Task Combine_WrongUsage_SaysInOneLineWhatToDo(string typed, string expected)
    {
        string[] args = typed.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        CommandLineAssert.IsWrongUsage(await CommandRun.Run(["combine", "--data", run.Data, "--output", Output, .. args]), expected);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Root));
    }
}
