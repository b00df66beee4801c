using Microsoft.ML.OnnxRuntime;
using System.Text.Json.Nodes;
using MlNetEmotion.Native.Torch;
using MlNetEmotion.Onnx;
using MlNetEmotion.Tests.Native.Torch;
using MlNetEmotion.Tests.Trainer.Data;
using MlNetEmotion.Tests.Trainer.Training;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Export;
using MlNetEmotion.Trainer.Export.Proto;
using MlNetEmotion.Trainer.Network;
using Xunit;
using static MlNetEmotion.Native.Torch.torch.nn;

namespace MlNetEmotion.Tests.Trainer.Export;

[Collection(nameof(TorchCollection))]
public sealed class OnnxExporterTests(ExportedNetworks networks) : IClassFixture<ExportedNetworks>
{
    // None of those that the export itself compares.
    private static readonly FaceDataset Others = SmallNetwork.Faces(5, seed: 9);

    public static TheoryData<string> EveryNetwork => [.. Networks.Names];

    [Theory]
    [MemberData(nameof(EveryNetwork))]
    public void Export_ANetwork_AnswersAsTheNetworkDoes(string name)
    {
        (Module network, string path, _) = networks.Get(name);
        float[] expected = Probabilities(network);
        using var session = OnnxSession.Load(path);
        AssertClose(expected, Run(session, batchSize: 5));
        AssertClose(expected, Run(session, batchSize: 1));

        // The comparison is worth something: no answer is certain, and no two are alike.
        Assert.InRange(expected.Max(), 0.2f, 0.99f);
        Assert.All(Enumerable.Range(1, 4), row => Assert.Contains(Enumerable.Range(0, 7), i => Math.Abs(expected[(row * 7) + i] - expected[i]) > 5e-4));
    }

    [Theory]
    [MemberData(nameof(EveryNetwork))]
    public async Task Rebatch_ToOne_AnswersTheSameInOnnxRuntimeAndInOpenCv(string name)
    {
        (Module network, _, string path) = networks.Get(name);
        float[] expected = Probabilities(network);
        using (var session = OnnxSession.Load(path))
        {
            Assert.Equal([1, 1, 48, 48], session.InputMetadata["image"].Dimensions);
            Assert.Equal([1, 7], session.OutputMetadata["probabilities"].Dimensions);
            AssertClose(expected, Run(session, batchSize: 1));
        }

        AssertClose(expected, await OpenCvDnn.Answers(path, Others));
    }

    [Fact]
    public async Task Export_EveryNetwork_PassesOnnxsFullCheck() => await Python.Run(
        "onnx",
        "import sys, onnx; [onnx.checker.check_model(path, full_check=True) for path in sys.argv[1:]]",
        [.. Networks.Names.Select(networks.Get).SelectMany(exported => new[] { exported.Path, exported.FixedPath })]);

    [Theory]
    [MemberData(nameof(EveryNetwork))]
    public void Export_ANetwork_HoldsToTheContract(string name)
    {
        (Module network, string path, _) = networks.Get(name);
        ModelProto model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        OperatorSetIdProto opset = Assert.Single(model.OpsetImport);
        Assert.Equal("", opset.Domain);
        Assert.InRange(opset.Version, 13, 17);
        Assert.InRange(model.IrVersion, 1, 8);
        Assert.All(model.Graph.Node, node => Assert.Equal("", node.Domain));
        Assert.DoesNotContain("BatchNormalization", model.Graph.Node.Select(node => node.OpType));
        Assert.Equal(model.Graph.Node.Count, model.Graph.Node.Select(node => node.Name).Distinct().Count());
        AssertShape(Assert.Single(model.Graph.Input), "image", "N", 1, 48, 48);
        AssertShape(Assert.Single(model.Graph.Output), "probabilities", "N", 7);
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["labels"] = "Angry,Disgust,Fear,Happy,Sad,Surprise,Neutral",
                ["input"] = "float32 [N, 1, 48, 48], gray (BT.601 luma), 0 to 255",
                ["network"] = name,
                ["training_data"] = "hand-made",
                ["figures"] = """{"validationAccuracy":0.5}""",
                ["version"] = "1.2.3",
            },
            model.MetadataProps.ToDictionary(property => property.Key, property => property.Value));

        // Weights keep the parameters' names.
        IEnumerable<string> weights = network.Parameters().Where(p => p.Shape.Length > 1).Select(p => p.Name);
        Assert.Empty(weights.Except(model.Graph.Initializer.Select(tensor => tensor.Name)));
        using var classifier = new EmotionClassifier(path);
        Assert.Equal(name, classifier.Metadata.Network);
    }

    [Fact]
    public void Export_ANetwork_DescribesItsArchitectureBesideIt()
    {
        JsonNode json = JsonNode.Parse(File.ReadAllText(Path.ChangeExtension(networks.Get("emonet").Path, ".architecture.json")))!;
        Assert.Equal("emonet", (string)json["network"]!);
        Assert.Equal(2_840_863, (long)json["parameters"]!);
        Assert.Equal(7, json["labels"]!.AsArray().Count);
        JsonNode layers = json["layers"]!["children"]!;
        Assert.Equal("""{"type":"Equalize","bins":32,"range":3}""", layers["0"]!.ToJsonString());
        Assert.Equal(
            """{"type":"Conv2d","inChannels":1,"outChannels":32,"kernelSize":3,"stride":1,"padding":1,"bias":false}""", layers["1"]!.ToJsonString());
        Assert.Equal(2, (int)layers["7"]!["children"]!["residual"]!["children"]!["0"]!["stride"]!);
        Assert.Equal("""{"type":"Dropout","probability":0.4}""", layers["15"]!.ToJsonString());
    }

    [Theory]
    [InlineData(1.01f)]
    [InlineData(float.NaN)]
    public void Export_AFileThatWouldAnswerDifferently_LeavesNoFile(float factor)
    {
        var network = new Sequential(new Equalize(), new AvgPool2d(12), new Flatten(), new Linear(16, 7), new Liar(factor));
        network.AssignNames("");
        using var parameters = new FlatParameters(network, new Random(1), DeviceType.CPU);
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Root, "model.onnx");
        Assert.StartsWith($"{path}: not written", Assert.Throws<ModelException>(Export).Message);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Root));

        folder.Write("model.onnx", "an older model");
        Assert.Throws<ModelException>(Export);
        Assert.Equal("an older model", File.ReadAllText(path));
        Assert.Single(Directory.GetFileSystemEntries(folder.Root));

        void Export() => OnnxExporter.Export(path, network, temperature: 1, ExportedNetworks.Metadata, ExportedNetworks.Probe, DeviceType.CPU);
    }

    private static void AssertShape(ValueInfoProto value, string name, params object[] sizes)
    {
        Assert.Equal(name, value.Name);
        Assert.Equal(1, value.Type.TensorType.ElemType);
        Assert.Equal(sizes.Select(size => $"{size}"), value.Type.TensorType.Shape.Dim.Select(dim => dim.DimParam.Length > 0 ? dim.DimParam : $"{dim.DimValue}"));
    }

    // The contract's tolerance.
    private static void AssertClose(float[] expected, float[] found) => Assert.Equal(expected, found, (a, b) => Math.Abs(a - b) <= 1e-4);

    private static float[] Pixels(int first, int count) =>
        [.. Others.Pixels.Slice(first * 2304, count * 2304).ToArray().Select(pixel => (float)pixel)];

    private static float[] Probabilities(Module network)
    {
        network.train(false);
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable noGrad = torch.no_grad();
        Tensor logits = network.forward(torch.tensor(Pixels(0, Others.Count), [Others.Count, 1, 48, 48]));
        return functional.softmax(functional.mul(logits, 1 / ExportedNetworks.Temperature), 1).ToArray();
    }

    private static float[] Run(InferenceSession session, int batchSize)
    {
        var answers = new List<float>();
        using var options = new RunOptions();
        for (int first = 0; first < Others.Count; first += batchSize)
        {
            using var image = OrtValue.CreateTensorValueFromMemory(Pixels(first, batchSize), [batchSize, 1, 48, 48]);
            using var outputs = session.Run(options, ["image"], [image], ["probabilities"]);
            answers.AddRange(outputs[0].GetTensorDataAsSpan<float>());
        }

        return [.. answers];
    }

    /// <summary>Trains as one function and exports another.</summary>
    private sealed class Liar(float factor) : Module
    {
        public override Tensor forward(Tensor x) => x;

        public override string Export(OnnxGraph graph, string input) =>
            graph.Add("Mul", FullName, [input, graph.AddInitializer("factor", [factor], [1])]);
    }
}
