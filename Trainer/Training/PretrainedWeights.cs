using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Export;
using MlNetEmotion.Trainer.Network;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNetEmotion.Trainer.Training;

/// <summary>Starts training from an exported model's weights. In the file, batch norms are folded into their convolutions; the statistics that they need in
/// training are measured on the training images.</summary>
internal static class PretrainedWeights
{
    private const int MeasuredFaces = 512;

    /// <summary>Loads the weights into a state before its first step. The network then predicts what the file does, without its calibration.</summary>
    public static void Load(TrainingState state, string path, FaceDataset faces)
    {
        EmotionNetwork network = state.Network;
        OnnxWeights.Of(path, network.Name).CopyTo(network);
        FaceBatch batch = new Data.DataLoader(faces.Subsample(MeasuredFaces), new DataLoaderOptions { BatchSize = MeasuredFaces }).Epoch(0).First();
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
        state.Average.Capture();
    }

    // Sets a norm's statistics to those of x, [N, C, H, W], and adapts weight and bias so that its output in inference stays the same: scale · x + shift.
    internal static void Measure(BatchNorm2d norm, Tensor x)
    {
        Tensor scale = norm.weight * (norm.running_var! + norm.eps).rsqrt();
        Tensor shift = norm.bias! - (norm.running_mean! * scale);
        norm.running_mean!.copy_(x.mean([0, 2, 3]));
        norm.running_var!.copy_(x.var([0, 2, 3], unbiased: true));
        norm.weight.copy_(scale * (norm.running_var! + norm.eps).sqrt());
        norm.bias!.copy_(shift + (scale * norm.running_mean!));
    }
}
