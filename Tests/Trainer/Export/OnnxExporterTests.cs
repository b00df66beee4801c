using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using MlNetEmotion.Native.Torch;
using MlNetEmotion.OnnxRuntime;
using MlNetEmotion.Tests.Native.Torch;
using MlNetEmotion.Tests.Trainer.Data;
using MlNetEmotion.Tests.Trainer.Network;
using MlNetEmotion.Tests.Trainer.Training;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Export;
using MlNetEmotion.Trainer.Export.Proto;
using MlNetEmotion.Trainer.Network;
using Xunit;
using static MlNetEmotion.Native.Torch.torch.nn;

namespace MlNetEmotion.Tests.Trainer.Export;

/// <summary>Whole networks, with weights and running statistics that are not those of the start.</summary>
[Collection(nameof(TorchCollection))]
public sealed class OnnxExporterTests : IDisposable
{
    private const double Temperature = 3;
    private readonly TemporaryFolder folder = new();
    private readonly FaceDataset probe = SmallNetwork.Faces(7, seed: 1);
    private readonly FaceDataset others = SmallNetwork.Faces(5, seed: 9);

    private string Path => System.IO.Path.Combine(folder.Root, "model.onnx");

    private string FixedPath => System.IO.Path.Combine(folder.Root, "fixed.onnx");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("seed")]
    [InlineData("emonet")]
    public void Export_ANetwork_AnswersAsTheNetworkDoes(string name)
    {
        using FlatParameters parameters = Export(name, out Module network);
        float[] expected = Probabilities(network, others);
        using var session = new InferenceSession(Path);
        AssertClose(expected, Run(session, others, batchSize: 5));
        AssertClose(expected, Run(session, others, batchSize: 1));

        // The comparison is worth something: no answer is certain, and no two are alike.
        Assert.InRange(expected.Max(), 0.2f, 0.99f);
        Assert.True(Enumerable.Range(1, 4).All(row => Math.Abs(expected[row * 7] - expected[0]) > 1e-3));
    }

    [Theory]
    [InlineData("seed")]
    [InlineData("emonet")]
    public async Task Rebatch_ToOne_AnswersTheSameInOnnxRuntimeAndInOpenCv(string name)
    {
        using FlatParameters parameters = Export(name, out Module network);
        OnnxExporter.Rebatch(Path, FixedPath, batchSize: 1, probe);
        float[] expected = Probabilities(network, others);
        using (var session = new InferenceSession(FixedPath))
        {
            Assert.Equal([1, 1, 48, 48], session.Inputs[0].Shape);
            Assert.Equal([1, 7], session.Outputs[0].Shape);
            AssertClose(expected, Run(session, others, batchSize: 1));
        }

        string faces = folder.Write("faces", others.Pixels.ToArray());
        string output = await Python.Run("cv2", """
            import sys, numpy, cv2
            net = cv2.dnn.readNetFromONNX(sys.argv[1])
            for face in numpy.fromfile(sys.argv[2], dtype=numpy.uint8).astype(numpy.float32).reshape(-1, 1, 1, 48, 48):
                net.setInput(face)
                print(*net.forward()[0])
            """, FixedPath, faces);
        AssertClose(expected, [.. output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(p => float.Parse(p, CultureInfo.InvariantCulture))]);
    }

    [Theory]
    [InlineData("seed")]
    [InlineData("emonet")]
    public async Task Export_ANetwork_PassesOnnxsFullCheck(string name)
    {
        using FlatParameters parameters = Export(name, out _);
        OnnxExporter.Rebatch(Path, FixedPath, batchSize: 1, probe);
        await Python.Run("onnx", "import sys, onnx; [onnx.checker.check_model(path, full_check=True) for path in sys.argv[1:]]", Path, FixedPath);
    }

    [Theory]
    [InlineData("seed")]
    [InlineData("emonet")]
    public void Export_ANetwork_HoldsToTheContract(string name)
    {
        using FlatParameters parameters = Export(name, out Module network);
        ModelProto model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Path));
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
        using var classifier = new EmotionClassifier(Path);
        Assert.Equal(name, classifier.Metadata.Network);
    }

    [Fact]
    public void Export_ANetwork_DescribesItsArchitectureBesideIt()
    {
        using FlatParameters parameters = Export("emonet", out _);
        JsonNode json = JsonNode.Parse(File.ReadAllText(System.IO.Path.Combine(folder.Root, "model.architecture.json")))!;
        Assert.Equal("emonet", (string)json["network"]!);
        Assert.Equal(2_840_863, (long)json["parameters"]!);
        Assert.Equal(7, json["labels"]!.AsArray().Count);
        JsonNode layers = json["layers"]!["children"]!;
        Assert.Equal("""{"type":"Normalize","mean":129,"standardDeviation":65}""", layers["0"]!.ToJsonString());
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
        var network = new Sequential(new Normalize(129, 65), new AvgPool2d(12), new Flatten(), new Linear(16, 7), new Liar(factor));
        network.AssignNames("");
        using var parameters = new FlatParameters(network, new Random(1), DeviceType.CPU);
        ModelException error = Assert.Throws<ModelException>(() => Write(network, "liar"));
        Assert.StartsWith($"{Path}: not written", error.Message);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Root));

        folder.Write("model.onnx", "an older model");
        Assert.Throws<ModelException>(() => Write(network, "liar"));
        Assert.Equal("an older model", File.ReadAllText(Path));
        Assert.Single(Directory.GetFileSystemEntries(folder.Root));
    }

    private static void AssertShape(ValueInfoProto value, string name, params object[] sizes)
    {
        Assert.Equal(name, value.Name);
        Assert.Equal(1, value.Type.TensorType.ElemType);
        Assert.Equal(sizes.Select(size => $"{size}"), value.Type.TensorType.Shape.Dim.Select(dim => dim.DimParam.Length > 0 ? dim.DimParam : $"{dim.DimValue}"));
    }

    // The contract's tolerance.
    private static void AssertClose(float[] expected, float[] found) => Assert.Equal(expected, found, (a, b) => Math.Abs(a - b) <= 1e-4);

    private static float[] Pixels(FaceDataset faces, int first, int count) =>
        [.. faces.Pixels.Slice(first * 2304, count * 2304).ToArray().Select(pixel => (float)pixel)];

    private static float[] Probabilities(Module network, FaceDataset faces)
    {
        network.train(false);
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable noGrad = torch.no_grad();
        Tensor logits = network.forward(torch.tensor(Pixels(faces, 0, faces.Count), [faces.Count, 1, 48, 48]));
        return functional.softmax(functional.mul(logits, 1 / Temperature), 1).ToArray();
    }

    private static float[] Run(InferenceSession session, FaceDataset faces, int batchSize) =>
    [
        .. Enumerable.Range(0, faces.Count / batchSize).SelectMany(batch => MemoryMarshal.ToEnumerable(session.Run(
            new FloatTensor("image", Pixels(faces, batch * batchSize, batchSize), [batchSize, 1, 48, 48]))[0].Values)),
    ];

    private FlatParameters Export(string name, out Module network)
    {
        network = Networks.Create(name);
        var parameters = new FlatParameters(network, new Random(1), DeviceType.CPU);
        RandomParameters.Fill(parameters, new Random(2), shift: 0.5f);
        Write(network, name);
        return parameters;
    }

    private void Write(Module network, string name) => OnnxExporter.Export(
        Path,
        network,
        Temperature,
        new ModelMetadata
        {
            Network = name, TrainingData = "hand-made", Version = "1.2.3", Figures = new Dictionary<string, double> { ["validationAccuracy"] = 0.5 },
        },
        probe,
        DeviceType.CPU);

    /// <summary>Trains as one function and exports another.</summary>
    private sealed class Liar(float factor) : Module
    {
        public override Tensor forward(Tensor x) => x;

        public override string Export(OnnxGraph graph, string input) =>
            graph.Add("Mul", FullName, [input, graph.AddInitializer("factor", [factor], [1])]);
    }
}
