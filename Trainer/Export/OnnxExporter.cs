using Google.Protobuf;
using MlNetEmotion.Native.Torch;
using MlNetEmotion.Onnx;
using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Export.Proto;
using MlNetEmotion.Trainer.Network;

namespace MlNetEmotion.Trainer.Export;

/// <summary>Writes networks as ONNX files that hold to <see cref="EmotionModel"/>, and never one that answers differently.</summary>
internal static class OnnxExporter
{
    /// <summary>Writes a trained network.</summary>
    /// <param name="path">The file to write.</param>
    /// <param name="network">The network, with the weights that are to be written in place.</param>
    /// <param name="temperature">What logits are divided by before the softmax.</param>
    /// <param name="metadata">What the file says of itself.</param>
    /// <param name="faces">Real inputs, on which the file must answer as the network does.</param>
    /// <param name="device">Where the network's memory is.</param>
    /// <exception cref="ModelException">The file's answers differ from the network's; nothing was written.</exception>
    public static void Export(string path, Module network, double temperature, ModelMetadata metadata, FaceDataset faces, DeviceType device)
    {
        byte[] model = Build(network, temperature, metadata).ToByteArray();
        FaceDataset probe = Parity.Probe(faces);
        Parity.Require(Parity.OfNetwork(network, temperature, probe, device), Parity.OfModel(model, path, probe), path);
        AtomicFile.Write(path, stream => stream.Write(model));
        AtomicFile.WriteText(Path.ChangeExtension(path, ".architecture.json"), Architecture.ToJson(metadata.Network, network));
    }

    /// <summary>Writes an exported model again with another batch size.</summary>
    /// <param name="source">The model's file.</param>
    /// <param name="path">The file to write.</param>
    /// <param name="batchSize">The fixed batch size; null for any.</param>
    /// <param name="faces">Inputs on which both files must answer the same.</param>
    /// <exception cref="InvalidDataException">The source is no ONNX file.</exception>
    /// <exception cref="ModelException">It is no emotion model, or the answers differ; nothing was written.</exception>
    public static void Rebatch(string source, string path, int? batchSize, FaceDataset faces)
    {
        byte[] original = File.ReadAllBytes(source);
        ModelProto model = Parse(original, source);
        byte[] rebatched = WithBatchSize(model, batchSize, source).ToByteArray();
        FaceDataset probe = Parity.Probe(faces);
        Parity.Require(Parity.OfModel(original, source, probe), Parity.OfModel(rebatched, path, probe), path);
        AtomicFile.Write(path, stream => stream.Write(rebatched));
    }

    /// <summary>Builds the file's content.</summary>
    internal static ModelProto Build(Module network, double temperature, ModelMetadata metadata)
    {
        network.train(false);
        var graph = new OnnxGraph();
        string logits = network.Export(graph, EmotionModel.InputName);
        string probabilities = OnnxCalibration.Add(graph, logits, new Calibration(Smoothing: 0, temperature));
        return graph.ToModel(
            (EmotionModel.InputName, EmotionModel.InputShape),
            probabilities,
            (EmotionModel.OutputName, EmotionModel.OutputShape),
            metadata.ToProperties());
    }

    /// <summary>Reads a file's content.</summary>
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
        foreach (TensorShapeProto shape in new[]
        {
            ShapeOf(graph.Input, EmotionModel.InputName, EmotionModel.InputShape, path),
            ShapeOf(graph.Output, EmotionModel.OutputName, EmotionModel.OutputShape, path),
        })
        {
            shape.Dim[0] = batchSize is int size
                ? new TensorShapeProto.Types.Dimension { DimValue = size }
                : new TensorShapeProto.Types.Dimension { DimParam = OnnxGraph.FreeBatchSize };
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
                    $"{path}: no emotion model, which has a float32 '{name}' of shape [N, {string.Join(", ", expected.Skip(1))}]; name a file that Trainer wrote");
    }
}
