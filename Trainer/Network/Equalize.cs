using System.Text.Json.Nodes;
using MlNetEmotion.Native.Torch;
using MlNetEmotion.Trainer.Export;
using static MlNetEmotion.Native.Torch.torch.nn;

namespace MlNetEmotion.Trainer.Network;

/// <summary>Gives every face the same histogram, an even one of mean 0 and variance 1: FER2013's faces come equalized, a
/// camera's do not. So a model takes raw gray values, [N, 1, H, W], whatever the light and the camera's tone curve.</summary>
internal sealed class Equalize : Module
{
    private const int Bins = 32;
    private const double Range = 3;

    // In squared gray levels: a face without contrast stays without.
    private const double Epsilon = 1;

    private static readonly double Scale = Math.Sqrt(12);

    protected override IEnumerable<(string Name, JsonNode? Setting)> Settings => [("bins", Bins), ("range", Range)];

    // As the network's entrance it also chooses the layout that all activations behind it keep.
    public override Tensor forward(Tensor x) =>
        functional.mul(functional.add(functional.equalize(x.channels_last(), Bins, Range, Epsilon), -0.5), Scale);

    /// <summary>The same by operators that every runtime has: how far each pixel has come through each bin, from 0 to 1, the share of the
    /// image's pixels in each bin, and the sum of the one times the other.</summary>
    public override string Export(OnnxGraph graph, string input)
    {
        // A pixel counts for the two knots beside its level: what lies between two knots is half of what lies in the bins around.
        var sharesOfMeans = new float[Bins * Bins];
        for (int bin = 1; bin < Bins; bin++)
        {
            sharesOfMeans[(bin * Bins) + bin - 1] = 0.5f;
            sharesOfMeans[((bin - 1) * Bins) + bin] = -0.5f;
        }

        string levels = graph.Add(
            "InstanceNormalization", $"{FullName}.levels", [input, Add("levels.scale", [1], 1), Add("levels.bias", [0], 1)], [OnnxGraph.Float("epsilon", (float)Epsilon)]);

        // min(1, max(0, place - bin)) = max(0, 1 - max(0, bin + 1 - place)), for not every runtime reads Clip.
        string missing = Conv1x1("missing", levels, Repeat(-(float)(Bins / (2 * Range)), Bins), [.. Enumerable.Range(0, Bins).Select(bin => bin + 1 - (Bins / 2f))]);
        string passed = Conv1x1("passed", graph.Add("Relu", $"{FullName}.missing.relu", [missing]), Repeat(-1, Bins), Repeat(1, Bins), groups: Bins);
        passed = graph.Add("Relu", $"{FullName}.passed.relu", [passed]);
        string means = graph.Add("GlobalAveragePool", $"{FullName}.means", [passed]);
        string shares = Conv1x1("shares", means, sharesOfMeans, [0.5f, .. Repeat(0, Bins - 1)]);
        string parts = graph.Add("Mul", $"{FullName}.parts", [passed, shares]);
        return Conv1x1("sum", parts, Repeat((float)Scale, Bins), [(float)(-Scale / 2)]);

        string Add(string name, float[] values, params long[] shape) => graph.AddInitializer($"{FullName}.{name}", values, shape);

        string Conv1x1(string name, string from, float[] weight, float[] bias, int groups = 1) => graph.Add(
            "Conv",
            $"{FullName}.{name}",
            [from, Add($"{name}.weight", weight, bias.Length, weight.Length / bias.Length, 1, 1), Add($"{name}.bias", bias, bias.Length)],
            [OnnxGraph.Ints("kernel_shape", 1, 1), OnnxGraph.Int("group", groups)]);

        static float[] Repeat(float value, int count) => [.. Enumerable.Repeat(value, count)];
    }

    /// <summary>Reads nothing, but makes sure that the file's network sees what this one sees.</summary>
    public override void Import(ReadWeights weights) => weights($"{FullName}.missing.bias", Bins);
}
