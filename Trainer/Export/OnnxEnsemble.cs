using Google.Protobuf;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Export.Proto;
using MlNetEmotion.Trainer.Network;

namespace MlNetEmotion.Trainer.Export;

/// <summary>
/// Combines several models in one file that outputs the mean of their probabilities: separately trained networks make different errors (Hansen and
/// Salamon 1990, https://doi.org/10.1109/34.58871). Each face can also be scored mirrored.
/// </summary>
internal static class OnnxEnsemble
{
    private const string Plus = " + ";
    private const string Mirrors = ", each face mirrored too";

    /// <summary>Returns the names of the networks in a model, one per combined network.</summary>
    public static string[] Members(ModelMetadata metadata) => metadata.Network.Replace(Mirrors, "", StringComparison.Ordinal).Split(Plus);

    /// <summary>Returns a network's current name; throws if it is not one of Trainer's.</summary>
    public static string Known(string network, string path) => Networks.Find(network)
        ?? throw new ModelException($"{path}: its network is '{network}', expected one of {string.Join(", ", Networks.Names)}; name a file that 'train' or 'export' wrote");

    /// <summary>Returns the prefix of a member's nodes and weights; places count from 0.</summary>
    public static string Prefix(int place) => $"member{place + 1}.";

    /// <summary>Combines models in one without a calibration, since those of its members don't fit their mean.</summary>
    /// <returns>The model, and its networks' layers as JSON.</returns>
    public static (ModelProto Model, string Architecture) Combine(IReadOnlyList<string> members, bool mirror, FaceDataset faces, string name)
    {
        ModelProto[] models = [.. members.Select(member => OnnxCalibration.With(OnnxExporter.Parse(File.ReadAllBytes(member), member), Calibration.None, member, OnnxCalibration.Main))];
        ModelMetadata[] descriptions = [.. models.Zip(members, OnnxCalibration.Metadata)];
        EmotionNetwork[] networks = [.. descriptions.Zip(members, (description, member) => Networks.Create(Known(description.Network, member)))];
        try
        {
            var metadata = new ModelMetadata
            {
                Network = string.Join(Plus, networks.Select(network => network.Name)) + (mirror ? Mirrors : ""),
                TrainingData = string.Join("; ", descriptions.Select(description => description.TrainingData).Distinct(StringComparer.Ordinal)),
                Version = ProductVersion.Current,
            };

            ModelProto combined = Build(models, mirror, metadata);
            FaceDataset probe = Parity.Probe(faces);
            Parity.Require(Mean(models, members, mirror ? [probe, Mirrored(probe)] : [probe]), Parity.OfModel(combined.ToByteArray(), name, probe), name);
            return (combined, Architecture.ToJson(metadata.Network, networks));
        }
        finally
        {
            Array.ForEach(networks, network => network.Dispose());
        }
    }

    private static ModelProto Build(ModelProto[] models, bool mirror, ModelMetadata metadata)
    {
        var graph = new OnnxGraph();
        string faces = mirror ? AddMirrored(graph, EmotionModel.InputName) : EmotionModel.InputName;
        string[] outputs = [.. models.Select((model, i) => graph.Append(model.Graph, Prefix(i), faces))];
        string sum = outputs.Aggregate((left, right) => graph.Add("Add", $"{right}.sum", [left, right]));
        if (mirror)
        {
            string pairs = graph.Add("Reshape", "views", [sum, graph.AddInitializer("views.shape", [2, -1, Emotions.Count])]);
            sum = graph.Add("ReduceMean", "views.mean", [pairs], [OnnxGraph.Ints("axes", 0), OnnxGraph.Int("keepdims", 0)]);
        }

        string mean = graph.Add("Mul", "mean", [sum, graph.AddInitializer("mean.weight", [1f / models.Length], [1])]);
        return graph.ToEmotionModel(OnnxCalibration.Add(graph, graph.Add("Log", "logits", [mean]), Calibration.None, OnnxCalibration.Main), metadata);
    }

    // [N, 1, 48, 48] → [2 N, 1, 48, 48]. Multiplying by a matrix of ones on the antidiagonal is exact, and unlike other ways to reverse columns it is
    // supported by OpenCV's DNN module.
    private static string AddMirrored(OnnxGraph graph, string faces)
    {
        const int Size = FacePreprocessor.Size;
        var exchange = new float[Size * Size];
        for (int i = 0; i < Size; i++)
        {
            exchange[(i * Size) + Size - 1 - i] = 1;
        }

        string mirrored = graph.Add("MatMul", "mirrored", [faces, graph.AddInitializer("mirrored.exchange", exchange, [Size, Size])]);
        return graph.Add("Concat", "faces", [faces, mirrored], [OnnxGraph.Int("axis", 0)]);
    }

    private static float[] Mean(ModelProto[] models, IReadOnlyList<string> names, FaceDataset[] views)
    {
        float[][] outputs =
        [
            .. models.Zip(names).SelectMany(member => views.Select(view => Parity.OfModel(member.First.ToByteArray(), member.Second, view))),
        ];
        return [.. Enumerable.Range(0, outputs[0].Length).Select(i => outputs.Average(output => output[i]))];
    }

    private static FaceDataset Mirrored(FaceDataset faces)
    {
        var pixels = new byte[faces.Pixels.Length];
        TestTimeAugmentation.Mirror(faces.Pixels.Span, pixels);
        return faces.WithPixels(pixels);
    }
}
