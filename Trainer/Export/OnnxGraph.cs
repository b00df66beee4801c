using System.Runtime.InteropServices;
using Google.Protobuf;
using MlNetEmotion.Trainer.Export.Proto;
using AttributeType = MlNetEmotion.Trainer.Export.Proto.AttributeProto.Types.AttributeType;

namespace MlNetEmotion.Trainer.Export;

/// <summary>An ONNX graph under construction. Nodes and initializers are added in order.</summary>
/// <param name="graph">The graph to add to; null for a new one.</param>
internal sealed class OnnxGraph(GraphProto? graph = null)
{
    /// <summary>The symbolic name of a free batch size.</summary>
    public const string FreeBatchSize = "N";

    /// <summary>ONNX's element type number of float32.</summary>
    public const int Float32 = 1;

    private const int Int64 = 7;

    private readonly GraphProto graph = graph ?? new GraphProto { Name = "main_graph" };

    /// <summary>Adds a node of the standard operator set and returns its name, which is also its output's.</summary>
    public string Add(string opType, string name, IEnumerable<string> inputs, IEnumerable<AttributeProto>? attributes = null)
    {
        graph.Node.Add(new NodeProto
        {
            OpType = opType, Name = name, Input = { inputs }, Output = { name }, Attribute = { attributes ?? [] },
        });
        return name;
    }

    /// <summary>Adds a constant float32 tensor, row-major, and returns its name.</summary>
    public string AddInitializer(string name, ReadOnlySpan<float> values, long[] shape) =>
        AddInitializer(name, Float32, MemoryMarshal.AsBytes(values), shape);

    /// <summary>Adds a constant list of integers, such as sizes or axes, and returns its name.</summary>
    public string AddInitializer(string name, ReadOnlySpan<long> values) =>
        AddInitializer(name, Int64, MemoryMarshal.AsBytes(values), [values.Length]);

    /// <summary>Adds a whole graph with one input and one output.</summary>
    /// <param name="prefix">The prefix of all its names.</param>
    /// <param name="input">The name of the value that becomes its input.</param>
    /// <returns>The name of its output.</returns>
    public string Append(GraphProto part, string prefix, string input)
    {
        string own = part.Input[0].Name;
        GraphProto copy = part.Clone();
        foreach (NodeProto node in copy.Node)
        {
            node.Name = Prefixed(node.Name);
            Rename(node.Input);
            Rename(node.Output);
        }

        foreach (TensorProto tensor in copy.Initializer)
        {
            tensor.Name = prefix + tensor.Name;
        }

        graph.Node.AddRange(copy.Node);
        graph.Initializer.AddRange(copy.Initializer);
        return prefix + part.Output[0].Name;

        void Rename(IList<string> names)
        {
            for (int i = 0; i < names.Count; i++)
            {
                names[i] = names[i] == own ? input : Prefixed(names[i]);
            }
        }

        // Nodes may be unnamed, and an empty name stands for an omitted optional input.
        string Prefixed(string name) => name.Length == 0 ? "" : prefix + name;
    }

    /// <summary>Completes the graph as an emotion model.</summary>
    /// <param name="probabilities">The name of the last layer's output value.</param>
    /// <param name="batchSize">The fixed batch size; -1 for any.</param>
    public ModelProto ToEmotionModel(string probabilities, ModelMetadata metadata, int batchSize = -1) => ToModel(
        (EmotionModel.InputName, [batchSize, .. EmotionModel.InputShape.Skip(1)]), probabilities, (EmotionModel.OutputName, [batchSize, .. EmotionModel.OutputShape.Skip(1)]), metadata.ToProperties());

    /// <summary>Completes the graph: names its output, declares input and output, and wraps it as a model.</summary>
    /// <param name="input">A size of -1 is the free batch size N, here and in the output.</param>
    /// <param name="result">The name of the last layer's output value.</param>
    public ModelProto ToModel(
        (string Name, IEnumerable<long> Shape) input, string result, (string Name, IEnumerable<long> Shape) output,
        IEnumerable<KeyValuePair<string, string>>? metadata = null)
    {
        NodeProto last = graph.Node.Single(node => node.Output[0] == result);
        last.Output[0] = output.Name;
        graph.Input.Add(Describe(input.Name, input.Shape));
        graph.Output.Add(Describe(output.Name, output.Shape));
        return new ModelProto
        {
            IrVersion = EmotionModel.IrVersion,
            ProducerName = "MlNetEmotion",
            ProducerVersion = ProductVersion.Current,
            Graph = graph,
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = EmotionModel.Opset } },
            MetadataProps = { (metadata ?? []).Select(p => new StringStringEntryProto { Key = p.Key, Value = p.Value }) },
        };
    }

    public static AttributeProto Int(string name, long value) =>
        new() { Name = name, Type = AttributeType.Int, I = value };

    public static AttributeProto Ints(string name, params long[] values) =>
        new() { Name = name, Type = AttributeType.Ints, Ints = { values } };

    public static AttributeProto Float(string name, float value) =>
        new() { Name = name, Type = AttributeType.Float, F = value };

    /// <summary>Returns a dimension of a size; of the symbolic name N for -1.</summary>
    public static TensorShapeProto.Types.Dimension Dimension(long size) => size < 0 ? new() { DimParam = FreeBatchSize } : new() { DimValue = size };

    // ONNX stores raw data as little-endian, like every platform that .NET supports here.
    private string AddInitializer(string name, int dataType, ReadOnlySpan<byte> data, long[] shape)
    {
        var bytes = ByteString.CopyFrom(data);
        graph.Initializer.Add(new TensorProto { Name = name, DataType = dataType, RawData = bytes, Dims = { shape } });
        return name;
    }

    private static ValueInfoProto Describe(string name, IEnumerable<long> shape)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = Float32, Shape = new TensorShapeProto { Dim = { shape.Select(Dimension) } } };
        return new() { Name = name, Type = new TypeProto { TensorType = tensor } };
    }
}
