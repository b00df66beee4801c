using MlNetEmotion.Trainer.Data;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNetEmotion.Trainer.Network;

/// <summary>An emotion network: raw gray values, float32 [N, 1, 48, 48] in [0, 255] → logits, float32 [N, 7]. Its parameters' names
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
    }

    /// <summary>Gets its name.</summary>
    public string Name { get; }

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

    /// <summary>The logits, with layers that compute in bfloat16 if wished; norms' statistics and weights stay float32.</summary>
    public Tensor Logits(Tensor images, bool bfloat16)
    {
        entrance.Output = bfloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
        using DisposeScope scope = NewDisposeScope();
        return forward(images).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <summary>Scores a dataset in inference mode and float32; the network is in inference mode afterwards.</summary>
    /// <returns>Logits, float32 [n, 7] row-major.</returns>
    public float[] Logits(FaceDataset faces)
    {
        eval();
        float[] logits = new float[faces.Count * Emotions.Count];
        using IDisposable noGrad = no_grad();
        int row = 0;
        foreach (FaceBatch batch in new Data.DataLoader(faces).Epoch(0))
        {
            using DisposeScope scope = NewDisposeScope();
            Logits(batch.ToTensors(Device).Images, bfloat16: false).ToArray().CopyTo(logits, row * Emotions.Count);
            row += batch.Count;
        }

        return logits;
    }

    /// <summary>What it answers to a dataset, before any calibration: float32 [n, 7].</summary>
    public float[] Probabilities(FaceDataset faces)
    {
        using DisposeScope scope = NewDisposeScope();
        return softmax(Tensors.Of(Logits(faces), [faces.Count, Emotions.Count], CPU), dim: 1).ToArray();
    }
}
