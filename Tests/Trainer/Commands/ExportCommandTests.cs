using MlNetEmotion.Onnx;
using MlNetEmotion.Tests.Packages;
using MlNetEmotion.Tests.Shared;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Commands;

[Collection(nameof(TrainedRun))]
public sealed class ExportCommandTests(TrainedRun run) : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Checkpoint => Path.Combine(run.Output, "best.safetensors");

    private string Model => Path.Combine(run.Output, "emotion.onnx");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Export_ACheckpoint_WritesTheRunsModel()
    {
        string output = Path.Combine(folder.Root, "new", "model.onnx");
        Assert.Equal((0, $"wrote {output}\n", ""), await TrainerProcess.Run("export", "--checkpoint", Checkpoint, "--output", output));
        Assert.Equal(File.ReadAllBytes(Model), File.ReadAllBytes(output));
        Assert.Equal(
            File.ReadAllText(Path.Combine(run.Output, "emotion.architecture.json")),
            File.ReadAllText(Path.Combine(folder.Root, "new", "model.architecture.json")));
    }

    [Fact]
    public async Task Export_ACheckpointOfAGpu_NeedsNone()
    {
        string checkpoint = Path.Combine(folder.Root, "gpu.safetensors"), output = Path.Combine(folder.Root, "model.onnx");
        string header = System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(Checkpoint));
        string changed = header.Replace("device\\u0022:\\u0022auto", "device\\u0022:\\u0022cuda", StringComparison.Ordinal);
        Assert.NotEqual(header, changed);
        File.WriteAllBytes(checkpoint, System.Text.Encoding.Latin1.GetBytes(changed));

        Assert.Equal((0, $"wrote {output}\n", ""), await TrainerProcess.Run("export", "--checkpoint", checkpoint, "--output", output));
        Assert.Equal(File.ReadAllBytes(Model), File.ReadAllBytes(output));
    }

    [Fact]
    public async Task Export_WithABatchSize_FixesItAndBackAgain()
    {
        string ofModel = Path.Combine(folder.Root, "model.onnx"), ofCheckpoint = Path.Combine(folder.Root, "checkpoint.onnx");
        string back = Path.Combine(folder.Root, "back.onnx");
        Assert.Equal(0, (await TrainerProcess.Run("export", "--model", Model, "--batch-size", "1", "--output", ofModel)).ExitCode);
        Assert.Equal(0, (await TrainerProcess.Run("export", "--checkpoint", Checkpoint, "--batch-size", "1", "--output", ofCheckpoint)).ExitCode);
        Assert.Equal(0, (await TrainerProcess.Run("export", "--model", ofModel, "--output", back)).ExitCode);

        using var session = OnnxSession.Load(ofModel);
        Assert.Equal([1, 1, 48, 48], session.InputMetadata["image"].Dimensions);
        Assert.Equal([1, 7], session.OutputMetadata["probabilities"].Dimensions);
        Assert.Equal(File.ReadAllBytes(ofModel), File.ReadAllBytes(ofCheckpoint));
        Assert.Equal(File.ReadAllBytes(Model), File.ReadAllBytes(back));
    }

    [Fact]
    public async Task Export_AModelWithAnotherAnswer_IsUncalibratedAndSaysSo()
    {
        string shipped = Path.Combine(PackedPackages.Repository, "onnx", "emotion.onnx"), output = Path.Combine(folder.Root, "labels.onnx");
        Assert.Equal(
            (0, $"not calibrated: a calibration belongs to one output. Calibrate the file with 'Trainer calibrate'\nwrote {output}\n", ""),
            await CommandRun.Run("export", "--model", shipped, "--answer", "labels", "--output", output));
        using (var session = OnnxSession.Load(output))
        {
            Assert.Equal(["probabilities"], session.OutputNames);
        }

        CommandLineAssert.IsWrongUsage(
            await CommandRun.Run("export", "--model", Model, "--answer", "votes", "--output", Path.Combine(folder.Root, "votes.onnx")), "no network that was trained on votes");
    }

    [Theory]
    [InlineData("", "--checkpoint or --model")]
    [InlineData("--checkpoint a --model b", "--checkpoint or --model")]
    [InlineData("--model nowhere.onnx", "nowhere.onnx")]
    [InlineData("--checkpoint nowhere.safetensors", "nowhere.safetensors")]
    [InlineData("--model a.onnx --batch-size 0", "--batch-size", "at least 1")]
    public async Task Export_WrongUsage_SaysInOneLineWhatToDo(string typed, params string[] expected)
    {
        string[] args = typed.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        CommandLineAssert.IsWrongUsage(await CommandRun.Run(["export", "--output", Path.Combine(folder.Root, "x.onnx"), .. args]), expected);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Root));
    }

    [Fact]
    public async Task Export_WithoutOutput_IsWrongUsage() =>
        CommandLineAssert.IsWrongUsage(await CommandRun.Run("export", "--checkpoint", "a"), "--output");

    [Theory]
    [InlineData("rgb64", "'image' of shape [N, 1, 48, 48]")]
    [InlineData("uint8-input", "float32 'image'")]
    [InlineData("input-name", "'image'")]
    [InlineData("labels8", "'probabilities' of shape [N, 7]")]
    public async Task Export_OfAnotherModel_SaysWhatAnEmotionModelHas(string model, string expected)
    {
        string output = Path.Combine(folder.Root, "x.onnx");
        CommandLineAssert.IsWrongUsage(
            await CommandRun.Run("export", "--model", Fixture.Model(model), "--output", output), Fixture.Model(model) + ": ", expected);
        Assert.False(File.Exists(output));
    }

    // Shapes alone do not make a model ours.
    [Theory]
    [InlineData("no-metadata", "metadata 'labels' is missing")]
    [InlineData("label-order", "metadata 'labels' is 'Happy,")]
    [InlineData("input-range", "metadata 'input' is")]
    public async Task Export_OfAModelThatSaysOtherwise_IsRefused(string model, string expected)
    {
        string output = Path.Combine(folder.Root, "x.onnx");
        CommandLineAssert.IsWrongUsage(
            await CommandRun.Run("export", "--model", Fixture.Model(model), "--output", output), Fixture.Model(model) + ": ", expected, "Trainer adopt");
        Assert.False(File.Exists(output));
    }

    [Fact]
    public async Task Export_OfNoModel_NamesTheFile()
    {
        string empty = folder.Write("empty.onnx", ""), text = folder.Write("text.onnx", "hello");
        string output = Path.Combine(folder.Root, "x.onnx");
        CommandLineAssert.IsWrongUsage(await CommandRun.Run("export", "--model", empty, "--output", output), empty + ": ");
        CommandLineAssert.IsWrongUsage(await CommandRun.Run("export", "--model", text, "--output", output), text + ": not an ONNX file");
    }
}
