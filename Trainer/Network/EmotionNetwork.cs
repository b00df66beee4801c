using MlNetEmotion.Trainer.Data;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNetEmotion.Trainer.Network;

/// <summary>The head whose probabilities a model with a second head, for people's votes, outputs.</summary>
public enum OutputHead
{
    /// <summary>The vote head if there is one, otherwise the label head.</summary>
    Auto,

    /// <summary>The label head: the class that a face would be labelled with.</summary>
    Labels,

    /// <summary>The vote head: the shares of people's votes.</summary>
    Votes,

    /// <summary>The mean of both heads' probabilities, weighted by <see cref="LabelAndVoteHeads.VoteWeightOfMean"/>.</summary>
    Mean,
}

/// <summary>An emotion network: raw gray values, float32 [N, 1, 48, 48] in [0, 255] → logits, float32 [N, 7], or [N, 14] with a second head for people's
/// votes. Its parameter names are the names of checkpoint tensors and ONNX initializers.</summary>
internal sealed class EmotionNetwork : Sequential
{
    private readonly HistogramEqualization equalization;
    private (string Name, Tensor Tensor)[]? state;

    /// <param name="name">One of <see cref="Networks.Names"/>.</param>
    /// <param name="layers">The layers in order, named by position.</param>
    public EmotionNetwork(string name, params nn.Module<Tensor, Tensor>[] layers)
        : base(layers)
    {
        Name = name;
        equalization = layers.OfType<HistogramEqualization>().Single();
        HasVotes = layers[^1] is LabelAndVoteHeads;
    }

    public string Name { get; }

    /// <summary>Whether there is a second head, which predicts people's votes.</summary>
    public bool HasVotes { get; }

    /// <summary>Every learned parameter and running statistic, float32, by name.</summary>
    public IReadOnlyList<(string Name, Tensor Tensor)> State => state ??=
    [
        .. named_parameters().Select(p => (p.name, (Tensor)p.parameter)),
        .. named_buffers().Where(b => b.buffer.dtype == ScalarType.Float32),    // without num_batches_tracked, which is never read
    ];

    /// <summary>The number of learned values.</summary>
    public long ParameterCount => parameters().Sum(parameter => parameter.numel());

    /// <summary>The device that holds the parameters.</summary>
    public Device Device => State[0].Tensor.device;

    /// <summary>Returns the logits, optionally computed in bfloat16; weights and the norms' statistics stay float32.</summary>
    public Tensor Logits(Tensor images, bool bfloat16)
    {
        equalization.Output = bfloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
        using DisposeScope scope = NewDisposeScope();
        return forward(images).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <summary>Scores a dataset in float32. Leaves the network in inference mode.</summary>
    /// <returns>Each head's logits, float32 [n, 7] row-major: labels first, then votes.</returns>
    public float[][] Heads(FaceDataset faces)
    {
        eval();
        float[][] heads = [.. Enumerable.Range(0, HasVotes ? 2 : 1).Select(_ => new float[faces.Count * Emotions.Count])];
        using IDisposable noGrad = no_grad();
        int row = 0;
        foreach (FaceBatch batch in new Data.DataLoader(faces).Epoch(0))
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor logits = Logits(batch.ToTensors(Device).Images, bfloat16: false);
            for (int head = 0; head < heads.Length; head++)
            {
                logits.Head(head).ToArray().CopyTo(heads[head], row * Emotions.Count);
            }

            row += batch.Count;
        }

        return heads;
    }

    /// <summary>Returns a dataset's uncalibrated probabilities, float32 [n, 7].</summary>
    public float[] Probabilities(FaceDataset faces, OutputHead head = OutputHead.Labels) => Probabilities(Heads(faces), head);

    /// <summary>Returns the uncalibrated probabilities, float32 [n, 7], of a head from the logits of all heads.</summary>
    public static float[] Probabilities(float[][] heads, OutputHead head)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] each = [.. heads.Select(logits => softmax(Tensors.Of(logits, [logits.Length / Emotions.Count, Emotions.Count], CPU), dim: 1))];
        return (head switch
        {
            OutputHead.Votes => each[1],
            OutputHead.Mean => each[0].lerp(each[1], LabelAndVoteHeads.VoteWeightOfMean),
            _ => each[0],
        }).ToArray();
    }
}
