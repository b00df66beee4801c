using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using MlNetEmotion.Imaging;
using MlNetEmotion.Onnx;
using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Export.Proto;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace MlNetEmotion.Trainer.Export;

/// <summary>In which order a model's input has its sizes.</summary>
internal enum Layout
{
    /// <summary>[N, channels, height, width], as PyTorch has it.</summary>
    Nchw,

    /// <summary>[N, height, width, channels], as Keras has it.</summary>
    Nhwc,
}

/// <summary>How another system's model is to be fed and read.</summary>
/// <param name="Labels">The classes in the order of its answers; null for one that is left out.</param>
internal sealed record Adoption(IReadOnlyList<Emotion?> Labels)
{
    /// <summary>The order of its input's sizes; null for the one that its shape tells.</summary>
    public Layout? Layout { get; init; }

    /// <summary>The side of its input where its file leaves that open.</summary>
    public int? Size { get; init; }

    /// <summary>What is subtracted from gray values of 0 to 255, one for all channels or one for each.</summary>
    public IReadOnlyList<double> Mean { get; init; } = [0];

    /// <summary>What the difference is multiplied by, one for all channels or one for each.</summary>
    public IReadOnlyList<double> Scale { get; init; } = [1];
}

/// <summary>Puts another system's model of faces into a file that holds to <see cref="EmotionModel"/>: what prepares its input and orders its
/// answers becomes part of the graph.</summary>
internal sealed class OnnxAdoption
{
    private const int Side = FacePreprocessor.Size;
    private const double SumTolerance = 1e-3;

    private readonly ModelProto model;
    private readonly string name;
    private readonly Adoption adoption;
    private readonly Layout layout;
    private readonly int batch;
    private readonly int channels;
    private readonly int height;
    private readonly int width;

    private OnnxAdoption(byte[] file, string name, Adoption adoption, InferenceSession session)
    {
        (model, this.name, this.adoption) = (OnnxExporter.Parse(file, name), name, adoption);
        if (session.InputNames.Count != 1 || session.OutputNames.Count != 1)
        {
            throw Unfit($"{session.InputNames.Count} inputs and {session.OutputNames.Count} outputs", "one image and one list of answers");
        }

        NodeMetadata image = session.InputMetadata[session.InputNames[0]];
        int[] input = image.Dimensions;
        string shape = $"input '{session.InputNames[0]}' of {image.ElementDataType} [{string.Join(", ", input)}]";
        if (input.Length != 4 || input[0] is not (-1 or 1) || image.ElementDataType != TensorElementType.Float)
        {
            throw Unfit(shape, "Float and four sizes, the first of them 1 or free (-1)");
        }

        layout = adoption.Layout ?? (input[1] is 1 or 3 ? Layout.Nchw : Layout.Nhwc);
        (batch, channels, height, width) = layout == Layout.Nchw ? (input[0], input[1], input[2], input[3]) : (input[0], input[3], input[1], input[2]);
        if (channels is not (1 or 3))
        {
            throw Unfit(shape, "1 or 3 channels; '--layout' says where they stand");
        }

        (height, width) = (height > 0 ? height : adoption.Size ?? 0, width > 0 ? width : adoption.Size ?? 0);
        if (height < 1 || width < 1 || (adoption.Size ?? height) != height)
        {
            throw Unfit(shape, "a size, or one that '--size' fits");
        }

        if (new[] { adoption.Mean, adoption.Scale }.FirstOrDefault(values => values.Count != 1 && values.Count != channels) is { } wrong)
        {
            throw Unfit($"{channels} channels, and a mean or scale of {wrong.Count} numbers", "one number, or one a channel");
        }
    }

    /// <summary>Wraps a model.</summary>
    /// <param name="file">The model's file, with its weights inside.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="faces">Inputs on which the result must answer as the model does when it is fed by hand.</param>
    /// <returns>The file's content, and whether the model's answers are probabilities, so that it gets no softmax.</returns>
    /// <exception cref="InvalidDataException">It is no ONNX file.</exception>
    /// <exception cref="ModelException">It is no model of one image and a value a label, or the answers differ.</exception>
    public static (byte[] Model, bool AreProbabilities) Adopt(byte[] file, string name, Adoption adoption, FaceDataset faces)
    {
        using InferenceSession session = OnnxSession.Load(file, name);
        var adopted = new OnnxAdoption(file, name, adoption, session);
        FaceDataset probe = Parity.Probe(faces);
        float[][] answers = [.. Enumerable.Range(0, probe.Count).Select(i => adopted.Answer(session, probe.Face(i)))];
        bool areProbabilities = answers.All(answer => answer.All(value => value >= 0) && Math.Abs(answer.Sum() - 1) <= SumTolerance);
        float[] expected = [.. answers.SelectMany(answer => adopted.Probabilities(answer, areProbabilities))];
        byte[] result = adopted.Wrap(areProbabilities).ToByteArray();
        Parity.Require(expected, Parity.OfModel(result, name, probe), name);
        return (result, areProbabilities);
    }

    // image → its size → its channels → its range → its layout → the model → our seven in our order → softmax
    private ModelProto Wrap(bool areProbabilities)
    {
        var graph = new OnnxGraph();
        string value = EmotionModel.InputName;
        if ((height, width) != (Side, Side))
        {
            // Products with matrices, which every version of the operator set has, and every reader.
            (float[][] rows, float[][] columns) = (Resizing(height), Resizing(width));
            float[] across = [.. Enumerable.Range(0, Side).SelectMany(x => columns.Select(column => column[x]))];
            value = graph.Add("MatMul", "resized.rows", [graph.AddInitializer("resize.rows", [.. rows.SelectMany(row => row)], [height, Side]), value]);
            value = graph.Add("MatMul", "resized", [value, graph.AddInitializer("resize.columns", across, [Side, width])]);
        }

        value = channels == 1 ? value : graph.Add("Concat", "channels", [value, value, value], [OnnxGraph.Int("axis", 1)]);
        value = graph.Add("Sub", "centered", [value, PerChannel("mean", adoption.Mean)]);
        value = graph.Add("Mul", "scaled", [value, PerChannel("scale", adoption.Scale)]);
        value = layout == Layout.Nchw ? value : graph.Add("Transpose", "channels.last", [value], [OnnxGraph.Ints("perm", 0, 2, 3, 1)]);
        string answers = graph.Append(WithOneInput(model.Graph), "adopted.", value);
        string logits = graph.Add("Gather", "ordered", [answers, graph.AddInitializer("order", [.. Order().Select(place => (long)place)])], [OnnxGraph.Int("axis", 1)]);
        logits = areProbabilities ? graph.Add("Log", "logits", [logits]) : logits;
        ModelProto wrapped = graph.ToModel(
            (EmotionModel.InputName, [batch, .. EmotionModel.InputShape.Skip(1)]),
            OnnxCalibration.Add(graph, logits, Calibration.None),
            (EmotionModel.OutputName, [batch, .. EmotionModel.OutputShape.Skip(1)]),
            new ModelMetadata { Network = $"adopted {Path.GetFileName(name)}", Version = ProductVersion.Current }.ToProperties());

        // All else stays as the model's own exporter wrote it: operator sets, functions.
        ModelProto result = model.Clone();
        (result.Graph, result.ProducerName, result.ProducerVersion) = (wrapped.Graph, wrapped.ProducerName, wrapped.ProducerVersion);
        result.IrVersion = Math.Max(result.IrVersion, wrapped.IrVersion);
        result.MetadataProps.Clear();
        result.MetadataProps.AddRange(wrapped.MetadataProps);
        return result;

        string PerChannel(string constant, IReadOnlyList<double> values) =>
            graph.AddInitializer(constant, [.. values.Select(one => (float)one)], [1, values.Count, 1, 1]);
    }

    // What the model itself says to a face, fed by hand.
    private float[] Answer(InferenceSession session, ReadOnlySpan<byte> face)
    {
        float[][] lines = [.. face.ToArray().Chunk(Side).Select(line => line.Select(pixel => (float)pixel).ToArray())];
        float[][] squeezed = [.. Resizing(width).Select(weights => lines.Select(line => TensorPrimitives.Dot<float>(weights, line)).ToArray())];    // [width, 48]
        float[][] rows = Resizing(height);
        var input = new DenseTensor<float>(layout == Layout.Nchw ? [1, channels, height, width] : [1, height, width, channels]);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                float gray = TensorPrimitives.Dot<float>(rows[y], squeezed[x]);
                for (int c = 0; c < channels; c++)
                {
                    int[] place = layout == Layout.Nchw ? [0, c, y, x] : [0, y, x, c];
                    input[place] = (gray - (float)adoption.Mean[c % adoption.Mean.Count]) * (float)adoption.Scale[c % adoption.Scale.Count];
                }
            }
        }

        using var results = session.Run([NamedOnnxValue.CreateFromTensor(session.InputNames[0], input)]);
        float[] answer = results[0].Value is Tensor<float> { Rank: 2 } found
            ? [.. found]
            : throw Unfit($"output '{session.OutputNames[0]}'", $"Float [N, {adoption.Labels.Count}]");
        return answer.Length == adoption.Labels.Count
            ? answer
            : throw Unfit($"{answer.Length} answers for a face", $"{adoption.Labels.Count}, as many as '--labels' names");
    }

    private IEnumerable<float> Probabilities(float[] answer, bool areProbabilities)
    {
        double[] shares = [.. Order().Select(place => areProbabilities ? answer[place] : Math.Exp(answer[place] - answer.Max()))];
        return shares.Select(share => (float)(share / shares.Sum()));
    }

    // Where each of our classes stands in the model's answers.
    private IEnumerable<int> Order() => Enum.GetValues<Emotion>().Select(emotion => adoption.Labels.ToList().IndexOf(emotion));

    // A triangle filter, which averages where it makes smaller: for each of so many pixels, 48 pixels' weights.
    private static float[][] Resizing(int length)
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

    // Older files list weights among the inputs, for which they are the defaults.
    private static GraphProto WithOneInput(GraphProto graph)
    {
        GraphProto copy = graph.Clone();
        ValueInfoProto input = copy.Input.Single(value => copy.Initializer.All(weight => weight.Name != value.Name));
        copy.Input.Clear();
        copy.Input.Add(input);
        return copy;
    }

    private ModelException Unfit(string found, string expected) => new($"{name}: {found}, expected {expected}; only a model of one image can be adopted");
}
