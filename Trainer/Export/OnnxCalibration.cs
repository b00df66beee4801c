using Google.Protobuf;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Export.Proto;

namespace MlNetEmotion.Trainer.Export;

/// <summary>Reads and replaces the ends of an emotion model's graph, each from a head's logits to its calibrated probabilities.</summary>
internal static class OnnxCalibration
{
    /// <summary>The main output's end.</summary>
    public static readonly End Main = new(EmotionModel.OutputName, "calibration", "softmax");

    /// <summary>The end of the label head's output, if another is the main one.</summary>
    public static readonly End Labels = new(EmotionModel.LabelsOutputName, "labels.calibration", EmotionModel.LabelsOutputName);

    /// <summary>The tolerance of a calibrated file's probabilities: if smoothing leaves almost nothing of a probability, its last bits count a
    /// thousandfold.</summary>
    internal const double Tolerance = 1e-3;

    /// <summary>Adds the nodes from an output's logits to its probabilities; without smoothing, these are a division and a softmax.</summary>
    /// <param name="logits">The name of the logits, float32 [N, 7].</param>
    /// <returns>The name of the probabilities, float32 [N, 7].</returns>
    public static string Add(OnnxGraph graph, string logits, Calibration calibration, End end)
    {
        if (calibration.Smoothing > 0)
        {
            string smooth = graph.Add("Softmax", end.Uncalibrated, [logits], [OnnxGraph.Int("axis", 1)]);
            string less = graph.Add("Add", $"{end.Prefix}.less", [smooth, Constant("share", -calibration.Share)]);
            string positive = graph.Add("Relu", $"{end.Prefix}.positive", [less]);
            string above = graph.Add("Add", $"{end.Prefix}.above", [positive, Constant("floor", Calibration.Floor)]);
            logits = graph.Add("Log", $"{end.Prefix}.log", [above]);
        }

        string scaled = graph.Add("Div", end.Prefix, [logits, Constant("temperature", calibration.Temperature)]);
        return graph.Add("Softmax", end.LastNode, [scaled], [OnnxGraph.Int("axis", 1)]);

        string Constant(string name, double value) => graph.AddInitializer($"{end.Prefix}.{name}", [(float)value], [1]);
    }

    /// <summary>Calibrates each output of a model on faces that it was not trained on, replacing its present calibration.</summary>
    /// <returns>The calibrated model's file, and each output's calibration with its cross-fitted error; no <c>Labels</c> without such an output.</returns>
    /// <exception cref="ModelException">The model has no calibration to replace, or the file's probabilities differ from those computed here.</exception>
    public static (byte[] Model, CalibrationCheck Check, CalibrationCheck? Labels) Calibrate(
        ModelProto model, string name, FaceDataset faces, CancellationToken cancellationToken = default)
    {
        HeadMetrics main = Measure(model, name, faces, Main, cancellationToken);
        CalibrationCheck? labels = PredictsVotes(model) ? Measure(model, name, faces, Labels, cancellationToken).Calibration : null;
        (End End, Calibration Calibration)[] outputs = labels is null
            ? [(Main, main.Calibration.Calibration)]
            : [(Main, main.Calibration.Calibration), (Labels, labels.Calibration)];
        ModelProto plain = outputs.Aggregate(model, (changed, output) => With(changed, Calibration.None, name, output.End));
        ModelProto result = outputs.Aggregate(model, (changed, output) => With(changed, output.Calibration, name, output.End));
        WriteFigures(result, main, name);
        byte[] calibrated = result.ToByteArray();

        FaceDataset probe = Parity.Probe(faces);
        string[] names = [.. outputs.Select(output => output.End.Output)];
        float[][] expected = Parity.OfModel(plain.ToByteArray(), name, probe, names);
        float[][] found = Parity.OfModel(calibrated, name, probe, names);
        for (int i = 0; i < outputs.Length; i++)
        {
            Parity.Require(outputs[i].Calibration.Apply(expected[i]), found[i], name, Tolerance);
        }

        return (calibrated, main.Calibration, labels);
    }

    /// <summary>
    /// Returns the cross-fitted calibration error of each output, without its present calibration, which may have been fitted on the same faces.
    /// </summary>
    /// <param name="path">The model's file; an output without a calibration is measured unchanged.</param>
    public static (CalibrationCheck Check, CalibrationCheck? Labels) Check(string path, FaceDataset faces, CancellationToken cancellationToken = default)
    {
        ModelProto model = OnnxExporter.Parse(File.ReadAllBytes(path), path);
        return (Of(Main), PredictsVotes(model) ? Of(Labels) : null);

        CalibrationCheck Of(End end) => Measure(model, path, faces, end, cancellationToken).Calibration;
    }

    public static ModelMetadata Metadata(ModelProto model, string path) =>
        ModelMetadata.FromProperties(model.MetadataProps.ToDictionary(property => property.Key, property => property.Value), path);

    /// <summary>Returns an output's calibration; none if its graph does not end in one.</summary>
    public static Calibration Of(ModelProto model, End end)
    {
        return new Calibration(-Emotions.Count * (Value("share") ?? 0), Value("temperature") ?? 1);

        double? Value(string name) =>
            model.Graph.Initializer.FirstOrDefault(tensor => tensor.Name == $"{end.Prefix}.{name}") is { } tensor ? BitConverter.ToSingle(tensor.RawData.Span) : null;
    }

    /// <summary>Whether a model predicts votes: it then has a separate output for its label head.</summary>
    public static bool PredictsVotes(ModelProto model) => model.Graph.Output.Any(output => output.Name == EmotionModel.LabelsOutputName);

    // Measures an output without its calibration. The main output predicts votes if there is another for labels.
    private static HeadMetrics Measure(ModelProto model, string name, FaceDataset faces, End end, CancellationToken cancellationToken)
    {
        ModelProto plain = FirstNode(model, end) is null ? model : With(model, Calibration.None, name, end);
        using var classifier = new EmotionClassifier(plain.ToByteArray(), head: end == Labels ? EmotionHead.Labels : EmotionHead.Default);
        float[] probabilities = new ModelEvaluator(classifier.ClassifyBatch).Predict(faces, progress: null, cancellationToken);
        return HeadMetrics.Measure(probabilities, faces, byVotes: end == Main && PredictsVotes(model));
    }

    /// <summary>Returns a copy of a model with another calibration of an output.</summary>
    public static ModelProto With(ModelProto model, Calibration calibration, string path, End end)
    {
        ModelProto copy = model.Clone();
        GraphProto graph = copy.Graph;
        string logits = FirstNode(copy, end)?.Input[0]
            ?? throw new ModelException($"{path}: its graph does not end in a calibration; name a file that Trainer wrote");
        if (end == Labels)
        {
            KeepSoftmaxOfLabels(graph);
        }

        Remove(graph.Node, node => IsCalibration(node.Name) || node.Name == end.LastNode);
        Remove(graph.Initializer, tensor => IsCalibration(tensor.Name));
        Add(new OnnxGraph(graph), logits, calibration, end);
        graph.Node[^1].Output[0] = end.Output;
        return copy;

        bool IsCalibration(string name) => name == end.Prefix || name.StartsWith($"{end.Prefix}.", StringComparison.Ordinal);
    }

    // In files of earlier versions, the label head's softmax is both an output and a part of the mean.
    private static void KeepSoftmaxOfLabels(GraphProto graph)
    {
        if (graph.Node.FirstOrDefault(node => node.Input.Contains(EmotionModel.LabelsOutputName)) is { } part)
        {
            NodeProto softmax = graph.Node.Single(node => node.Name == EmotionModel.LabelsOutputName);
            NodeProto kept = softmax.Clone();
            kept.Name = kept.Output[0] = part.Input[part.Input.IndexOf(EmotionModel.LabelsOutputName)] = $"{EmotionModel.LabelsOutputName}.softmax";
            graph.Node.Insert(graph.Node.IndexOf(softmax), kept);
        }
    }

    /// <summary>Returns the first node after an output's logits, whose input they are; null if there is none.</summary>
    private static NodeProto? FirstNode(ModelProto model, End end)
    {
        return Named(end.Uncalibrated) ?? Named(end.Prefix) ?? (end == Labels && Named(end.LastNode) is { OpType: "Softmax" } softmax ? softmax : null);

        NodeProto? Named(string name) => model.Graph?.Node.FirstOrDefault(node => node.Name == name);
    }

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

    /// <summary>An output of a model and the names of the nodes that end in it.</summary>
    public sealed record End(string Output, string Prefix, string LastNode)
    {
        public string Uncalibrated => $"{Prefix}.softmax";
    }
}
