using System.Text.Json.Nodes;
using MlNetEmotion.Native.Torch;
using MlNetEmotion.Onnx;
using MlNetEmotion.Tests.Native.Torch;
using MlNetEmotion.Tests.Shared;
using MlNetEmotion.Tests.Trainer.Data;
using MlNetEmotion.Tests.Trainer.Training;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Export;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Export;

[Collection(nameof(TorchCollection))]
public sealed class OnnxEnsembleTests(ExportedNetworks networks) : IClassFixture<ExportedNetworks>, IDisposable
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
    public void Write_Networks_AnswersWithTheMeanOfTheirProbabilities(bool mirror, params string[] names)
    {
        Write(mirror, names);
        FaceDataset[] views = mirror ? [Faces, Mirrored()] : [Faces];
        float[][] answers = [.. names.SelectMany(name => views.Select(view => Parity.OfNetwork(networks.Get(name).Network, temperature: 1, view, DeviceType.CPU)))];
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
        OnnxExporter.Rebatch(Output, one, batchSize: 1, ExportedNetworks.Probe);
        AssertClose(Parity.OfModel(File.ReadAllBytes(Output), Output, Faces), await OpenCvDnn.Answers(one, Faces));
    }

    [Fact]
    public async Task Write_Networks_PassesOnnxsFullCheck()
    {
        Write(mirror: true, "seed", "emonet-small");
        await Python.Run("onnx", "import sys, onnx; onnx.checker.check_model(sys.argv[1], full_check=True)", Output);
    }

    [Fact]
    public void Write_Networks_DescribesThemInTheFileAndBesideIt()
    {
        Write(mirror: true, "seed", "emonet-small");
        using (var classifier = new EmotionClassifier(Output))
        {
            Assert.Equal("seed + emonet-small, each face mirrored too", classifier.Metadata.Network);
            Assert.Equal("hand-made", classifier.Metadata.TrainingData);
        }

        JsonNode json = JsonNode.Parse(File.ReadAllText(Path.ChangeExtension(Output, ".architecture.json")))!;
        Assert.Equal(1_245_671 + 902_395, (long)json["parameters"]!);
        Assert.Equal(2, json["members"]!.AsArray().Count);
    }

    [Fact]
    public void Write_ModelsOfOtherOrigin_IsRefused()
    {
        var foreign = Assert.Throws<ModelException>(() => OnnxEnsemble.Write([Fixture.Model("tiny"), Fixture.Model("tiny")], Output, mirror: false, Faces));
        Assert.Contains("tiny.onnx", foreign.Message);

        Write(mirror: false, "seed", "emonet-small");
        string twice = Path.Combine(folder.Root, "twice.onnx");
        var combined = Assert.Throws<ModelException>(() => OnnxEnsemble.Write([Output, networks.Get("seed").Path], twice, mirror: false, Faces));
        Assert.Contains("its network is 'seed + emonet-small'", combined.Message);
        Assert.False(File.Exists(twice));
    }

    private static FaceDataset Mirrored() => FaceDataset.Load(MemoryFaces.View([.. Enumerable.Range(0, Faces.Count).Select(i =>
        (Faces.Labels[i], Faces.Face(i).ToArray().Chunk(48).SelectMany(row => row.Reverse()).ToArray()))]));

    private static void AssertClose(float[] expected, float[] found) => Assert.Equal(expected, found, (a, b) => Math.Abs(a - b) <= 1e-4);

    private void Write(bool mirror, params string[] names) =>
        OnnxEnsemble.Write([.. names.Select(name => networks.Get(name).Path)], Output, mirror, ExportedNetworks.Probe);
}
