using MlNetEmotion.Trainer.Data;

namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>The effect on accuracy of images that a network may have been trained on.</summary>
/// <param name="Identical">Evaluated images that are identical to a training image.</param>
/// <param name="NearlyIdentical">Evaluated images that are another version of a training image.</param>
/// <param name="AccuracyOfDuplicates">Accuracy on those two groups; null if they are empty.</param>
/// <param name="SamplesWithout">The number of other images.</param>
/// <param name="AccuracyWithout">Accuracy on the other images; null if there are none.</param>
/// <param name="ConfidenceInterval95Without">Its [lower, upper] 95 % confidence interval (Wilson's); empty if there are none.</param>
internal sealed record DuplicateMetrics(
    int Identical,
    int NearlyIdentical,
    double? AccuracyOfDuplicates,
    int SamplesWithout,
    double? AccuracyWithout,
    IReadOnlyList<double> ConfidenceInterval95Without)
{
    /// <summary>Compares evaluated images with training images.</summary>
    /// <param name="probabilities">The model's probabilities of the evaluated images: float32 [n, 7].</param>
    public static DuplicateMetrics Measure(float[] probabilities, FaceDataset dataset, FaceDataset train)
    {
        int identical = Duplicates.Shared(dataset, train).Count;
        IReadOnlyList<int> duplicates = NearDuplicates.Shared(dataset, train);
        bool[] areCorrect = EvaluationResult.AreCorrect(probabilities, dataset.Labels);
        int duplicatesCorrect = duplicates.Count(i => areCorrect[i]);
        int othersCorrect = areCorrect.Count(isCorrect => isCorrect) - duplicatesCorrect;
        int others = dataset.Count - duplicates.Count;
        return new DuplicateMetrics(
            identical,
            duplicates.Count - identical,
            duplicates.Count > 0 ? (double)duplicatesCorrect / duplicates.Count : null,
            others,
            others > 0 ? (double)othersCorrect / others : null,
            others > 0 ? WilsonInterval.At95Percent(othersCorrect, others) : []);
    }
}
