using MlNetEmotion.Trainer.Data;

namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>What images that a network may have been trained on do to its accuracy.</summary>
/// <param name="Identical">Evaluated images that are identical to a training image.</param>
/// <param name="NearlyIdentical">Evaluated images that are another version of a training image's picture.</param>
/// <param name="AccuracyOfDuplicates">Accuracy on those alone; null where there are none.</param>
/// <param name="SamplesWithout">The other images.</param>
/// <param name="AccuracyWithout">Accuracy on the others; null where there are none.</param>
/// <param name="ConfidenceInterval95Without">Its [lower, upper] 95 % confidence interval (Wilson's); empty where there are none.</param>
internal sealed record DuplicateFigures(
    int Identical,
    int NearlyIdentical,
    double? AccuracyOfDuplicates,
    int SamplesWithout,
    double? AccuracyWithout,
    IReadOnlyList<double> ConfidenceInterval95Without)
{
    /// <summary>Compares evaluated images with training images.</summary>
    /// <param name="probabilities">What a model answers to the evaluated images: float32 [n, 7].</param>
    /// <param name="dataset">The n evaluated images.</param>
    /// <param name="train">The training images.</param>
    public static DuplicateFigures Measure(float[] probabilities, FaceDataset dataset, FaceDataset train)
    {
        int identical = Duplicates.Shared(dataset, train).Count;
        var twins = NearDuplicates.Shared(dataset, train).ToHashSet();
        (int twinsCorrect, int othersCorrect) = (0, 0);
        for (int i = 0; i < dataset.Count; i++)
        {
            bool isCorrect = EvaluationResult.Predicted(probabilities, i) == dataset.Labels[i];
            twinsCorrect += isCorrect && twins.Contains(i) ? 1 : 0;
            othersCorrect += isCorrect && !twins.Contains(i) ? 1 : 0;
        }

        int others = dataset.Count - twins.Count;
        (double lower, double upper) = WilsonInterval.At95Percent(othersCorrect, Math.Max(others, 1));
        return new DuplicateFigures(
            identical,
            twins.Count - identical,
            twins.Count > 0 ? (double)twinsCorrect / twins.Count : null,
            others,
            others > 0 ? (double)othersCorrect / others : null,
            others > 0 ? [lower, upper] : []);
    }
}
