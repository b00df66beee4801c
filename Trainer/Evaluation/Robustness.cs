using MlNetEmotion.Imaging;
using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Data;

namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>Measures a model on faces that each <see cref="Corruption"/> has made worse.</summary>
/// <param name="evaluator">The model.</param>
/// <param name="seed">The same seed makes the same faces worse in the same way.</param>
internal sealed class Robustness(ModelEvaluator evaluator, ulong seed)
{
    /// <summary>How many figures there are.</summary>
    public static int FigureCount => Corruption.All.Sum(corruption => corruption.Strengths.Length);

    /// <summary>Measures under each corruption at each severity, one after the other.</summary>
    /// <param name="dataset">The faces.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public IEnumerable<RobustnessFigure> Measure(FaceDataset dataset, CancellationToken cancellationToken = default)
    {
        for (int c = 0; c < Corruption.All.Count; c++)
        {
            Corruption corruption = Corruption.All[c];
            for (int s = 0; s < corruption.Strengths.Length; s++)
            {
                FaceDataset worse = Corrupt(dataset, corruption, corruption.Strengths[s], SplitMix64.Of(seed, (ulong)c, (ulong)s).NextUInt64());
                float[] probabilities = evaluator.Predict(worse, progress: null, cancellationToken);
                int correct = Enumerable.Range(0, worse.Count).Count(i => EvaluationResult.Predicted(probabilities, i) == worse.Labels[i]);
                yield return new RobustnessFigure(
                    corruption.Name, s + 1, corruption.Describe(corruption.Strengths[s]), (double)correct / worse.Count,
                    VoteFigures.Measure(probabilities, worse)?.Agreement);
            }
        }
    }

    /// <summary>Makes every face worse, each by random numbers of its own: no face's depend on how many there are.</summary>
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
