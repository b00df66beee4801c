using System.Runtime.InteropServices;
using Google.Protobuf;
using MlNetEmotion.Trainer.Export.Proto;
using MlNetEmotion.Programs;

namespace MlNetEmotion.Trainer.Export;

/// <summary>An ONNX graph under construction: layers add their nodes and initializers to it, in order.</summary>
/// <param name="graph">A graph to go on with; changed.</param>
internal sealed class OnnxGraph(GraphProto graph)
{
    /// <summary>What a batch size is called that the caller chooses.</summary>
    public const string FreeBatchSize = "N";

    /// <summary>The number of float32 among ONNX's element types.</summary>
    public const int Float32 = 1;

    private const int Int64 = 7;

    private readonly GraphProto graph = graph;

    /// <summary>Begins a new graph.</summary>
    public OnnxGraph()
        : this(new GraphProto { Name = "main_graph" })
    {
    }

    /// <summary>Adds a node of the standard operator set.</summary>
    /// <param name="opType">The operator, for example <c>Conv</c>.</param>
    /// <param name="name">The node's name; its output is called the same.</param>
    /// <param name="inputs">The values and initializers that it reads.</param>
    /// <param name="attributes">Made by <see cref="Int"/>, <see cref="Ints"/> and <see cref="Float"/>.</param>
    /// <returns>The name of the node's output.</returns>
    public string Add(string opType, string name, IEnumerable<string> inputs, IEnumerable<AttributeProto>? attributes = null)
    {
        var node = new NodeProto { OpType = opType, Name = name };
        node.Input.AddRange(inputs);
        node.Output.Add(name);
        node.Attribute.AddRange(attributes ?? []);
        graph.Node.Add(node);
        return name;
    }

    /// <summary>Adds a constant float32 tensor.</summary>
    /// <param name="name">The parameter's full name.</param>
    /// <param name="values">Row-major.</param>
    /// <param name="shape">Its sizes.</param>
    /// <returns>The name.</returns>
    public string AddInitializer(string name, ReadOnlySpan<float> values, long[] shape) =>
        AddInitializer(name, Float32, MemoryMarshal.AsBytes(values), shape);

    /// <summary>Adds a constant list of integers: sizes or axes.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="values">The integers.</param>
    /// <returns>The name.</returns>
    public string AddInitializer(string name, ReadOnlySpan<long> values) =>
        AddInitializer(name, Int64, MemoryMarshal.AsBytes(values), [values.Length]);

    /// <summary>Adds a whole graph of one input and one output.</summary>
    /// <param name="part">The graph.</param>
    /// <param name="prefix">Goes before all its names.</param>
    /// <param name="input">The value that it reads.</param>
    /// <returns>The name of its output.</returns>
    public string Append(GraphProto part, string prefix, string input)
    {
        string own = part.Input[0].Name;
        GraphProto copy = part.Clone();
        foreach (NodeProto node in copy.Node)
        {
            node.Name = prefix + node.Name;
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
                names[i] = names[i] == own ? input : prefix + names[i];
            }
        }
    }

    /// <summary>Closes the graph: names its last value, declares both ends and wraps it as a model.</summary>
    /// <param name="input">The name and shape of the input; a size of -1 stands for the free batch size N.</param>
    /// <param name="result">The value that the last layer computed.</param>
    /// <param name="output">The name and shape of the output.</param>
    /// <param name="metadata">The metadata properties, if any.</param>
    public ModelProto ToModel(
        (string Name, IEnumerable<long> Shape) input,
        string result,
        (string Name, IEnumerable<long> Shape) output,
        IEnumerable<KeyValuePair<string, string>>? metadata = null)
    {
        NodeProto last = graph.Node.Single(node => string.Equals(node.Output[0], result, StringComparison.Ordinal));
        last.Output[0] = output.Name;
        graph.Input.Add(Describe(input.Name, input.Shape));
        graph.Output.Add(Describe(output.Name, output.Shape));
        var model = new ModelProto
        {
            IrVersion = EmotionModel.IrVersion,
            ProducerName = "MlNetEmotion",
            ProducerVersion = ProductVersion.Current,
            Graph = graph,
        };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = EmotionModel.Opset });
        model.MetadataProps.AddRange((metadata ?? []).Select(p => new StringStringEntryProto { Key = p.Key, Value = p.Value }));
        return model;
    }

    /// <summary>An integer attribute.</summary>
    public static AttributeProto Int(string name, long value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    /// <summary>A list of integers as attribute.</summary>
    public static AttributeProto Ints(string name, params ReadOnlySpan<long> values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.AddRange(values.ToArray());
        return attribute;
    }

    /// <summary>A float attribute.</summary>
    public static AttributeProto Float(string name, float value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Float, F = value };

    // ONNX stores raw data little-endian, as every platform that .NET runs on here does.
    private string AddInitializer(string name, int dataType, ReadOnlySpan<byte> data, long[] shape)
    {
        var tensor = new TensorProto { Name = name, DataType = dataType, RawData = ByteString.CopyFrom(data) };
        tensor.Dims.AddRange(shape);
        graph.Initializer.Add(tensor);
        return name;
    }

    private static ValueInfoProto Describe(string name, IEnumerable<long> shape)
    {
        var sizes = new TensorShapeProto();
        sizes.Dim.AddRange(shape.Select(size => size < 0
            ? new TensorShapeProto.Types.Dimension { DimParam = FreeBatchSize }
            : new TensorShapeProto.Types.Dimension { DimValue = size }));
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = Float32, Shape = sizes } },
        };
    }
}
