using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using MlNetEmotion.Trainer.Data;

namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>
/// A calibration and its cross-fitted error: the samples are split into halves, and each half is calibrated by the fit on the other.
/// </summary>
/// <param name="Smoothing">The smoothing fitted on all samples; 0 if none is needed.</param>
/// <param name="Temperature">The temperature fitted on all samples; 1 if none is needed.</param>
/// <param name="ExpectedCalibrationErrorCrossFitted">The expected calibration error of all samples, each calibrated by the fit on the other half, so without
/// the optimism of a fit on the same samples. Null if there are too few samples.</param>
/// <param name="HalvesExpectedCalibrationError">The same for each half alone; larger by chance alone, because there are fewer samples per bin.</param>
internal sealed record CalibrationCheck(
    double Smoothing,
    double Temperature,
    double? ExpectedCalibrationErrorCrossFitted,
    IReadOnlyList<double> HalvesExpectedCalibrationError)
{
    /// <summary>The minimum number of faces to calibrate on; <see cref="MinClasses"/> classes must have <see cref="MinFacesPerClass"/> or more. With fewer, the
    /// temperature is random: 4 correctly classified faces give 0.1, which makes every prediction "100 %" confident.</summary>
    private const int MinFaces = 50;

    private const int MinFacesPerClass = 5;
    private const int MinClasses = 5;

    /// <summary>The result for too few faces: the probabilities stay unchanged.</summary>
    public static CalibrationCheck NotFitted { get; } = new(Calibration.None.Smoothing, Calibration.None.Temperature, null, []);

    /// <summary>Describes why faces are too few to calibrate on; null if they suffice.</summary>
    public static string? TooFew(FaceDataset faces)
    {
        int classes = faces.ClassCounts.Count(count => count >= MinFacesPerClass);
        return faces.Count >= MinFaces && classes >= MinClasses
            ? null
            : $"{Programs.Quantity.Pluralize(faces.Count, "image")}, {(classes == 1 ? "1 class" : $"{classes} classes")} with {MinFacesPerClass} or more, are too few to calibrate on: "
                + $"expected at least {MinFaces}, and {MinFacesPerClass} of each of {MinClasses} classes";
    }

    /// <summary>The calibration fitted on all samples.</summary>
    [JsonIgnore]
    public Calibration Calibration => new(Smoothing, Temperature);

    /// <summary>Fits a calibration and measures its cross-fitted error.</summary>
    /// <param name="probabilities">A model's probabilities: float32 [n, 7].</param>
    /// <param name="byVotes">Whether the targets are the shares of people's votes instead of labels: a confidence is then the share of people who
    /// agree.</param>
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
    /// Splits each class into halves by a hash of the faces: the halves do not depend on the order, and identical faces of a class are in the same half if
    /// possible.
    /// </summary>
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

    /// <summary>Returns some rows of float32 [n, 7].</summary>
    internal static float[] Rows(float[] values, int[] rows) =>
        [.. rows.SelectMany(row => new ArraySegment<float>(values, row * Emotions.Count, Emotions.Count))];
}
