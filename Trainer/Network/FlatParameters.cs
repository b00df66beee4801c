using MlNetEmotion.Native.Torch;

namespace MlNetEmotion.Trainer.Network;

/// <summary>The memory of a network: every learned parameter is a view into one flat tensor, every gradient into a second,
/// every running statistic into a third. An optimizer, a moving average and a checkpoint then handle three tensors, whatever
/// the network. Decayed weights stand first.</summary>
internal sealed class FlatParameters : IDisposable
{
    private readonly Parameter[] learned;
    private readonly Parameter[] buffers;

    /// <summary>Allocates and initializes a network's parameters.</summary>
    /// <param name="network">The network; its parameters get their memory.</param>
    /// <param name="random">Draws the initial values, in the parameters' order.</param>
    /// <param name="device">Where the memory is.</param>
    public FlatParameters(Module network, Random random, DeviceType device)
    {
        All = [.. network.Parameters()];
        learned = [.. All.Where(p => p.Decays), .. All.Where(p => !p.Decays && !p.IsBuffer)];
        buffers = [.. All.Where(p => p.IsBuffer)];
        Device = device;
        DecayedCount = learned.Where(p => p.Decays).Sum(p => p.Count);
        Values = Zeros(learned);
        Gradients = Zeros(learned);
        Buffers = Zeros(buffers);

        Place(learned, NamedValues(Values), (parameter, view) => parameter.Value = view.requires_grad_());
        Place(buffers, NamedBuffers(Buffers), (parameter, view) => parameter.Value = view);
        Place(learned, NamedValues(Gradients), (parameter, view) =>
        {
            parameter.Value.grad = view;
            view.Dispose();
        });
        foreach (Parameter parameter in All)
        {
            parameter.Value.CopyFrom(parameter.InitialValues(random));
        }
    }

    /// <summary>Gets the device that the memory is on.</summary>
    public DeviceType Device { get; }

    /// <summary>Gets every parameter and buffer, in the network's order.</summary>
    public IReadOnlyList<Parameter> All { get; }

    /// <summary>Gets the learned parameters, float32 [P].</summary>
    public Tensor Values { get; }

    /// <summary>Gets their gradients, float32 [P]; backward accumulates here.</summary>
    public Tensor Gradients { get; }

    /// <summary>Gets the running statistics, float32 [B].</summary>
    public Tensor Buffers { get; }

    /// <summary>Gets how many leading elements of <see cref="Values"/> weight decay applies to.</summary>
    public long DecayedCount { get; }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        foreach (Parameter parameter in All)
        {
            parameter.Value.Dispose();
        }

        Values.Dispose();
        Gradients.Dispose();
        Buffers.Dispose();
    }

    /// <summary>Overwrites parameters and statistics.</summary>
    /// <param name="values">Laid out like <see cref="Values"/>.</param>
    /// <param name="buffers">Laid out like <see cref="Buffers"/>.</param>
    public void Set(Tensor values, Tensor buffers)
    {
        using IDisposable noGrad = torch.no_grad();
        Values.copy_(values);
        Buffers.copy_(buffers);
    }

    /// <summary>Remembers parameters and statistics, and puts them back when disposed.</summary>
    public IDisposable Keep() => new Kept(this);

    /// <summary>Views a tensor that is laid out like <see cref="Values"/> (an average, an optimizer's state) parameter by parameter.</summary>
    /// <param name="flat">float32 [P].</param>
    public IEnumerable<(string Name, Tensor View)> NamedValues(Tensor flat) => Views(learned, flat);

    /// <summary>Views a tensor that is laid out like <see cref="Buffers"/> buffer by buffer.</summary>
    /// <param name="flat">float32 [B].</param>
    public IEnumerable<(string Name, Tensor View)> NamedBuffers(Tensor flat) => Views(buffers, flat);

    private static IEnumerable<(string Name, Tensor View)> Views(Parameter[] parameters, Tensor flat)
    {
        long offset = 0;
        foreach (Parameter parameter in parameters)
        {
            using Tensor part = flat.narrow(0, offset, parameter.Count);
            yield return (parameter.Name, View(part, parameter.Shape));
            offset += parameter.Count;
        }
    }

    // Convolution weights are stored channels-last, the layout of the activations that they meet.
    private static Tensor View(Tensor part, long[] shape)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        Tensor view = shape is [long o, long i, long h, long w] ? part.view(o, h, w, i).permute(0, 3, 1, 2) : part.view(shape);
        return view.detach().DetachFromDisposeScope();
    }

    private static void Place(Parameter[] parameters, IEnumerable<(string Name, Tensor View)> views, Action<Parameter, Tensor> assign)
    {
        foreach ((Parameter parameter, (_, Tensor view)) in parameters.Zip(views))
        {
            assign(parameter, view);
        }
    }

    private sealed class Kept(FlatParameters parameters) : IDisposable
    {
        private readonly Tensor values = parameters.Values.clone().DetachFromDisposeScope();
        private readonly Tensor buffers = parameters.Buffers.clone().DetachFromDisposeScope();

        public void Dispose()
        {
            parameters.Set(values, buffers);
            values.Dispose();
            buffers.Dispose();
        }
    }

    private Tensor Zeros(Parameter[] parameters) => torch.zeros([parameters.Sum(p => p.Count)], Device);
}
