using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using MlNetEmotion.Trainer.Data;

namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>
/// What a calibration is worth on samples that it was not fitted on. The samples are split into halves; what is fitted on one
/// calibrates the other.
/// </summary>
/// <param name="Smoothing">The smoothing that suits all samples; 0 where a calibrated model needs no more.</param>
/// <param name="Temperature">The temperature that suits all samples; 1 where a calibrated model needs no more.</param>
/// <param name="ExpectedCalibrationErrorCrossFitted">The expected calibration error of all samples, each calibrated by what
/// was fitted on the other half: the honest figure. Null where there are too few samples.</param>
/// <param name="HalvesExpectedCalibrationError">The same of each half on its own: with fewer samples a bin, chance alone makes
/// these larger.</param>
internal sealed record CalibrationCheck(
    double Smoothing,
    double Temperature,
    double? ExpectedCalibrationErrorCrossFitted,
    IReadOnlyList<double> HalvesExpectedCalibrationError)
{
    /// <summary>The fewest faces that a calibration is fitted on; a class counts with at least <see cref="LeastOfAClass"/>, and <see cref="LeastClasses"/> must count.
    /// With fewer, the temperature follows chance: 4 faces that are all answered rightly give one of 0.1, which makes every answer "100 %" sure.</summary>
    private const int LeastFaces = 50;

    private const int LeastOfAClass = 5;
    private const int LeastClasses = 5;

    /// <summary>The check where nothing was fitted, since there was too little to fit on: the answers stay as they are.</summary>
    public static CalibrationCheck NotFitted { get; } = new(Calibration.None.Smoothing, Calibration.None.Temperature, null, []);

    /// <summary>Says in which respect faces are too few to calibrate on; null where they are not.</summary>
    public static string? TooFew(FaceDataset faces)
    {
        int classes = faces.ClassCounts.Count(count => count >= LeastOfAClass);
        return faces.Count >= LeastFaces && classes >= LeastClasses
            ? null
            : $"{Programs.Quantity.Pluralize(faces.Count, "image")}, {(classes == 1 ? "1 class" : $"{classes} classes")} with {LeastOfAClass} or more, are too few to calibrate on: "
                + $"expected at least {LeastFaces}, and {LeastOfAClass} of each of {LeastClasses} classes";
    }

    /// <summary>The calibration that suits all samples.</summary>
    [JsonIgnore]
    public Calibration Calibration => new(Smoothing, Temperature);

    /// <summary>Fits and measures.</summary>
    /// <param name="probabilities">What a model answers: float32 [n, 7].</param>
    /// <param name="dataset">The n faces.</param>
    /// <param name="byVotes">Whether the truth is how people vote on them rather than their labels: a confidence is to be the share of people who say the same.</param>
    public static CalibrationCheck Measure(float[] probabilities, FaceDataset dataset, bool byVotes = false)
    {
        float[] targets = Logits.Targets(dataset.Labels);
        for (int i = 0; byVotes && i < dataset.Count; i++)
        {
            dataset.CopyVotesTo(i, targets.AsSpan(i * Emotions.Count, Emotions.Count));
        }

        (int[] first, int[] second) = Halves(dataset);
        Calibration all = Calibration.Fit(probabilities, targets);
        if (first.Length == 0 || second.Length == 0)
        {
            return new CalibrationCheck(all.Smoothing, all.Temperature, null, []);
        }

        float[] calibratedSecond = FitOn(first).Apply(Rows(probabilities, second));
        float[] calibratedFirst = FitOn(second).Apply(Rows(probabilities, first));
        return new CalibrationCheck(
            all.Smoothing,
            all.Temperature,
            Error([.. calibratedFirst, .. calibratedSecond], [.. first, .. second]),
            [Error(calibratedFirst, first), Error(calibratedSecond, second)]);

        Calibration FitOn(int[] half) => Calibration.Fit(Rows(probabilities, half), Rows(targets, half));
        double Error(float[] calibrated, int[] half) => Reliability.ExpectedCalibrationError(calibrated, Rows(targets, half));
    }

    /// <summary>
    /// Splits every class into halves by the faces' content: the same faces give the same halves in any order, and identical
    /// faces of a class stand on one side where they can.
    /// </summary>
    /// <param name="dataset">The faces.</param>
    /// <returns>Indices, each ascending.</returns>
    internal static (int[] First, int[] Second) Halves(FaceDataset dataset)
    {
        UInt128[] hashes = [.. Enumerable.Range(0, dataset.Count).Select(i => MemoryMarshal.Read<UInt128>(SHA256.HashData(dataset.Face(i))))];
        var first = new List<int>();
        var second = new List<int>();
        foreach (IGrouping<Emotion, int> members in Enumerable.Range(0, dataset.Count).GroupBy(i => dataset.Labels[i]))
        {
            int[] byContent = [.. members.OrderBy(i => hashes[i])];
            int middle = byContent.Length / 2;
            first.AddRange(byContent[..middle]);
            second.AddRange(byContent[middle..]);
        }

        return ([.. first.Order()], [.. second.Order()]);
    }

    /// <summary>Some rows of float32 [n, 7].</summary>
    internal static float[] Rows(float[] values, int[] rows) =>
        [.. rows.SelectMany(row => new ArraySegment<float>(values, row * Emotions.Count, Emotions.Count))];
}
