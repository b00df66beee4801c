using System.Text.Json.Nodes;
using Google.Protobuf;
using MlNetEmotion.Tests.Shared;
using MlNetEmotion.Tests.Trainer.Data;
using MlNetEmotion.Tests.Trainer.Training;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Export;
using MlNetEmotion.Trainer.Export.Proto;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Export;

public sealed class OnnxEnsembleTests(ExportedNetworks networks) : IDisposable
{
    // None of those that the writing itself compares.
    private static readonly FaceDataset Faces = SmallNetwork.Faces(5, seed: 9);

    private readonly TemporaryFolder folder = new();

    private string Output => Path.Combine(folder.Root, "combined.onnx");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(false, "emonet", "emonet-small")]
    [InlineData(true, "emonet", "emonet-small")]
    [InlineData(true, "emonet-small")]
    public void Combine_Networks_AnswersWithTheMeanOfTheirProbabilities(bool mirror, params string[] names)
    {
        Write(mirror, names);
        FaceDataset[] views = mirror ? [Faces, Mirrored()] : [Faces];
        float[][] answers = [.. names.SelectMany(name => views.Select(view => networks.Get(name).Network.Probabilities(view)))];
        float[] expected = [.. Enumerable.Range(0, Faces.Count * 7).Select(i => answers.Average(answer => answer[i]))];
        AssertClose(expected, Parity.OfModel(File.ReadAllBytes(Output), Output, Faces));

        // Each member, and each view, changes something.
        Assert.All(answers, answer => Assert.Contains(expected.Zip(answer), pair => Math.Abs(pair.First - pair.Second) > 0.001));
    }

    [Fact]
    public async Task Rebatch_ToOne_AnswersTheSameInOpenCv()
    {
        Write(mirror: true, "emonet", "emonet-small");
        string one = Path.Combine(folder.Root, "one.onnx");
        File.WriteAllBytes(one, OnnxExporter.Rebatch(File.ReadAllBytes(Output), one, batchSize: 1, ExportedNetworks.Probe));
        AssertClose(Parity.OfModel(File.ReadAllBytes(Output), Output, Faces), await OpenCvDnn.Answers(one, Faces));
    }

    [Fact]
    public async Task Combine_Networks_PassesOnnxsFullCheck()
    {
        Write(mirror: true, "classic", "emonet-small");
        await Python.Run("onnx", "import sys, onnx; onnx.checker.check_model(onnx.load(sys.argv[1]), full_check=True)", Output);
    }

    [Fact]
    public void Combine_Networks_DescribesThem()
    {
        string architecture = Write(mirror: true, "classic", "emonet-small");
        using (var classifier = new EmotionClassifier(Output))
        {
            Assert.Equal("classic + emonet-small, each face mirrored too", classifier.Metadata.Network);
            Assert.Equal("hand-made", classifier.Metadata.TrainingData);
        }

        JsonNode json = JsonNode.Parse(architecture)!;
        Assert.Equal(1_245_671 + 902_395, (long)json["parameters"]!);
        Assert.Equal(2, json["members"]!.AsArray().Count);
    }

    [Fact]
    public void Combine_ModelsOfOtherOrigin_IsRefused()
    {
        var foreign = Assert.Throws<ModelException>(() => OnnxEnsemble.Combine([Fixture.Model("tiny"), Fixture.Model("tiny")], mirror: false, Faces, Output));
        Assert.Contains("tiny.onnx", foreign.Message);

        Write(mirror: false, "classic", "emonet-small");
        var combined = Assert.Throws<ModelException>(() => OnnxEnsemble.Combine([Output, networks.Get("classic").Path], mirror: false, Faces, Output));
        Assert.Contains("its network is 'classic + emonet-small'", combined.Message);
    }

    private static FaceDataset Mirrored() => FaceDataset.Load(MemoryFaces.View([.. Enumerable.Range(0, Faces.Count).Select(i =>
        (Faces.Labels[i], Faces.Face(i).ToArray().Chunk(48).SelectMany(row => row.Reverse()).ToArray()))]));

    private static void AssertClose(float[] expected, float[] found) => Assert.Equal(expected, found, (a, b) => Math.Abs(a - b) <= 1e-4);

    private string Write(bool mirror, params string[] names)
    {
        (ModelProto model, string architecture) = OnnxEnsemble.Combine([.. names.Select(name => networks.Get(name).Path)], mirror, ExportedNetworks.Probe, Output);
        File.WriteAllBytes(Output, model.ToByteArray());
        return architecture;
    }
}
