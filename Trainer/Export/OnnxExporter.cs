using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using MlNetEmotion.Onnx;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Export.Proto;
using MlNetEmotion.Trainer.Network;

namespace MlNetEmotion.Trainer.Export;

/// <summary>Exports networks as ONNX files that satisfy <see cref="EmotionModel"/>, and verifies that their probabilities are the same.</summary>
internal static class OnnxExporter
{
    /// <summary>Exports a network.</summary>
    /// <param name="network">The network, with the weights to export; in inference mode afterwards.</param>
    /// <param name="faces">Real inputs for the parity check.</param>
    /// <param name="name">The model's name in error messages.</param>
    /// <param name="head">The head to export, if the network has a second one for votes.</param>
    /// <param name="labels">The calibration of the label head, if another head is exported; null for none.</param>
    /// <returns>The file's content.</returns>
    /// <exception cref="ModelException">The file's probabilities differ from the network's.</exception>
    public static byte[] ToOnnx(
        EmotionNetwork network, Calibration calibration, ModelMetadata metadata, FaceDataset faces, string name, OutputHead head = OutputHead.Labels, Calibration? labels = null)
    {
        FaceDataset probe = Parity.Probe(faces);
        float[] uncalibrated = Parity.OfModel(Build(network, Calibration.None, metadata, head).ToByteArray(), name, probe);
        Parity.Require(network.Probabilities(probe, head), uncalibrated, name);
        byte[] model = Build(network, calibration, metadata, head, labels).ToByteArray();
        float[][] outputs = Parity.OfModel(model, name, probe, head == OutputHead.Labels ? [EmotionModel.OutputName] : [EmotionModel.OutputName, EmotionModel.LabelsOutputName]);
        Parity.Require(calibration.Apply(uncalibrated), outputs[0], name, OnnxCalibration.Tolerance);
        if (outputs is [_, var found])
        {
            Parity.Require((labels ?? Calibration.None).Apply(network.Probabilities(probe)), found, name, OnnxCalibration.Tolerance);
        }

        return model;
    }

    /// <summary>Exports the network of a model with another main output. Neither output is calibrated.</summary>
    /// <param name="faces">Inputs for the parity check.</param>
    /// <exception cref="UsageException">The file does not have a single network with two heads.</exception>
    public static byte[] WithHead(string path, OutputHead head, FaceDataset faces)
    {
        if (OnnxWeights.All(path) is not [{ HasVotes: true } weights])
        {
            throw new UsageException($"{path}: it has no network that was trained on votes, so it predicts labels only; leave --answer out");
        }

        using EmotionNetwork network = weights.ToNetwork();
        ModelMetadata metadata = OnnxCalibration.Metadata(Parse(File.ReadAllBytes(path), path), path);
        return ToOnnx(network, Calibration.None, metadata with { Figures = new Dictionary<string, double>() }, faces, path, head == OutputHead.Auto ? weights.Head : head);
    }

    /// <summary>Changes a model's batch size.</summary>
    /// <param name="model">The file's content.</param>
    /// <param name="name">The model's name in error messages.</param>
    /// <param name="batchSize">The fixed batch size; null for any.</param>
    /// <param name="faces">Inputs for the parity check.</param>
    /// <exception cref="InvalidDataException">The file is not an ONNX file.</exception>
    /// <exception cref="ModelException">The file is not an emotion model, or the probabilities differ.</exception>
    public static byte[] Rebatch(byte[] model, string name, int? batchSize, FaceDataset faces)
    {
        byte[] rebatched = WithBatchSize(Parse(model, name), batchSize, name).ToByteArray();
        using (InferenceSession session = OnnxSession.Load(model, name))
        {
            EmotionModel.Check(session, name, anyBatch: true);
        }

        FaceDataset probe = Parity.Probe(faces);
        Parity.Require(Parity.OfModel(model, name, probe), Parity.OfModel(rebatched, name, probe), name);
        return rebatched;
    }

    internal static ModelProto Build(EmotionNetwork network, Calibration calibration, ModelMetadata metadata, OutputHead head = OutputHead.Labels, Calibration? labels = null)
    {
        network.eval();
        var graph = new OnnxGraph();
        var nodes = new NetworkNodes(graph, head);
        string logits = nodes.Add(network, "", EmotionModel.InputName);
        if (nodes.LabelLogits is { } labelLogits)
        {
            OnnxCalibration.Add(graph, labelLogits, labels ?? Calibration.None, OnnxCalibration.Labels);
        }

        ModelProto model = graph.ToEmotionModel(OnnxCalibration.Add(graph, logits, calibration, OnnxCalibration.Main), metadata);
        if (head != OutputHead.Labels)
        {
            ValueInfoProto second = model.Graph.Output[0].Clone();
            second.Name = EmotionModel.LabelsOutputName;
            model.Graph.Output.Add(second);
        }

        return model;
    }

    internal static ModelProto Parse(byte[] bytes, string path)
    {
        try
        {
            return ModelProto.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException($"{path}: not an ONNX file ({e.Message})", e);
        }
    }

    private static ModelProto WithBatchSize(ModelProto model, int? batchSize, string path)
    {
        GraphProto graph = model.Graph ?? new GraphProto();
        foreach (TensorShapeProto shape in (TensorShapeProto[])
        [
            ShapeOf(graph.Input, EmotionModel.InputName, EmotionModel.InputShape, path),
            ShapeOf(graph.Output, EmotionModel.OutputName, EmotionModel.OutputShape, path),
            .. graph.Output.Where(output => output.Name == EmotionModel.LabelsOutputName).Select(output => ShapeOf([output], output.Name, EmotionModel.OutputShape, path)),
        ])
        {
            shape.Dim[0] = OnnxGraph.Dimension(batchSize ?? -1);
        }

        return model;
    }

    private static TensorShapeProto ShapeOf(IEnumerable<ValueInfoProto> values, string name, IReadOnlyList<long> expected, string path)
    {
        TypeProto.Types.Tensor? tensor = values.FirstOrDefault(value => value.Name == name)?.Type?.TensorType;
        return tensor is { ElemType: OnnxGraph.Float32, Shape: { Dim.Count: > 0 } shape }
            && shape.Dim.Skip(1).Select(size => size.DimValue).SequenceEqual(expected.Skip(1))
                ? shape
                : throw new ModelException(
                    $"{path}: no emotion model, which has a float32 '{name}' of shape [N, {string.Join(", ", expected.Skip(1))}]; name a file that Trainer wrote, or wrap another system's with 'Trainer adopt'");
    }
}
