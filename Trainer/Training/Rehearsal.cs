using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Export;
using MlNetEmotion.Trainer.Network;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNetEmotion.Trainer.Training;

/// <summary>
/// Fine-tuning that keeps a model's other answers, without the images that it was trained on. Half of each batch are generated faces, whose targets are the
/// model's own answers (pseudo-rehearsal, Robins 1995, https://doi.org/10.1080/09540099550039318; by distillation, as in Li and Hoiem 2016,
/// https://arxiv.org/abs/1606.09282). Early layers and the norms' statistics stay as they are, and so do the output's head and calibration: a few faces of a
/// few people are not enough to fit these.
/// </summary>
internal static class Rehearsal
{
    private const int MinFaces = 1400;
    private const ulong Seed = 0x5265;
    private const double FrozenShare = 1.0 / 3;

    /// <summary>Returns the generated faces of a run; at least as many as there are new faces, so that an epoch has a batch for each batch of those.</summary>
    public static FaceDataset Faces(int newFaces) => FaceDataset.Load(FaceSource.Samples(Math.Max(MinFaces, newFaces), 0, Seed));

    /// <summary>Returns generated faces that no run uses, to measure on how many a model's answers are kept.</summary>
    public static FaceDataset UnseenFaces() => FaceDataset.Load(FaceSource.Samples(MinFaces / 2, 0, Seed + 1));

    /// <summary>Excludes the first layers from training, up to a third of all weights: what they extract serves every face.</summary>
    public static void FreezeEarlyLayers(EmotionNetwork network)
    {
        double frozen = 0;
        foreach (nn.Module layer in network.children())
        {
            frozen += layer.parameters().Sum(parameter => parameter.numel());
            if (frozen > FrozenShare * network.ParameterCount)
            {
                break;
            }

            layer.parameters().ToList().ForEach(parameter => parameter.requires_grad = false);
        }
    }

    /// <summary>Makes the norms use their statistics in training too, without changing them.</summary>
    public static void FreezeStatistics(EmotionNetwork network) => network.modules().OfType<BatchNorm2d>().ToList().ForEach(norm => norm.eval());

    /// <summary>Sets a finished run's head and each output's calibration to those of the file that it began with.</summary>
    public static void KeepAnswer(TrainingProgress progress, OnnxWeights original, float[][] logits, FaceDataset validation)
    {
        progress.Head = original.Head;
        progress.Heads = new[] { original.Head, OutputHead.Labels }.Distinct().ToDictionary(head => head, head =>
        {
            Calibration calibration = head == original.Head ? original.Calibration : original.LabelCalibration;
            return HeadMetrics.Measure(EmotionNetwork.Probabilities(logits, head), validation, byVotes: false) with
            {
                Calibration = new CalibrationCheck(calibration.Smoothing, calibration.Temperature, null, []),
            };
        });
    }
}
