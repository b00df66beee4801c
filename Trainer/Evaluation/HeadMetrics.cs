using MlNetEmotion.Trainer.Data;

namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>The metrics of a network's head on faces that it was not trained on.</summary>
/// <param name="Accuracy">By labels, in [0, 1].</param>
/// <param name="VoteAgreement">Share of faces for which it predicts the majority's class, in [0, 1]; null if no face has votes.</param>
/// <param name="Calibration">Its calibration; <see cref="CalibrationCheck.NotFitted"/> if there are too few faces.</param>
internal sealed record HeadMetrics(double Accuracy, double? VoteAgreement, CalibrationCheck Calibration)
{
    /// <summary>Measures a head.</summary>
    /// <param name="probabilities">Its uncalibrated probabilities: float32 [n, 7].</param>
    /// <param name="byVotes">Whether it predicts votes instead of labels.</param>
    public static HeadMetrics Measure(float[] probabilities, FaceDataset faces, bool byVotes) => new(
        EvaluationResult.Compute(probabilities, faces.Labels).Accuracy,
        VoteMetrics.Measure(probabilities, faces)?.Agreement,
        CalibrationCheck.TooFew(faces) is null ? CalibrationCheck.Measure(probabilities, faces, byVotes) : CalibrationCheck.NotFitted);

    /// <summary>Returns the metrics that are kept in a model's metadata, by name.</summary>
    public Dictionary<string, double> ByName() => new (string Name, double? Value)[]
    {
        ("validationAccuracy", Accuracy),
        ("temperature", Calibration.Temperature),
        ("smoothing", Calibration.Smoothing),
        ("voteAgreement", VoteAgreement),
        ("calibrationErrorCrossFitted", Calibration.ExpectedCalibrationErrorCrossFitted),
    }.Where(figure => figure.Value is not null).ToDictionary(figure => figure.Name, figure => figure.Value.GetValueOrDefault());
}
