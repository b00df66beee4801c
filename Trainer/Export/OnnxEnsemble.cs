using Google.Protobuf;
using MlNetEmotion.Imaging;
using MlNetEmotion.Onnx;
using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Export.Proto;
using MlNetEmotion.Trainer.Network;

namespace MlNetEmotion.Trainer.Export;

/// <summary>
/// Several models as one file, which answers with the mean of their probabilities: networks that were trained apart err apart
/// (Hansen and Salamon 1990, https://doi.org/10.1109/34.58871). They can see each face mirrored too.
/// </summary>
internal static class OnnxEnsemble
{
    private const string Plus = " + ";
    private const string Mirrors = ", each face mirrored too";

    /// <summary>The networks that a model holds, as many as were combined.</summary>
    /// <param name="metadata">What it says of itself.</param>
    public static string[] Members(ModelMetadata metadata) => metadata.Network.Replace(Mirrors, "", StringComparison.Ordinal).Split(Plus);

    /// <summary>Refuses a network that is none of Trainer's.</summary>
    /// <param name="network">Its name.</param>
    /// <param name="path">What errors call the model.</param>
    /// <returns>The name.</returns>
    /// <exception cref="ModelException">There is no such network.</exception>
    public static string Known(string network, string path) => Networks.Names.Contains(network, StringComparer.OrdinalIgnoreCase)
        ? network
        : throw new ModelException($"{path}: its network is '{network}', expected one of {string.Join(", ", Networks.Names)}; name a file that 'train' or 'export' wrote");

    /// <summary>What goes before the names of a member's nodes and weights.</summary>
    /// <param name="place">Its place among the members, from 0.</param>
    public static string Prefix(int place) => $"member{place + 1}.";

    /// <summary>Writes models as one, which has no calibration yet: those of its members don't fit their mean.</summary>
    /// <param name="members">The models' files; each holds one of the <see cref="Networks"/>.</param>
    /// <param name="path">The file to write.</param>
    /// <param name="mirror">Whether to average over each face and its mirror image.</param>
    /// <param name="faces">Inputs on which the file must answer with the mean.</param>
    /// <exception cref="InvalidDataException">A member is no ONNX file.</exception>
    /// <exception cref="ModelException">A member holds no network of Trainer's, or the file would answer otherwise; nothing was written.</exception>
    public static void Write(IReadOnlyList<string> members, string path, bool mirror, FaceDataset faces)
    {
        ModelProto[] models = [.. members.Select(member => OnnxCalibration.WithoutCalibration(OnnxExporter.Parse(File.ReadAllBytes(member), member), member))];
        ModelMetadata[] descriptions = [.. models.Zip(members, OnnxCalibration.Metadata)];
        Module[] networks = [.. descriptions.Zip(members, (description, member) => Networks.Create(Known(description.Network, member)))];
        var metadata = new ModelMetadata
        {
            Network = string.Join(Plus, descriptions.Select(description => description.Network)) + (mirror ? Mirrors : ""),
            TrainingData = string.Join("; ", descriptions.Select(description => description.TrainingData).Distinct(StringComparer.Ordinal)),
            Version = ProductVersion.Current,
        };

        byte[] combined = Build(models, mirror, metadata).ToByteArray();
        FaceDataset probe = Parity.Probe(faces);
        Parity.Require(Mean(models, members, mirror ? [probe, Mirrored(probe)] : [probe]), Parity.OfModel(combined, path, probe), path);
        AtomicFile.Write(path, stream => stream.Write(combined));
        AtomicFile.WriteText(Path.ChangeExtension(path, ".architecture.json"), Architecture.ToJson(metadata.Network, networks));
    }

    private static ModelProto Build(ModelProto[] models, bool mirror, ModelMetadata metadata)
    {
        var graph = new OnnxGraph();
        string faces = mirror ? AddMirrored(graph, EmotionModel.InputName) : EmotionModel.InputName;
        string[] answers = [.. models.Select((model, i) => graph.Append(model.Graph, Prefix(i), faces))];
        string sum = answers.Aggregate((left, right) => graph.Add("Add", $"{right}.sum", [left, right]));
        if (mirror)
        {
            string pairs = graph.Add("Reshape", "views", [sum, graph.AddInitializer("views.shape", [2, -1, Emotions.Count])]);
            sum = graph.Add("ReduceMean", "views.mean", [pairs], [OnnxGraph.Ints("axes", 0), OnnxGraph.Int("keepdims", 0)]);
        }

        string mean = graph.Add("Mul", "mean", [sum, graph.AddInitializer("mean.weight", [1f / models.Length], [1])]);
        string probabilities = OnnxCalibration.Add(graph, graph.Add("Log", "logits", [mean]), Calibration.None);
        return graph.ToModel(
            (EmotionModel.InputName, EmotionModel.InputShape),
            probabilities,
            (EmotionModel.OutputName, EmotionModel.OutputShape),
            metadata.ToProperties());
    }

    // [N, 1, 48, 48] → [2 N, 1, 48, 48]. The product with a matrix of ones across is exact, and OpenCV's DNN module knows it,
    // which it does not every way to turn columns round.
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
        float[][] answers =
        [
            .. models.Zip(names).SelectMany(member => views.Select(view => Parity.OfModel(member.First.ToByteArray(), member.Second, view))),
        ];
        return [.. Enumerable.Range(0, answers[0].Length).Select(i => answers.Average(answer => answer[i]))];
    }

    private static FaceDataset Mirrored(FaceDataset faces)
    {
        var pixels = new byte[faces.Pixels.Length];
        for (int i = 0; i < faces.Count; i++)
        {
            TestTimeAugmentation.Mirror(faces.Face(i), pixels.AsSpan(i * FacePreprocessor.PixelCount));
        }

        return faces.WithPixels(pixels);
    }
}
