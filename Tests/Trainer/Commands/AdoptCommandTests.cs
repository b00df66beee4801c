using Google.Protobuf;
using MlNetEmotion.Tests.Shared;
using MlNetEmotion.Tests.Trainer.Data;
using MlNetEmotion.Trainer.Export;
using MlNetEmotion.Trainer.Export.Proto;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Commands;

public sealed class AdoptCommandTests : IDisposable
{
    private const string Order = "happy,sad,angry,fear,neutral,surprise,disgust";

    private readonly TemporaryFolder folder = new();

    private string Output => Path.Combine(folder.Root, "adopted.onnx");

    public void Dispose() => folder.Dispose();

    /// <summary>A model as Keras has them, NHWC and of three channels, whose answer number i is one pixel: of row i, column 2 i, channel i mod 3.</summary>
    [Fact]
    public async Task Adopt_KerasModelOfLogits_AnswersInOurOrder()
    {
        string keras = Pixels("keras.onnx", [-1, 48, 48, 3], i => (((i * 48) + (2 * i)) * 3) + (i % 3));
        await Adopt("--model", keras, "--labels", Order, "--mean", "100,110,120", "--scale", "1/64");

        // Row i has the gray 100 + 16 i: (100 + 16 i − 100 − 10 (i mod 3)) / 64, i = 0 being what the model calls happy.
        byte[] face = [.. Enumerable.Range(0, 2304).Select(p => (byte)Math.Min(100 + (16 * (p / 48)), 255))];
        double[] powers = [.. Enumerable.Range(0, 7).Select(i => Math.Exp(((16 * i) - (10 * (i % 3))) / 64.0))];
        int[] places = [2, 6, 3, 0, 1, 5, 4];    // angry, disgust, ... in the model's order
        AssertAnswers([.. places.Select(place => powers[place] / powers.Sum())], face);
    }

    [Fact]
    public async Task Adopt_PyTorchModelOfAnotherSize_ResizesWithinTheGraph()
    {
        // Of four pixels across, 2 i - 1 to 2 i + 2, pixel i is 1/8, 3/8, 3/8 and 1/8: where those are 5 x, it is 5 (2 i + 1/2). The same down.
        string small = Pixels("small.onnx", [1, 1, 24, 24], i => (5 * 24) + 5 + i);
        await Adopt("--model", small, "--labels", "angry,disgust,fear,happy,sad,surprise,neutral", "--scale", "0.05");

        byte[] face = [.. Enumerable.Range(0, 2304).Select(p => (byte)(5 * (p % 48)))];
        double[] powers = [.. Enumerable.Range(0, 7).Select(i => Math.Exp(0.05 * 5 * ((2 * (5 + i)) + 0.5)))];
        AssertAnswers([.. powers.Select(power => power / powers.Sum())], face);
    }

    [Fact]
    public async Task Adopt_ModelWithASoftmaxAndAnEighthClass_SharesTheRest()
    {
        // The fixture has eight classes, of which the last is left out here; it says e^1 for its fourth and e^-1 for its sixth, in a face whose mean is 100.
        await Adopt("--model", Fixture.Model("labels8"), "--labels", $"{Order},none");

        double all = 5 + Math.E + (1 / Math.E);
        AssertAnswers([1 / all, 1 / all, Math.E / all, 1 / all, 1 / all, 1 / Math.E / all, 1 / all], [.. Enumerable.Range(0, 2304).Select(i => (byte)(i % 2 == 0 ? 50 : 150))]);
    }

    [Fact]
    public async Task Adopt_AModel_CanBeCalibratedAndExported()
    {
        string adopted = Output;
        await Adopt("--model", Fixture.Model("rgb64"), "--labels", Order);
        foreach (string label in new[] { "happy", "sad", "angry", "fear", "neutral" })
        {
            Enumerable.Range(0, 10).ToList().ForEach(i => folder.WritePgm($"data/{label}/{i}.pgm", TemporaryFolder.Face((byte)i)));
        }

        string calibrated = Path.Combine(folder.Root, "calibrated.onnx"), exported = Path.Combine(folder.Root, "exported.onnx");
        Assert.Equal(0, (await TrainerProcess.Run("calibrate", "--model", adopted, "--data", Path.Combine(folder.Root, "data"), "--output", calibrated)).ExitCode);
        Assert.Equal(0, (await TrainerProcess.Run("export", "--model", calibrated, "--batch-size", "1", "--output", exported)).ExitCode);
        using var classifier = new EmotionClassifier(exported);
        Assert.Equal("adopted rgb64.onnx", classifier.Metadata.Network);
    }

    [Theory]
    [InlineData("tiny", "happy,sad", "--labels 'happy,sad': expected each of Angry, Disgust,")]
    [InlineData("tiny", "happy,sad,angry,fear,neutral,surprise,digust", "'digust'")]
    [InlineData("labels8", Order, "8 values for a face, expected 7, as many as '--labels' names")]
    [InlineData("two-in-two-out", Order, "2 inputs and 2 outputs, expected one image")]
    [InlineData("uint8-input", Order, "input 'image' of UInt8 [-1, 1, 48, 48], expected Float")]
    [InlineData("batch4", Order, "[4, 1, 48, 48], expected")]
    [InlineData("tiny", Order, "--scale 1/0", "--scale", "1/0")]
    [InlineData("tiny", Order, "a mean or scale of 2 numbers", "--mean", "0,5")]
    [InlineData("tiny", Order, "'--layout'", "--layout", "nhwc")]
    [InlineData("tiny", Order, "'--size'", "--size", "64")]
    public async Task Adopt_WhatCannotBe_SaysWhatIsExpected(string model, string labels, string expected, params string[] more)
    {
        CommandLineAssert.IsWrongUsage(
            await CommandRun.Run(["adopt", "--model", Fixture.Model(model), "--labels", labels, "--output", Output, .. more]), expected);
        Assert.False(File.Exists(Output));
    }

    private async Task Adopt(params string[] args)
    {
        (int exitCode, string output, string error) = await CommandRun.Run(["adopt", "--output", Output, .. args]);
        Assert.Equal(("", 0), (error, exitCode));
        Assert.StartsWith($"wrote {Output}", output);
    }

    private void AssertAnswers(double[] expected, byte[] face)
    {
        using var classifier = new EmotionClassifier(Output);
        var found = new EmotionScores[2];
        classifier.ClassifyBatch([.. face, .. face], found);
        Assert.All(found, scores => Assert.All(Enum.GetValues<Emotion>(), emotion => Assert.Equal(expected[(int)emotion], scores[emotion], 1e-5)));
    }

    // Flatten, then one pixel for each answer.
    private string Pixels(string name, long[] shape, Func<int, int> place)
    {
        var graph = new OnnxGraph();
        string flat = graph.Add("Flatten", "flat", ["input_1"]);
        string pixels = graph.Add("Gather", "pixels", [flat, graph.AddInitializer("places", [.. Enumerable.Range(0, 7).Select(i => (long)place(i))])], [OnnxGraph.Int("axis", 1)]);
        ModelProto model = graph.ToModel(("input_1", shape), pixels, ("dense", [shape[0], 7]));
        return folder.Write(name, model.ToByteArray());
    }
}
