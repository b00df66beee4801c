using MlNetEmotion.Trainer.Export.Proto;
using MlNetEmotion.Trainer.Network;
using TorchSharp.Modules;
using static TorchSharp.torch;
using Conv2d = MlNetEmotion.Trainer.Network.Conv2d;
using Linear = MlNetEmotion.Trainer.Network.Linear;

namespace MlNetEmotion.Trainer.Export;

/// <summary>Writes the ONNX nodes of a network's layers, for inference. Nodes and weights have the names of the layers.</summary>
/// <param name="outputHead">The head whose logits a network with two heads outputs.</param>
internal sealed class NetworkNodes(OnnxGraph graph, OutputHead outputHead = OutputHead.Labels)
{
    /// <summary>The name of the label head's logits in a network with two heads; null until they are added.</summary>
    public string? LabelLogits { get; private set; }

    /// <summary>Adds a layer and its children.</summary>
    /// <param name="name">Its path of names from the network's root; empty at the root.</param>
    /// <param name="input">The name of its input value.</param>
    /// <returns>The name of its output value.</returns>
    public string Add(nn.Module layer, string name, string input) => layer switch
    {
        Conv2d conv => AddConv(conv, norm: null, name, input),
        BatchNorm2d norm => graph.Add("BatchNormalization", name, [input, .. Weights(name, norm)], [OnnxGraph.Float("epsilon", (float)norm.eps)]),
        Linear => graph.Add("Gemm", name, [input, .. Weights(name, layer)], [OnnxGraph.Int("transB", 1)]),
        ReLU => graph.Add("Relu", name, [input]),
        Sigmoid => graph.Add("Sigmoid", name, [input]),
        MaxPool2d pool => graph.Add("MaxPool", name, [input], Window(pool.kernel_size, pool.stride, pool.padding)),
        AvgPool2d pool => graph.Add("AveragePool", name, [input], Window(pool.kernel_size, pool.stride, pool.padding)),
        GlobalAvgPool2d => graph.Add("GlobalAveragePool", name, [input]),
        Flatten => graph.Add("Flatten", name, [input], [OnnxGraph.Int("axis", 1)]),
        Dropout => input,
        HistogramEqualization => AddEqualization(name, input),
        SqueezeExcitation => graph.Add("Mul", name, [input, AddChild(layer, "gate", name, input)]),
        ResidualBlock => AddResidual(layer, name, input),
        LabelAndVoteHeads => AddHeads(layer, name, input),
        Sequential => Children(layer, name).Aggregate(
            input, (value, child) => child.Norm is null ? Add(child.Layer, child.Name, value) : AddConv((Conv2d)child.Layer, child.Norm, child.Name, value)),
        _ => throw new NotSupportedException($"{name}: a {layer.GetType().Name} has no nodes yet"),
    };

    /// <summary>Returns a layer's children with their paths of names; a batch norm behind a convolution comes with it instead of by itself.</summary>
    public static IEnumerable<(string Name, nn.Module Layer, BatchNorm2d? Norm)> Children(nn.Module parent, string name)
    {
        (string Name, nn.Module Layer)[] children = [.. parent.named_children()];
        for (int i = 0; i < children.Length; i++)
        {
            string child = Below(name, children[i].Name);
            BatchNorm2d? norm = children[i].Layer is Conv2d ? children.ElementAtOrDefault(i + 1).Layer as BatchNorm2d : null;
            yield return (child, children[i].Layer, norm);
            i += norm is null ? 0 : 1;
        }
    }

    private static string Below(string parent, string child) => parent.Length == 0 ? child : $"{parent}.{child}";

    private string AddConv(Conv2d conv, BatchNorm2d? norm, string name, string input)
    {
        float[] weights = conv.Weight.ToArray();
        float[] biases = conv.Bias?.ToArray() ?? new float[conv.OutChannels];
        if (norm is not null)
        {
            BatchNormFolding.Fold(norm, weights, biases);
        }

        long[] kernel = [conv.KernelSize, conv.KernelSize];
        return graph.Add(
            "Conv",
            name,
            [input, graph.AddInitializer($"{name}.weight", weights, conv.Weight.shape), graph.AddInitializer($"{name}.bias", biases, [conv.OutChannels])],
            Window(kernel, [conv.Stride, conv.Stride], [conv.Padding, conv.Padding]));
    }

    private string AddResidual(nn.Module block, string name, string input)
    {
        bool hasShortcut = block.named_children().Any(child => child.name == "shortcut");
        string residual = AddChild(block, "residual", name, input);
        string sum = graph.Add("Add", $"{name}.sum", [residual, hasShortcut ? AddChild(block, "shortcut", name, input) : input]);
        return graph.Add("Relu", name, [sum]);
    }

    // The file always contains both heads' weights, so that training can start from it.
    private string AddHeads(nn.Module heads, string name, string input)
    {
        if (outputHead == OutputHead.Labels)
        {
            Weights($"{name}.votes", heads.named_children().Single(child => child.name == "votes").module);
            return AddChild(heads, "labels", name, input);
        }

        LabelLogits = AddChild(heads, "labels", name, input);
        string votes = AddChild(heads, "votes", name, input);
        if (outputHead == OutputHead.Votes)
        {
            return votes;
        }

        string mean = graph.Add("Add", $"{name}.mean",
            [Share("labels", 1 - LabelAndVoteHeads.VoteWeightOfMean, LabelLogits), Share("votes", LabelAndVoteHeads.VoteWeightOfMean, votes)]);
        return graph.Add("Log", name, [mean]);

        string Share(string head, float share, string logits) => graph.Add(
            "Mul", $"{name}.{head}.part",
            [graph.Add("Softmax", $"{name}.{head}.softmax", [logits], [OnnxGraph.Int("axis", 1)]), graph.AddInitializer($"{name}.{head}.share", [share], [1])]);
    }

    private string AddChild(nn.Module layer, string child, string name, string input) =>
        Add(layer.named_children().Single(candidate => candidate.name == child).module, $"{name}.{child}", input);

    /// <summary><see cref="HistogramEqualization"/> with operators that every runtime supports: for each bin, the part of it below the pixel's level, from 0
    /// to 1, times the share of the image's pixels in the bin, summed over the bins.</summary>
    private string AddEqualization(string name, string input)
    {
        const int Bins = HistogramEqualization.Bins;

        // A pixel counts for the two knots around its level: half of it for each of the two bins beside a knot.
        var sharesOfMeans = new float[Bins * Bins];
        for (int bin = 1; bin < Bins; bin++)
        {
            sharesOfMeans[(bin * Bins) + bin - 1] = 0.5f;
            sharesOfMeans[((bin - 1) * Bins) + bin] = -0.5f;
        }

        string levels = graph.Add(
            "InstanceNormalization", $"{name}.levels", [input, Constant("levels.scale", [1], 1), Constant("levels.bias", [0], 1)], [OnnxGraph.Float("epsilon", (float)HistogramEqualization.Epsilon)]);

        // min(1, max(0, place - bin)) = max(0, 1 - max(0, bin + 1 - place)), because not every runtime supports Clip.
        string missing = Conv1x1("missing", levels, Repeat(-(float)(Bins / (2 * HistogramEqualization.Range)), Bins), [.. Enumerable.Range(0, Bins).Select(bin => bin + 1 - (Bins / 2f))]);
        string passed = Conv1x1("passed", graph.Add("Relu", $"{name}.missing.relu", [missing]), Repeat(-1, Bins), Repeat(1, Bins), groups: Bins);
        passed = graph.Add("Relu", $"{name}.passed.relu", [passed]);
        string means = graph.Add("GlobalAveragePool", $"{name}.means", [passed]);
        string shares = Conv1x1("shares", means, sharesOfMeans, [0.5f, .. Repeat(0, Bins - 1)]);
        string parts = graph.Add("Mul", $"{name}.parts", [passed, shares]);
        return Conv1x1("sum", parts, Repeat((float)HistogramEqualization.Scale, Bins), [(float)(-HistogramEqualization.Scale / 2)]);

        string Constant(string suffix, float[] values, params long[] shape) => graph.AddInitializer($"{name}.{suffix}", values, shape);

        string Conv1x1(string suffix, string from, float[] weight, float[] bias, int groups = 1) => graph.Add(
            "Conv",
            $"{name}.{suffix}",
            [from, Constant($"{suffix}.weight", weight, bias.Length, weight.Length / bias.Length, 1, 1), Constant($"{suffix}.bias", bias, bias.Length)],
            [OnnxGraph.Ints("kernel_shape", 1, 1), OnnxGraph.Int("group", groups)]);

        static float[] Repeat(float value, int count) => [.. Enumerable.Repeat(value, count)];
    }

    private string[] Weights(string name, nn.Module layer) =>
    [
        .. layer.named_parameters(recurse: false).Select(p => (p.name, (Tensor)p.parameter))
            .Concat(layer.named_buffers(recurse: false).Where(b => b.buffer.dtype == ScalarType.Float32))
            .OrderBy(p => Array.IndexOf(InputOrder, p.Item1))
            .Select(p => graph.AddInitializer(Below(name, p.Item1), p.Item2.ToArray(), p.Item2.shape)),
    ];

    private static readonly string[] InputOrder = ["weight", "bias", "running_mean", "running_var"];

    private static AttributeProto[] Window(long[] kernel, long[]? stride, long[]? padding)
    {
        long[] pads = padding ?? [0, 0];
        return
        [
            OnnxGraph.Ints("kernel_shape", Pair(kernel)),
            OnnxGraph.Ints("strides", Pair(stride ?? kernel)),
            OnnxGraph.Ints("pads", [.. Pair(pads), .. Pair(pads)]),
        ];

        static long[] Pair(long[] sizes) => sizes is [long both] ? [both, both] : sizes;
    }
}
