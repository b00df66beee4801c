using Google.Protobuf;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Export.Proto;

namespace MlNetEmotion.Trainer.Export;

/// <summary>Reads and replaces the end of an emotion model's graph, from logits to calibrated probabilities.</summary>
internal static class OnnxCalibration
{
    private const string Prefix = "calibration";
    private const string Uncalibrated = "calibration.softmax";
    private const string LastNode = "softmax";

    /// <summary>The tolerance of a calibrated file's probabilities: if smoothing leaves almost nothing of a probability, its last bits count a
    /// thousandfold.</summary>
    internal const double Tolerance = 1e-3;

    /// <summary>Adds the nodes of a calibration; without smoothing, these are a division and a softmax.</summary>
    /// <param name="logits">The name of the logits, float32 [N, 7].</param>
    /// <returns>The name of the probabilities, float32 [N, 7].</returns>
    public static string Add(OnnxGraph graph, string logits, Calibration calibration)
    {
        if (calibration.Smoothing > 0)
        {
            string smooth = graph.Add("Softmax", Uncalibrated, [logits], [OnnxGraph.Int("axis", 1)]);
            string less = graph.Add("Add", "calibration.less", [smooth, Constant("calibration.share", -calibration.Share)]);
            string positive = graph.Add("Relu", "calibration.positive", [less]);
            string above = graph.Add("Add", "calibration.above", [positive, Constant("calibration.floor", Calibration.Floor)]);
            logits = graph.Add("Log", "calibration.log", [above]);
        }

        string scaled = graph.Add("Div", Prefix, [logits, Constant("calibration.temperature", calibration.Temperature)]);
        return graph.Add("Softmax", LastNode, [scaled], [OnnxGraph.Int("axis", 1)]);

        string Constant(string name, double value) => graph.AddInitializer(name, [(float)value], [1]);
    }

    /// <summary>Calibrates a model on faces that it was not trained on, replacing its present calibration.</summary>
    /// <returns>The calibrated model's file, and the calibration with its cross-fitted error.</returns>
    /// <exception cref="ModelException">The model has no calibration to replace, or the file's probabilities differ from those computed here.</exception>
    public static (byte[] Model, CalibrationCheck Check) Calibrate(ModelProto model, string name, FaceDataset faces, CancellationToken cancellationToken = default)
    {
        float[] probabilities = Probabilities(model, name, faces, cancellationToken);
        HeadMetrics figures = HeadMetrics.Measure(probabilities, faces, PredictsVotes(model));
        CalibrationCheck check = figures.Calibration;
        ModelProto result = With(model, check.Calibration, name);
        WriteFigures(result, figures, name);

        byte[] calibrated = result.ToByteArray();
        FaceDataset probe = Parity.Probe(faces);
        float[] expected = check.Calibration.Apply(Parity.OfModel(WithoutCalibration(model, name).ToByteArray(), name, probe));
        Parity.Require(expected, Parity.OfModel(calibrated, name, probe), name, Tolerance);
        return (calibrated, check);
    }

    /// <summary>
    /// Returns the cross-fitted calibration error of a model, without its present calibration, which may have been fitted on the same faces.
    /// </summary>
    /// <param name="path">The model's file; one without a calibration is measured unchanged.</param>
    public static CalibrationCheck Check(string path, FaceDataset faces, CancellationToken cancellationToken = default)
    {
        ModelProto model = OnnxExporter.Parse(File.ReadAllBytes(path), path);
        return CalibrationCheck.Measure(Probabilities(model, path, faces, cancellationToken), faces, PredictsVotes(model));
    }

    /// <summary>Returns a copy of a model that outputs the softmax of its logits.</summary>
    public static ModelProto WithoutCalibration(ModelProto model, string path) => With(model, Calibration.None, path);

    /// <summary>Returns a model's metadata.</summary>
    public static ModelMetadata Metadata(ModelProto model, string path) =>
        ModelMetadata.FromProperties(model.MetadataProps.ToDictionary(property => property.Key, property => property.Value), path);

    /// <summary>Returns a model's calibration; none if its graph does not end in one.</summary>
    public static Calibration Of(ModelProto model)
    {
        return new Calibration(-Emotions.Count * (Value("calibration.share") ?? 0), Value("calibration.temperature") ?? 1);

        double? Value(string name) => model.Graph.Initializer.FirstOrDefault(tensor => tensor.Name == name) is { } tensor ? BitConverter.ToSingle(tensor.RawData.Span) : null;
    }

    /// <summary>Whether a model predicts votes: it then has a separate output for its label head.</summary>
    public static bool PredictsVotes(ModelProto model) => model.Graph.Output.Any(output => output.Name == EmotionModel.LabelsOutputName);

    // A model's probabilities without its calibration.
    private static float[] Probabilities(ModelProto model, string name, FaceDataset faces, CancellationToken cancellationToken)
    {
        using var stream = new MemoryStream((FirstNode(model) is null ? model : WithoutCalibration(model, name)).ToByteArray());
        using var classifier = new EmotionClassifier(stream);
        return new ModelEvaluator(classifier.ClassifyBatch).Predict(faces, progress: null, cancellationToken);
    }

    /// <summary>Returns a copy of a model with another calibration.</summary>
    private static ModelProto With(ModelProto model, Calibration calibration, string path)
    {
        ModelProto copy = model.Clone();
        string logits = FirstNode(copy)?.Input[0]
            ?? throw new ModelException($"{path}: its graph does not end in a calibration; name a file that Trainer wrote");
        GraphProto graph = copy.Graph;
        Remove(graph.Node, node => IsCalibration(node.Name) || node.Name == LastNode);
        Remove(graph.Initializer, tensor => IsCalibration(tensor.Name));
        Add(new OnnxGraph(graph), logits, calibration);
        graph.Node[^1].Output[0] = EmotionModel.OutputName;
        return copy;
    }

    /// <summary>Returns the first node of a model's calibration, whose input is the logits; null if it has none.</summary>
    private static NodeProto? FirstNode(ModelProto model) =>
        model.Graph?.Node.FirstOrDefault(node => node.Name == Uncalibrated) ?? model.Graph?.Node.FirstOrDefault(node => node.Name == Prefix);

    private static bool IsCalibration(string name) => name == Prefix || name.StartsWith($"{Prefix}.", StringComparison.Ordinal);

    private static void Remove<T>(IList<T> list, Func<T, bool> isRemoved)
    {
        foreach (T item in list.Where(isRemoved).ToArray())
        {
            list.Remove(item);
        }
    }

    private static void WriteFigures(ModelProto model, HeadMetrics figures, string path)
    {
        ModelMetadata metadata = Metadata(model, path);
        var merged = new Dictionary<string, double>(metadata.Figures);
        foreach ((string name, double figure) in figures.ByName())
        {
            merged[name] = figure;
        }

        string text = (metadata with { Figures = merged }).ToProperties().Single(property => property.Key == EmotionModel.FiguresKey).Value;
        Remove(model.MetadataProps, property => property.Key == EmotionModel.FiguresKey);
        model.MetadataProps.Add(new StringStringEntryProto { Key = EmotionModel.FiguresKey, Value = text });
    }
}
