using System.Diagnostics;
using MlNetEmotion.Native.Torch;
using MlNetEmotion.Trainer.Network;
using MlNetEmotion.Trainer.Training;

namespace MlNetEmotion.Trainer.Commands;

/// <summary>How fast a network would train if it consisted of its convolutions alone: the ceiling that libtorch's kernels set on this machine.</summary>
internal static class ConvolutionCeiling
{
    private const int WarmupRounds = 2;

    /// <summary>Times every convolution, forward and backward, on the inputs that it gets in training.</summary>
    /// <param name="session">The network, and where and in which precision it computes.</param>
    /// <param name="images">float32 [N, 1, 48, 48].</param>
    /// <param name="rounds">How often.</param>
    /// <param name="stop">Gives up.</param>
    /// <returns>Images a second.</returns>
    public static double ImagesPerSecond(TrainingSession session, Tensor images, int rounds, CancellationToken stop)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        List<Case> cases = Record(session, images);
        long started = 0;
        for (int round = -WarmupRounds; round < rounds; round++)
        {
            stop.ThrowIfCancellationRequested();
            started = round == 0 ? Stopwatch.GetTimestamp() : started;
            using DisposeScope roundScope = torch.NewDisposeScope();
            using IDisposable autocast = torch.autocast(session.Compute.Device, session.Compute.Bfloat16);
            foreach ((Conv2d convolution, Tensor input, Tensor gradient) in cases)
            {
                convolution.forward(input).backward(gradient);
            }

            session.Parameters.Gradients.narrow(0, 0, 1).ToSingle(); // waits for a device that computes behind our back
        }

        return rounds * images.shape[0] / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    // A forward pass, in which each convolution tells what it reads and writes. The first layer's input needs no gradient.
    private static List<Case> Record(TrainingSession session, Tensor images)
    {
        var inputs = new List<(Conv2d, Tensor)>();
        Conv2d[] convolutions = [.. session.Network.Modules().OfType<Conv2d>()];
        foreach (Conv2d convolution in convolutions)
        {
            convolution.ForwardPreHook = input => inputs.Add((convolution, input.detach()));
        }

        session.Network.train(true);
        session.Logits(images);
        Array.ForEach(convolutions, convolution => convolution.ForwardPreHook = null);
        using IDisposable autocast = torch.autocast(session.Compute.Device, session.Compute.Bfloat16);
        return [.. inputs.Select(((Conv2d Convolution, Tensor Input) item, int i) =>
            new Case(item.Convolution, item.Input.requires_grad_(i > 0), item.Convolution.forward(item.Input).detach()))];
    }

    private sealed record Case(Conv2d Convolution, Tensor Input, Tensor Gradient);
}
