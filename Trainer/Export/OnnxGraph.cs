using System.Runtime.InteropServices;
using Google.Protobuf;
using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Export.Proto;
using AttributeType = MlNetEmotion.Trainer.Export.Proto.AttributeProto.Types.AttributeType;

namespace MlNetEmotion.Trainer.Export;

/// <summary>An ONNX graph under construction, new or changed: layers add nodes and initializers to it, in order.</summary>
internal sealed class OnnxGraph(GraphProto graph)
{
    /// <summary>What a batch size is called that the caller chooses.</summary>
    public const string FreeBatchSize = "N";

    /// <summary>The number of float32 among ONNX's element types.</summary>
    public const int Float32 = 1;

    private const int Int64 = 7;

    public OnnxGraph()
        : this(new GraphProto { Name = "main_graph" })
    {
    }

    /// <summary>Adds a node of the standard operator set, whose output is called as itself.</summary>
    /// <returns>The name.</returns>
    public string Add(string opType, string name, IEnumerable<string> inputs, IEnumerable<AttributeProto>? attributes = null)
    {
        graph.Node.Add(new NodeProto
        {
            OpType = opType, Name = name, Input = { inputs }, Output = { name }, Attribute = { attributes ?? [] },
        });
        return name;
    }

    /// <summary>Adds a constant float32 tensor, row-major.</summary>
    /// <returns>The name.</returns>
    public string AddInitializer(string name, ReadOnlySpan<float> values, long[] shape) =>
        AddInitializer(name, Float32, MemoryMarshal.AsBytes(values), shape);

    /// <summary>Adds a constant list of integers: sizes or axes.</summary>
    /// <returns>The name.</returns>
    public string AddInitializer(string name, ReadOnlySpan<long> values) =>
        AddInitializer(name, Int64, MemoryMarshal.AsBytes(values), [values.Length]);

    /// <summary>Adds a whole graph of one input and one output.</summary>
    /// <param name="prefix">Goes before all its names.</param>
    /// <param name="input">The value that it reads.</param>
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

        // Nodes may have no name, and an empty one is an operator's input that is left out.
        string Prefixed(string name) => name.Length == 0 ? "" : prefix + name;
    }

    /// <summary>Closes the graph: names its last value, declares both ends and wraps it as a model.</summary>
    /// <param name="input">A size of -1 is the free batch size N, here and in the output.</param>
    /// <param name="result">The value that the last layer computed.</param>
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

    // ONNX stores raw data little-endian, as every platform that .NET runs on here does.
    private string AddInitializer(string name, int dataType, ReadOnlySpan<byte> data, long[] shape)
    {
        var bytes = ByteString.CopyFrom(data);
        graph.Initializer.Add(new TensorProto { Name = name, DataType = dataType, RawData = bytes, Dims = { shape } });
        return name;
    }

    private static ValueInfoProto Describe(string name, IEnumerable<long> shape)
    {
        var sizes = new TensorShapeProto();
        sizes.Dim.AddRange(shape.Select(size => size < 0
            ? new TensorShapeProto.Types.Dimension { DimParam = FreeBatchSize }
            : new TensorShapeProto.Types.Dimension { DimValue = size }));
        var tensor = new TypeProto.Types.Tensor { ElemType = Float32, Shape = sizes };
        return new() { Name = name, Type = new TypeProto { TensorType = tensor } };
    }
}
