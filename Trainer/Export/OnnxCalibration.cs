using Google.Protobuf;
using MlNetEmotion.Onnx;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Export.Proto;

namespace MlNetEmotion.Trainer.Export;

/// <summary>The end of an emotion model's graph, from logits to calibrated probabilities, and how it is written anew.</summary>
internal static class OnnxCalibration
{
    private const string Prefix = "calibration";
    private const string Uncalibrated = "calibration.softmax";
    private const string LastNode = "softmax";

    /// <summary>Where smoothing leaves next to nothing of a probability, the last bits of it count a thousand times as much.</summary>
    internal const double Tolerance = 1e-3;

    /// <summary>Adds the nodes of a calibration; without a smoothing that is a division and a softmax.</summary>
    /// <param name="graph">A graph that has computed the logits.</param>
    /// <param name="logits">The name of the logits, float32 [N, 7].</param>
    /// <param name="calibration">The calibration.</param>
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

    /// <summary>Calibrates a model on faces that it was not trained on, whatever calibration it has now.</summary>
    /// <param name="source">The model's file.</param>
    /// <param name="path">The file to write; may be the same.</param>
    /// <param name="faces">Labelled faces.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>What was found, measured on halves by what was fitted on the others.</returns>
    /// <exception cref="InvalidDataException">The source is no ONNX file.</exception>
    /// <exception cref="ModelException">It has no calibration to replace, or the file would answer otherwise than computed; nothing was written.</exception>
    public static CalibrationCheck Calibrate(string source, string path, FaceDataset faces, CancellationToken cancellationToken = default)
    {
        float[] answers = Answers(source, faces, cancellationToken);
        CalibrationCheck check = CalibrationCheck.Measure(answers, faces);
        Write(source, path, check, faces, EvaluationResult.Compute(answers, faces.Labels).Accuracy);
        return check;
    }

    /// <summary>Writes a model with a calibration that was found before, in the place of the one it has.</summary>
    /// <param name="source">The model's file.</param>
    /// <param name="path">The file to write; may be the same.</param>
    /// <param name="check">The calibration, and its figures for the metadata.</param>
    /// <param name="faces">Inputs on which the file must answer as computed.</param>
    /// <param name="accuracy">The accuracy on the faces of the calibration, for a model that says none of its own.</param>
    /// <exception cref="ModelException">As in <see cref="Calibrate"/>.</exception>
    public static void Write(string source, string path, CalibrationCheck check, FaceDataset faces, double? accuracy = null)
    {
        ModelProto model = OnnxExporter.Parse(File.ReadAllBytes(source), source);
        var calibration = new Calibration(check.Smoothing, check.Temperature);
        ModelProto result = With(model, calibration, source);
        WriteFigures(result, check, accuracy, source);

        byte[] uncalibrated = WithoutCalibration(model, source).ToByteArray();
        byte[] calibrated = result.ToByteArray();
        FaceDataset probe = Parity.Probe(faces);
        Parity.Require(calibration.Apply(Parity.OfModel(uncalibrated, source, probe)), Parity.OfModel(calibrated, path, probe), path, Tolerance);
        AtomicFile.Write(path, stream => stream.Write(calibrated));
    }

    /// <summary>
    /// What calibrating a model is worth on faces that it was not fitted on: without its present calibration, which may have
    /// been fitted on all of these faces.
    /// </summary>
    /// <param name="path">The model's file; one without a calibration is taken as it answers.</param>
    /// <param name="faces">Labelled faces.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public static CalibrationCheck Check(string path, FaceDataset faces, CancellationToken cancellationToken = default) =>
        CalibrationCheck.Measure(Answers(path, faces, cancellationToken), faces);

    /// <summary>A copy of a model that answers with the softmax of its logits.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">What errors call it.</param>
    /// <exception cref="ModelException">It has no calibration to take away.</exception>
    public static ModelProto WithoutCalibration(ModelProto model, string path) => With(model, Calibration.None, path);

    /// <summary>What a model says of itself.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">What errors call it.</param>
    /// <exception cref="ModelException">It says something unreadable.</exception>
    public static ModelMetadata Metadata(ModelProto model, string path) =>
        ModelMetadata.FromProperties(model.MetadataProps.ToDictionary(property => property.Key, property => property.Value), path);

    private static float[] Answers(string path, FaceDataset faces, CancellationToken cancellationToken)
    {
        byte[] bytes = File.ReadAllBytes(path);
        ModelProto model = OnnxExporter.Parse(bytes, path);
        using var stream = new MemoryStream(First(model) is null ? bytes : WithoutCalibration(model, path).ToByteArray());
        using var classifier = new EmotionClassifier(stream);
        return new ModelEvaluator(classifier.ClassifyBatch).Predict(faces, progress: null, cancellationToken);
    }

    /// <summary>A copy of a model with another calibration.</summary>
    private static ModelProto With(ModelProto model, Calibration calibration, string path)
    {
        ModelProto copy = model.Clone();
        string logits = First(copy)?.Input[0]
            ?? throw new ModelException($"{path}: its graph does not end in a calibration; name a file that Trainer wrote");
        GraphProto graph = copy.Graph;
        Remove(graph.Node, node => IsCalibration(node.Name) || node.Name == LastNode);
        Remove(graph.Initializer, tensor => IsCalibration(tensor.Name));
        Add(new OnnxGraph(graph), logits, calibration);
        graph.Node[^1].Output[0] = EmotionModel.OutputName;
        return copy;
    }

    /// <summary>The first node of a model's calibration, which reads the logits; null where there is none.</summary>
    private static NodeProto? First(ModelProto model) =>
        model.Graph?.Node.FirstOrDefault(node => node.Name == Uncalibrated) ?? model.Graph?.Node.FirstOrDefault(node => node.Name == Prefix);

    private static bool IsCalibration(string name) => name == Prefix || name.StartsWith($"{Prefix}.", StringComparison.Ordinal);

    private static void Remove<T>(IList<T> list, Func<T, bool> isRemoved)
    {
        foreach (T item in list.Where(isRemoved).ToArray())
        {
            list.Remove(item);
        }
    }

    private static void WriteFigures(ModelProto model, CalibrationCheck check, double? accuracy, string path)
    {
        ModelMetadata metadata = Metadata(model, path);
        var figures = new Dictionary<string, double>(metadata.Figures)
        {
            ["temperature"] = check.Temperature,
            ["smoothing"] = check.Smoothing,
        };
        if (check.ExpectedCalibrationErrorCrossFitted is double error)
        {
            figures["calibrationErrorCrossFitted"] = error;
        }

        if (accuracy is double share)
        {
            figures.TryAdd("validationAccuracy", share);
        }

        string text = (metadata with { Figures = figures }).ToProperties().Single(property => property.Key == EmotionModel.FiguresKey).Value;
        Remove(model.MetadataProps, property => property.Key == EmotionModel.FiguresKey);
        model.MetadataProps.Add(new StringStringEntryProto { Key = EmotionModel.FiguresKey, Value = text });
    }
}
