using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNetEmotion.Trainer.Network;

/// <summary>A network's parameters and running statistics as parts of one tensor. What is done to all of them (a step of the optimizer, an average) is then a
/// call or two instead of one for each: on a GPU, a call takes longer than a small tensor's work. Parts stand in this order: weights that decay, other
/// parameters, statistics.</summary>
internal sealed class FlatState : IDisposable
{
    private const long Alignment = 64;    // kernels read up to 16 bytes at once, memory is fetched by 128

    private readonly Part[] parts;

    /// <summary>Moves a network's state here; its tensors stay the same objects.</summary>
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

    /// <summary>Gets all of it: float32 [size].</summary>
    public Tensor Values { get; }

    /// <summary>Gets the size of the first part, of weights that decay.</summary>
    public long DecayedSize { get; }

    /// <summary>Gets the size of the first two parts, of all parameters.</summary>
    public long LearnedSize { get; }

    /// <summary>Parts of a tensor that is laid out as <see cref="Values"/>, or as a stretch of it.</summary>
    /// <param name="values">Owns its memory.</param>
    /// <param name="from">Where the stretch begins.</param>
    public IEnumerable<(string Name, Tensor View)> Views(Tensor values, long from = 0) => parts
        .Where(part => part.Offset >= from && part.Offset < from + values.numel())
        .Select(part => (part.Name, values.as_strided(part.Shape, part.Strides, part.Offset - from)));

    public void Dispose() => Values.Dispose();

    private sealed record Part(string Name, long[] Shape, long[] Strides, long Offset);
}
