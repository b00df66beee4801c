using MlNetEmotion.Trainer.Data;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNetEmotion.Trainer.Network;

/// <summary>What a model with a second head, for people's votes, answers with.</summary>
public enum Answer
{
    /// <summary>Whichever is best on the validation images.</summary>
    Auto,

    /// <summary>What a face would be labelled.</summary>
    Labels,

    /// <summary>How people would vote.</summary>
    Votes,

    /// <summary>The mean of both, weighted by <see cref="LabelAndVoteHeads.VoteShareOfMean"/>.</summary>
    Mean,
}

/// <summary>An emotion network: raw gray values, float32 [N, 1, 48, 48] in [0, 255] → logits, float32 [N, 7], or with a
/// second head for people's votes [N, 14]. Its parameters' names
/// key the checkpoint's tensors and the ONNX initializers alike.</summary>
internal sealed class EmotionNetwork : Sequential
{
    private readonly Equalize entrance;
    private (string Name, Tensor Tensor)[]? state;

    /// <param name="name">One of <see cref="Networks.Names"/>.</param>
    /// <param name="layers">One after the other, named by position.</param>
    public EmotionNetwork(string name, params nn.Module<Tensor, Tensor>[] layers)
        : base(layers)
    {
        Name = name;
        entrance = layers.OfType<Equalize>().Single();
        HasVotes = layers[^1] is LabelAndVoteHeads;
    }

    /// <summary>Gets its name.</summary>
    public string Name { get; }

    /// <summary>Gets whether a second head tells how people vote.</summary>
    public bool HasVotes { get; }

    /// <summary>Gets its state in one tensor, where <see cref="Flatten"/> has moved it.</summary>
    public FlatState? Flat { get; private set; }

    /// <summary>Gets every learned parameter and running statistic, float32, by name.</summary>
    public IReadOnlyList<(string Name, Tensor Tensor)> State => state ??=
    [
        .. named_parameters().Select(p => (p.name, (Tensor)p.parameter)),
        .. named_buffers().Where(b => b.buffer.dtype == ScalarType.Float32),    // not the norms' count of batches, which nothing reads
    ];

    /// <summary>Gets how many numbers are learned.</summary>
    public long ParameterCount => parameters().Sum(parameter => parameter.numel());

    /// <summary>Gets where it computes.</summary>
    public Device Device => State[0].Tensor.device;

    /// <summary>Moves its state into one tensor: for a GPU, where a call for each part takes longer than the work.</summary>
    public void Flatten() => Flat = new FlatState(this);

    /// <summary>The logits, with layers that compute in bfloat16 if wished; norms' statistics and weights stay float32.</summary>
    public Tensor Logits(Tensor images, bool bfloat16)
    {
        entrance.Output = bfloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
        using DisposeScope scope = NewDisposeScope();
        return forward(images).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <summary>Scores a dataset in inference mode and float32; the network is in inference mode afterwards.</summary>
    /// <returns>Each head's logits, float32 [n, 7] row-major: the labels', then the votes'.</returns>
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

    /// <summary>The label head's logits of a dataset.</summary>
    public float[] Logits(FaceDataset faces) => Heads(faces)[0];

    /// <summary>What it answers to a dataset, before any calibration: float32 [n, 7].</summary>
    public float[] Probabilities(FaceDataset faces, Answer answer = Answer.Labels) => Probabilities(Heads(faces), answer);

    /// <summary>What heads' logits make of an answer, before any calibration: float32 [n, 7].</summary>
    public static float[] Probabilities(float[][] heads, Answer answer)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] each = [.. heads.Select(logits => softmax(Tensors.Of(logits, [logits.Length / Emotions.Count, Emotions.Count], CPU), dim: 1))];
        return (answer switch
        {
            Answer.Votes => each[1],
            Answer.Mean => each[0].lerp(each[1], LabelAndVoteHeads.VoteShareOfMean),
            _ => each[0],
        }).ToArray();
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            Flat?.Dispose();
        }
    }
}
