using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNetEmotion.Trainer.Network;

/// <summary>A network's parameters and running statistics as slices of one tensor, in this order: weights with decay, other parameters, statistics.
/// An optimizer step or a weight average is then one or two calls instead of one per tensor; on a GPU, a call takes longer than a small tensor's
/// work.</summary>
internal sealed class FlatState : IDisposable
{
    private const long Alignment = 64;    // floats, 256 bytes: kernels load up to 16 bytes at once, and memory is fetched in 128

    private readonly Part[] parts;

    /// <summary>Moves a network's state into one tensor; the network's tensor objects stay the same.</summary>
    public FlatState(EmotionNetwork network)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        ILookup<int, (string Name, Tensor Tensor)> byKind = network.State.ToLookup(item => item.Tensor is not Parameter ? 2 : item.Tensor.Decays() ? 0 : 1);
        (string Name, Tensor Tensor)[] all = [.. byKind[0], .. byKind[1], .. byKind[2]];
        parts = new Part[all.Length];
        long size = 0;
        for (int i = 0; i < all.Length; i++)
        {
            Tensor tensor = all[i].Tensor;
            parts[i] = new Part(all[i].Name, tensor.shape, [.. Enumerable.Range(0, (int)tensor.ndim).Select(dim => tensor.stride(dim))], size);
            size += (tensor.numel() + Alignment - 1) / Alignment * Alignment;
        }

        DecayedSize = Offset(byKind[0].Count());
        LearnedSize = Offset(byKind[0].Count() + byKind[1].Count());
        Values = zeros(size, device: network.Device).DetachFromDisposeScope();
        foreach (((_, Tensor tensor), (_, Tensor view)) in all.Zip(Views(Values)))
        {
            view.copy_(tensor);
            tensor.set_(view);
        }

        long Offset(int part) => part < parts.Length ? parts[part].Offset : size;
    }

    /// <summary>The whole state: float32 [size].</summary>
    public Tensor Values { get; }

    /// <summary>The size of the weights with decay, which come first.</summary>
    public long DecayedSize { get; }

    /// <summary>The size of all parameters, which come before the statistics.</summary>
    public long LearnedSize { get; }

    /// <summary>Returns views of a tensor with the layout of <see cref="Values"/>, or of a slice of it that starts at <paramref name="from"/>.</summary>
    public IEnumerable<(string Name, Tensor View)> Views(Tensor values, long from = 0) => parts
        .Where(part => part.Offset >= from && part.Offset < from + values.numel())
        .Select(part => (part.Name, values.as_strided(part.Shape, part.Strides, part.Offset - from)));

    public void Dispose() => Values.Dispose();

    private sealed record Part(string Name, long[] Shape, long[] Strides, long Offset);
}
