using MlNetEmotion.Trainer.Data;

namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>What one of a network's answers is worth on faces that it did not learn from.</summary>
/// <param name="Accuracy">By labels, in [0, 1].</param>
/// <param name="VoteAgreement">How often it says what most people say, in [0, 1]; null where no face has votes.</param>
/// <param name="Calibration">What it is calibrated by; none where the faces are too few.</param>
internal sealed record AnswerFigures(double Accuracy, double? VoteAgreement, CalibrationCheck Calibration)
{
    /// <summary>Measures them.</summary>
    /// <param name="probabilities">The answer before any calibration: float32 [n, 7].</param>
    /// <param name="faces">The n faces.</param>
    /// <param name="byVotes">Whether it is how people vote that is answered, rather than labels.</param>
    public static AnswerFigures Measure(float[] probabilities, FaceDataset faces, bool byVotes) => new(
        EvaluationResult.Compute(probabilities, faces.Labels).Accuracy,
        VoteFigures.Measure(probabilities, faces)?.Agreement,
        CalibrationCheck.TooFew(faces) is null ? CalibrationCheck.Measure(probabilities, faces, byVotes) : CalibrationCheck.NotFitted);

    /// <summary>Those that a model's metadata keep, by name.</summary>
    public Dictionary<string, double> ByName()
    {
        var figures = new Dictionary<string, double>
        {
            ["validationAccuracy"] = Accuracy,
            ["temperature"] = Calibration.Temperature,
            ["smoothing"] = Calibration.Smoothing,
        };
        if (VoteAgreement is { } agreement)
        {
            figures["voteAgreement"] = agreement;
        }

        if (Calibration.ExpectedCalibrationErrorCrossFitted is { } error)
        {
            figures["calibrationErrorCrossFitted"] = error;
        }

        return figures;
    }
}
