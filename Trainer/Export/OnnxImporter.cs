using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using MlNetEmotion.Onnx;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Export.Proto;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace MlNetEmotion.Trainer.Export;

/// <summary>The order of dimensions of a model's input.</summary>
internal enum Layout
{
    /// <summary>[N, channels, height, width], as in PyTorch.</summary>
    Nchw,

    /// <summary>[N, height, width, channels], as in Keras.</summary>
    Nhwc,
}

/// <summary>The input and output conventions of a model from another system.</summary>
/// <param name="Labels">The classes in the order of the model's outputs; null for an ignored one.</param>
internal sealed record ImportOptions(IReadOnlyList<Emotion?> Labels)
{
    /// <summary>The order of the input's dimensions; null to infer it from their sizes.</summary>
    public Layout? Layout { get; init; }

    /// <summary>The input's side, if the file leaves it open.</summary>
    public int? Size { get; init; }

    /// <summary>Subtracted from gray values of 0 to 255; one value, or one per channel.</summary>
    public IReadOnlyList<double> Mean { get; init; } = [0];

    /// <summary>Factor on the difference; one value, or one per channel.</summary>
    public IReadOnlyList<double> Scale { get; init; } = [1];
}

/// <summary>Converts a face model from another system to a file that satisfies <see cref="EmotionModel"/>: its preprocessing and the order of its outputs
/// become part of the graph.</summary>
internal sealed class OnnxImporter
{
    private const int Side = FacePreprocessor.Size;
    private const double SumTolerance = 1e-3;

    private readonly ModelProto model;
    private readonly string name;
    private readonly ImportOptions options;
    private readonly Layout layout;
    private readonly int batch;
    private readonly int channels;
    private readonly int height;
    private readonly int width;

    private OnnxImporter(byte[] file, string name, ImportOptions options, InferenceSession session)
    {
        (model, this.name, this.options) = (OnnxExporter.Parse(file, name), name, options);
        Require(session.InputNames.Count == 1 && session.OutputNames.Count == 1, $"{session.InputNames.Count} inputs and {session.OutputNames.Count} outputs", "one image and one list of outputs");

        NodeMetadata image = session.InputMetadata[session.InputNames[0]];
        int[] input = image.Dimensions;
        string shape = $"input '{session.InputNames[0]}' of {image.ElementDataType} [{string.Join(", ", input)}]";
        Require(input is [-1 or 1, _, _, _] && image.ElementDataType == TensorElementType.Float, shape, "Float and four sizes, the first of them 1 or free (-1)");

        layout = options.Layout ?? (input[1] is 1 or 3 ? Layout.Nchw : Layout.Nhwc);
        (batch, channels, height, width) = layout == Layout.Nchw ? (input[0], input[1], input[2], input[3]) : (input[0], input[3], input[1], input[2]);
        Require(channels is 1 or 3, shape, "1 or 3 channels; '--layout' gives the order of dimensions");
        (height, width) = (height > 0 ? height : options.Size ?? 0, width > 0 ? width : options.Size ?? 0);
        Require(height >= 1 && width >= 1 && (options.Size ?? height) == height, shape, "a size, or one that '--size' fits");
        IReadOnlyList<double>? wrong = new[] { options.Mean, options.Scale }.FirstOrDefault(values => values.Count != 1 && values.Count != channels);
        Require(wrong is null, $"{channels} channels, and a mean or scale of {wrong?.Count} numbers", "one number, or one per channel");

        void Require(bool holds, string found, string expected)
        {
            if (!holds)
            {
                throw Mismatch(found, expected);
            }
        }
    }

    /// <summary>Converts a model.</summary>
    /// <param name="file">The model's file, including its weights.</param>
    /// <param name="name">The model's name in error messages.</param>
    /// <param name="faces">Inputs for the parity check against the original model with preprocessing in C#.</param>
    /// <returns>The file's content, and whether the model outputs probabilities, so that no softmax is added.</returns>
    /// <exception cref="InvalidDataException">The file is not an ONNX file.</exception>
    /// <exception cref="ModelException">The model does not have one image input and one value per label, or the probabilities differ.</exception>
    public static (byte[] Model, bool AreProbabilities) Import(byte[] file, string name, ImportOptions options, FaceDataset faces)
    {
        using InferenceSession session = OnnxSession.Load(file, name);
        var importer = new OnnxImporter(file, name, options, session);
        FaceDataset probe = Parity.Probe(faces);
        float[][] outputs = [.. Enumerable.Range(0, probe.Count).Select(i => importer.Output(session, probe.Face(i)))];
        bool areProbabilities = outputs.All(output => output.All(value => value >= 0) && Math.Abs(output.Sum() - 1) <= SumTolerance);
        float[] expected = [.. outputs.SelectMany(output => importer.Probabilities(output, areProbabilities))];
        byte[] result = importer.Wrap(areProbabilities).ToByteArray();
        Parity.Require(expected, Parity.OfModel(result, name, probe), name);
        return (result, areProbabilities);
    }

    // image → resize → channels → range → layout → the model → the seven classes in order → softmax
    private ModelProto Wrap(bool areProbabilities)
    {
        var graph = new OnnxGraph();
        string value = EmotionModel.InputName;
        if ((height, width) != (Side, Side))
        {
            // As matrix products, which every operator set version and every runtime supports.
            (float[][] rows, float[][] columns) = (ResizeMatrix(height), ResizeMatrix(width));
            float[] across = [.. Enumerable.Range(0, Side).SelectMany(x => columns.Select(column => column[x]))];
            value = graph.Add("MatMul", "resized.rows", [graph.AddInitializer("resize.rows", [.. rows.SelectMany(row => row)], [height, Side]), value]);
            value = graph.Add("MatMul", "resized", [value, graph.AddInitializer("resize.columns", across, [Side, width])]);
        }

        value = channels == 1 ? value : graph.Add("Concat", "channels", [value, value, value], [OnnxGraph.Int("axis", 1)]);
        value = graph.Add("Sub", "centered", [value, PerChannel("mean", options.Mean)]);
        value = graph.Add("Mul", "scaled", [value, PerChannel("scale", options.Scale)]);
        value = layout == Layout.Nchw ? value : graph.Add("Transpose", "channels.last", [value], [OnnxGraph.Ints("perm", 0, 2, 3, 1)]);
        string outputs = graph.Append(WithOneInput(model.Graph), "adopted.", value);
        string logits = graph.Add("Gather", "ordered", [outputs, graph.AddInitializer("order", [.. Order().Select(place => (long)place)])], [OnnxGraph.Int("axis", 1)]);
        logits = areProbabilities ? graph.Add("Log", "logits", [logits]) : logits;
        ModelProto wrapped = graph.ToEmotionModel(
            OnnxCalibration.Add(graph, logits, Calibration.None, OnnxCalibration.Main),
            new ModelMetadata { Network = $"adopted {Path.GetFileName(name)}", Version = ProductVersion.Current },
            batch);

        // Everything else stays as the original exporter wrote it: operator sets, functions.
        ModelProto result = model.Clone();
        (result.Graph, result.ProducerName, result.ProducerVersion) = (wrapped.Graph, wrapped.ProducerName, wrapped.ProducerVersion);
        result.IrVersion = Math.Max(result.IrVersion, wrapped.IrVersion);
        result.MetadataProps.Clear();
        result.MetadataProps.AddRange(wrapped.MetadataProps);
        return result;

        string PerChannel(string constant, IReadOnlyList<double> values) =>
            graph.AddInitializer(constant, [.. values.Select(one => (float)one)], [1, values.Count, 1, 1]);
    }

    // The original model's output for a face, with preprocessing in C#.
    private float[] Output(InferenceSession session, ReadOnlySpan<byte> face)
    {
        float[][] lines = [.. face.ToArray().Chunk(Side).Select(line => line.Select(pixel => (float)pixel).ToArray())];
        float[][] squeezed = [.. ResizeMatrix(width).Select(weights => lines.Select(line => TensorPrimitives.Dot<float>(weights, line)).ToArray())];    // [width, 48]
        float[][] rows = ResizeMatrix(height);
        var input = new DenseTensor<float>(layout == Layout.Nchw ? [1, channels, height, width] : [1, height, width, channels]);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                float gray = TensorPrimitives.Dot<float>(rows[y], squeezed[x]);
                for (int c = 0; c < channels; c++)
                {
                    int[] place = layout == Layout.Nchw ? [0, c, y, x] : [0, y, x, c];
                    input[place] = (gray - (float)options.Mean[c % options.Mean.Count]) * (float)options.Scale[c % options.Scale.Count];
                }
            }
        }

        using var results = session.Run([NamedOnnxValue.CreateFromTensor(session.InputNames[0], input)]);
        float[] output = results[0].Value is Tensor<float> { Rank: 2 } found
            ? [.. found]
            : throw Mismatch($"output '{session.OutputNames[0]}'", $"Float [N, {options.Labels.Count}]");
        return output.Length == options.Labels.Count
            ? output
            : throw Mismatch($"{output.Length} values for a face", $"{options.Labels.Count}, as many as '--labels' names");
    }

    private IEnumerable<float> Probabilities(float[] output, bool areProbabilities)
    {
        double[] shares = [.. Order().Select(place => areProbabilities ? output[place] : Math.Exp(output[place] - output.Max()))];
        return shares.Select(share => (float)(share / shares.Sum()));
    }

    // The index of each emotion in the model's outputs.
    private IEnumerable<int> Order() => Enum.GetValues<Emotion>().Select(emotion => options.Labels.ToList().IndexOf(emotion));

    // A triangle filter, which averages when shrinking: for each output pixel, the weights of the 48 input pixels.
    private static float[][] ResizeMatrix(int length)
    {
        double scale = (double)Side / length;
        return
        [
            .. Enumerable.Range(0, length).Select(i =>
            {
                double[] weights = [.. Enumerable.Range(0, Side).Select(x => Math.Max(1 - (Math.Abs(x + 0.5 - ((i + 0.5) * scale)) / Math.Max(scale, 1)), 0))];
                return weights.Select(weight => (float)(weight / weights.Sum())).ToArray();
            }),
        ];
    }

    // Older files also list weights as inputs, with the initializers as defaults.
    private static GraphProto WithOneInput(GraphProto graph)
    {
        GraphProto copy = graph.Clone();
        ValueInfoProto input = copy.Input.Single(value => copy.Initializer.All(weight => weight.Name != value.Name));
        copy.Input.Clear();
        copy.Input.Add(input);
        return copy;
    }

    private ModelException Mismatch(string found, string expected) => new($"{name}: {found}, expected {expected}; only a model of one image can be adopted");
}
