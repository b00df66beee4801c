using Microsoft.ML.OnnxRuntime;
using System.Text.Json.Nodes;
using Google.Protobuf;
using MlNetEmotion.Onnx;
using MlNetEmotion.Tests.Shared;
using MlNetEmotion.Tests.Trainer.Training;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Export;
using MlNetEmotion.Trainer.Export.Proto;
using MlNetEmotion.Trainer.Network;
using Xunit;
using static TorchSharp.torch;
using Linear = MlNetEmotion.Trainer.Network.Linear;

namespace MlNetEmotion.Tests.Trainer.Export;

public sealed class OnnxExporterTests(ExportedNetworks networks)
{
    // None of those that the export itself compares.
    private static readonly FaceDataset Others = SmallNetwork.Faces(5, seed: 9);

    public static TheoryData<string> EveryNetwork => [.. Networks.Names];

    [Theory]
    [MemberData(nameof(EveryNetwork))]
    public void Export_ANetwork_AnswersAsTheNetworkDoes(string name)
    {
        (EmotionNetwork network, string path, _) = networks.Get(name);
        float[] expected = Probabilities(network);
        using var session = OnnxSession.Load(path);
        AssertClose(expected, Run(session, batchSize: 5));
        AssertClose(expected, Run(session, batchSize: 1));

        // The comparison is worth something: no answer is certain, and no two are alike.
        Assert.InRange(expected.Max(), 0.18f, 0.99f);
        Assert.All(Enumerable.Range(1, 4), row => Assert.Contains(Enumerable.Range(0, 7), i => Math.Abs(expected[(row * 7) + i] - expected[i]) > 5e-4));
    }

    [Theory]
    [MemberData(nameof(EveryNetwork))]
    [Trait("Speed", "slow")]
    public async Task Rebatch_ToOne_AnswersTheSameInOnnxRuntimeAndInOpenCv(string name)
    {
        (EmotionNetwork network, _, string path) = networks.Get(name);
        float[] expected = Probabilities(network);
        using (var session = OnnxSession.Load(path))
        {
            Assert.Equal([1, 1, 48, 48], session.InputMetadata["image"].Dimensions);
            Assert.Equal([1, 7], session.OutputMetadata["probabilities"].Dimensions);
            AssertClose(expected, Run(session, batchSize: 1));
        }

        AssertClose(expected, await OpenCvDnn.Answers(path, Others));
    }

    // Loaded first: given a path, the full check writes the shapes that it infers into the file, which other tests read meanwhile.
    [Fact]
    public async Task Export_EveryNetwork_PassesOnnxsFullCheck() => await Python.Run(
        "onnx",
        "import sys, onnx; [onnx.checker.check_model(onnx.load(path), full_check=True) for path in sys.argv[1:]]",
        [.. Networks.Names.Select(networks.Get).SelectMany(exported => new[] { exported.Path, exported.FixedPath })]);

    [Theory]
    [MemberData(nameof(EveryNetwork))]
    public void Export_ANetwork_HoldsToTheContract(string name)
    {
        (EmotionNetwork network, string path, _) = networks.Get(name);
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
        IEnumerable<string> weights = network.named_parameters().Where(p => p.parameter.ndim > 1).Select(p => p.name);
        Assert.Empty(weights.Except(model.Graph.Initializer.Select(tensor => tensor.Name)));
        using var classifier = new EmotionClassifier(path);
        Assert.Equal(name, classifier.Metadata.Network);
    }

    [Fact]
    public void Architecture_OfANetwork_DescribesItsLayers()
    {
        JsonNode json = JsonNode.Parse(MlNetEmotion.Trainer.Export.Architecture.ToJson(networks.Get("emonet").Network))!;
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
    public void ToOnnx_OfAFileThatWouldAnswerDifferently_IsRefused(float factor)
    {
        using var network = new EmotionNetwork("liar", new HistogramEqualization(), nn.AvgPool2d(12), nn.Flatten(), new Linear(16, 7), nn.Dropout());
        Networks.Initialize(network, seed: 1);
        network.modules().OfType<Linear>().Single().register_forward_hook((_, _, y) => y * factor);
        Assert.StartsWith("model.onnx: not written", Assert.Throws<ModelException>(() =>
            OnnxExporter.ToOnnx(network, Calibration.None, ExportedNetworks.Metadata, ExportedNetworks.Probe, "model.onnx")).Message);
    }

    [Fact]
    public void ToOnnx_OfTheShippedModelsWeights_AnswersAsItDoes()
    {
        using Stream resource = typeof(EmotionClassifier).Assembly.GetManifestResourceStream("emotion.onnx")!;
        var shipped = new byte[resource.Length];
        resource.ReadExactly(shipped);
        using var file = new TemporaryFile(shipped);
        ModelMetadata metadata = OnnxCalibration.Metadata(OnnxExporter.Parse(shipped, file.Path), file.Path);
        using EmotionNetwork network = Networks.Create(metadata.Network, votes: true);
        OnnxWeights weights = OnnxWeights.Of(file.Path, metadata.Network);
        weights.CopyTo(network);
        var calibration = new Calibration(metadata.Figures["smoothing"], metadata.Figures["temperature"]);
        byte[] again = OnnxExporter.ToOnnx(network, calibration, metadata, Others, "again.onnx", OutputHead.Votes, weights.LabelCalibration);
        string[] outputs = [EmotionModel.OutputName, EmotionModel.LabelsOutputName];
        Assert.All(
            Parity.OfModel(shipped, file.Path, Others, outputs).Zip(Parity.OfModel(again, "again.onnx", Others, outputs)), output => AssertClose(output.First, output.Second));
    }

    [Fact]
    public void CopyTo_AFileOfAnotherVersion_NamesWhatIsMissing()
    {
        string path = networks.Get("emonet-small").Path;
        ModelProto model = OnnxExporter.Parse(File.ReadAllBytes(path), path);
        model.Graph.Initializer.Remove(model.Graph.Initializer.Single(tensor => tensor.Name == "0.missing.bias"));
        using var file = new TemporaryFile(model.ToByteArray());
        using EmotionNetwork network = Networks.Create("emonet-small");
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => OnnxWeights.Of(file.Path, "emonet-small").CopyTo(network));
        Assert.Equal($"{file.Path}: no '0.missing.bias' of 32 numbers; its 'emonet-small' is of another version of Trainer", error.Message);
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

    private static float[] Probabilities(EmotionNetwork network) =>
        new Calibration(0, ExportedNetworks.Temperature).Apply(network.Probabilities(Others));

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
}
