using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Export;
using MlNetEmotion.Trainer.Network;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNetEmotion.Trainer.Training;

/// <summary>A start with the weights of a model's file, where batch norms are folded into their convolutions. What they need to
/// train again, the statistics of what they read, comes from the training images.</summary>
internal static class PretrainedWeights
{
    private const int MeasuredFaces = 512;

    /// <summary>Puts the weights into a session that has not begun; it then answers as the file does, but for its calibration.</summary>
    /// <param name="session">The session.</param>
    /// <param name="path">The model's file.</param>
    /// <param name="faces">The training images.</param>
    public static void Load(TrainingSession session, string path, FaceDataset faces)
    {
        EmotionNetwork network = session.Network;
        OnnxWeights.Of(path, network.Name).CopyTo(network);
        FaceBatch batch = new Data.DataLoader(faces.Spread(MeasuredFaces), new DataLoaderOptions { BatchSize = MeasuredFaces }).Epoch(0).First();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        network.eval();
        var hooks = network.modules().OfType<BatchNorm2d>().Select(norm => norm.register_forward_pre_hook((_, x) =>
        {
            Measure(norm, x);
            return x;
        })).ToList();
        network.Logits(batch.ToTensors(network.Device).Images, bfloat16: false);
        hooks.ForEach(hook => hook.remove());
        session.Average.Take();
    }

    // Gives a norm the statistics of x, [N, C, H, W], without a change of what it answers in inference: scale · x + shift.
    private static void Measure(BatchNorm2d norm, Tensor x)
    {
        Tensor scale = norm.weight * (norm.running_var! + norm.eps).rsqrt();
        Tensor shift = norm.bias! - (norm.running_mean! * scale);
        norm.running_mean!.copy_(x.mean([0, 2, 3]));
        norm.running_var!.copy_(x.var([0, 2, 3], unbiased: true));
        norm.weight.copy_(scale * (norm.running_var! + norm.eps).sqrt());
        norm.bias!.copy_(shift + (scale * norm.running_mean!));
    }
}
