using System.Diagnostics;
using MlNetEmotion.Trainer.Training;
using TorchSharp;
using static TorchSharp.torch;
using Conv2d = MlNetEmotion.Trainer.Network.Conv2d;

namespace MlNetEmotion.Trainer.Commands;

/// <summary>Measures the training speed of a network's convolutions alone: the ceiling that libtorch's kernels set on this machine.</summary>
internal static class ConvolutionCeiling
{
    private const int WarmupRounds = 2;

    /// <summary>Times every convolution, forward and backward, on its inputs in training.</summary>
    /// <param name="images">float32 [N, 1, 48, 48].</param>
    public static double ImagesPerSecond(TrainingState state, Tensor images, int rounds, CancellationToken stop)
    {
        using DisposeScope scope = NewDisposeScope();
        (Conv2d Convolution, Tensor Input, Tensor Gradient)[] cases = Record(state, images);
        long started = 0;
        for (int round = -WarmupRounds; round < rounds; round++)
        {
            stop.ThrowIfCancellationRequested();
            started = round == 0 ? Stopwatch.GetTimestamp() : started;
            using DisposeScope roundScope = NewDisposeScope();
            foreach ((Conv2d convolution, Tensor input, Tensor gradient) in cases)
            {
                convolution.forward(input).backward([gradient]);
            }

            cases[0].Convolution.Weight.grad!.sum().ToSingle(); // waits for the device, which computes asynchronously
        }

        return rounds * images.shape[0] / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    // Records each convolution's input and the shape of its output in a forward pass. The first layer's input needs no gradient.
    private static (Conv2d Convolution, Tensor Input, Tensor Gradient)[] Record(TrainingState state, Tensor images)
    {
        var inputs = new List<(Conv2d Convolution, Tensor Input)>();
        var hooks = state.Network.modules().OfType<Conv2d>().Select(convolution => convolution.register_forward_pre_hook((_, input) =>
        {
            inputs.Add((convolution, input.detach().DetachFromDisposeScope()));
            return input;
        })).ToList();
        state.Network.train();
        state.Network.Logits(images, state.Compute.Bfloat16);
        hooks.ForEach(hook => hook.remove());
        return [.. inputs.Select((item, i) => (item.Convolution, item.Input.requires_grad_(i > 0), item.Convolution.forward(item.Input).detach()))];
    }
}
