using MlNetEmotion.Trainer.Data;

namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>Measures a model on faces with each <see cref="Corruption"/>.</summary>
internal sealed class Robustness(ModelEvaluator evaluator, ulong seed)
{
    /// <summary>The number of conditions: corruptions times severities.</summary>
    public static int ConditionCount => Corruption.All.Sum(corruption => corruption.Strengths.Length);

    /// <summary>Measures under each corruption at each severity, lazily.</summary>
    /// <param name="progress">Receives the number of scored faces, including the unchanged ones, after each condition.</param>
    public IEnumerable<RobustnessMetrics> Measure(FaceDataset dataset, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        int scored = dataset.Count;
        for (int c = 0; c < Corruption.All.Count; c++)
        {
            Corruption corruption = Corruption.All[c];
            for (int s = 0; s < corruption.Strengths.Length; s++)
            {
                FaceDataset corrupted = Corrupt(dataset, corruption, corruption.Strengths[s], SplitMix64.Of(seed, (ulong)c, (ulong)s).NextUInt64());
                float[] probabilities = evaluator.Predict(corrupted, progress: null, cancellationToken);
                progress?.Report(scored += dataset.Count);
                yield return new RobustnessMetrics(
                    corruption.Name, s + 1, corruption.Describe(corruption.Strengths[s]),
                    EvaluationResult.AreCorrect(probabilities, corrupted.Labels).Average(isCorrect => isCorrect ? 1.0 : 0), VoteMetrics.Measure(probabilities, corrupted)?.Agreement);
            }
        }
    }

    /// <summary>Corrupts every face, each with its own random numbers, so that the result does not depend on the number of faces.</summary>
    internal static FaceDataset Corrupt(FaceDataset dataset, Corruption corruption, double strength, ulong seed)
    {
        var pixels = new byte[dataset.Pixels.Length];
        Parallel.For(0, dataset.Count, i =>
        {
            SplitMix64 random = SplitMix64.Of(seed, (ulong)i);
            corruption.Apply(
                dataset.Face(i), pixels.AsSpan(i * FacePreprocessor.PixelCount, FacePreprocessor.PixelCount), strength, ref random);
        });
        return dataset.WithPixels(pixels);
    }
}

/// <summary>The metrics on images with one corruption.</summary>
/// <param name="Corruption">Its name, for example <c>blur</c>.</param>
/// <param name="Severity">From 1 to 3.</param>
/// <param name="Parameter">The strength with its unit, for example <c>sigma 1.2 px</c>.</param>
/// <param name="Accuracy">Share of samples classified correctly, in [0, 1].</param>
/// <param name="Agreement">Share of samples with a majority of votes that are predicted as the majority's class, in [0, 1]; null without votes.</param>
internal sealed record RobustnessMetrics(string Corruption, int Severity, string Parameter, double Accuracy, double? Agreement = null);
