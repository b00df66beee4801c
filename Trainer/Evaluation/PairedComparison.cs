using System.Text.RegularExpressions;
using MlNetEmotion.Trainer.Data;
using static System.FormattableString;

namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>Two models on the same faces, compared by the faces of which one alone is right (McNemar 1947, https://doi.org/10.1007/BF02295996).</summary>
/// <param name="AccuracyAgainst">The other model's accuracy, in [0, 1].</param>
/// <param name="OnlyThisCorrect">Faces of which only this model is right.</param>
/// <param name="OnlyAgainstCorrect">Faces of which only the other model is right.</param>
/// <param name="RecordingsBetter">Recordings of which this model gets more faces right; faces of one recording resemble each other, recordings do not.</param>
/// <param name="RecordingsWorse">Recordings of which it gets fewer right.</param>
/// <param name="Recordings">The number of recordings; 0 if the faces are not from <c>Detector collect</c>.</param>
internal sealed partial record PairedComparison(
    string Against, int Samples, double AccuracyAgainst, int OnlyThisCorrect, int OnlyAgainstCorrect, int RecordingsBetter, int RecordingsWorse, int Recordings)
{
    private const double Significant = 0.05;

    /// <summary>The exact test's two-sided p-value: how often two equally good models would differ as much or more.</summary>
    public double PValue => ExactTest(OnlyThisCorrect, OnlyAgainstCorrect);

    /// <summary>The same of the recordings, each counted once; null if there are none.</summary>
    public double? PValueByRecording => Recordings == 0 ? null : ExactTest(RecordingsBetter, RecordingsWorse);

    /// <summary>Returns the comparison in one line.</summary>
    public string Verdict()
    {
        bool isSure = PValue < Significant;
        bool isBetter = OnlyThisCorrect > OnlyAgainstCorrect;
        double accuracy = AccuracyAgainst + ((double)(OnlyThisCorrect - OnlyAgainstCorrect) / Samples);
        string verdict = isSure ? isBetter ? "better than" : "worse than" : "not shown to be better than";
        string advice = isSure ? isBetter ? "" : ": keep the old file" : ": keep the old file, or correct more";
        string recordings = Recordings == 0 ? "" : Invariant($"; better in {RecordingsBetter} and worse in {RecordingsWorse} of {Programs.Quantity.Pluralize(Recordings, "recording")} (p = {PValueByRecording:g2})");
        return Invariant($"{verdict} {Against}: right in {accuracy * 100:f1} % of {Programs.Quantity.Pluralize(Samples, "face")}, {Against} in {AccuracyAgainst * 100:f1} %; ")
            + Invariant($"of the {OnlyThisCorrect + OnlyAgainstCorrect} in which one alone is right, it is in {OnlyThisCorrect} (exact McNemar test, p = {PValue:g2}){recordings}{advice}");
    }

    /// <summary>Compares two models' probabilities, float32 [n, 7].</summary>
    public static PairedComparison Measure(string against, float[] probabilities, float[] others, FaceDataset faces)
    {
        int[] rows = [.. Enumerable.Range(0, faces.Count)];
        bool[] isRight = EvaluationResult.AreCorrect(probabilities, faces.Labels);
        bool[] isOtherRight = EvaluationResult.AreCorrect(others, faces.Labels);
        int[] recordings = [.. rows.GroupBy(row => Recording().Match(Path.GetFileName(faces.Sources[row])).Groups["recording"].Value).Where(group => group.Key.Length > 0)
            .Select(group => group.Sum(row => (isRight[row] ? 1 : 0) - (isOtherRight[row] ? 1 : 0)))];
        return new PairedComparison(
            against, rows.Length, isOtherRight.Average(right => right ? 1.0 : 0), rows.Count(row => isRight[row] && !isOtherRight[row]), rows.Count(row => !isRight[row] && isOtherRight[row]),
            recordings.Count(gain => gain > 0), recordings.Count(gain => gain < 0), recordings.Length);
    }

    /// <summary>Returns the two-sided p-value of two counts if each of their sum would fall to either with a probability of one half: the binomial tail up to
    /// the smaller, twice.</summary>
    internal static double ExactTest(int first, int second)
    {
        int count = first + second;
        double logTerm = -count * Math.Log(2);    // of 0 successes
        double tail = Math.Exp(logTerm);
        for (int successes = 1; successes <= Math.Min(first, second); successes++)
        {
            logTerm += Math.Log((double)(count - successes + 1) / successes);
            tail += Math.Exp(logTerm);
        }

        return Math.Min(1, 2 * tail);
    }

    // As 'Detector collect' names its files.
    [GeneratedRegex(@"^(?<recording>[0-9a-f]{12})-\d+-\d+\.png$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Recording();
}
