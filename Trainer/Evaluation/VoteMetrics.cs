using System.Numerics.Tensors;
using MlNetEmotion.Smoothing;
using MlNetEmotion.Trainer.Data;

namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>A model's metrics against the votes of about ten people per face.</summary>
/// <param name="Samples">Faces with a majority for one class.</param>
/// <param name="LeftOut">Faces without one: the majority is for contempt, unknown or no face, there is a tie, or there are no votes.</param>
/// <param name="Agreement">Share of the samples that are predicted as the majority's class, in [0, 1].</param>
/// <param name="ConfidenceInterval95">Its 95 % confidence interval (Wilson's score interval): [lower, upper].</param>
/// <param name="CrossEntropy">Mean cross-entropy against the classes' shares of the votes, in nats, over all faces with a vote for a class.</param>
/// <param name="ExpectedCalibrationError">The gap between confidence and the predicted class's share of the votes, over the same faces.</param>
/// <param name="NeutralSamples">Faces with eight or more votes for Neutral.</param>
/// <param name="NeutralCalledHappy">Share of those that the model predicts as Happy, in [0, 1]; null if there are none.</param>
/// <param name="Quartiles">The faces with a vote for a class in four groups by the entropy of their votes, lowest first.</param>
internal sealed record VoteMetrics(
    int Samples,
    int LeftOut,
    double Agreement,
    IReadOnlyList<double> ConfidenceInterval95,
    double CrossEntropy,
    double ExpectedCalibrationError,
    int NeutralSamples,
    double? NeutralCalledHappy,
    IReadOnlyList<VoteQuartile> Quartiles)
{
    private const int ClearlyNeutral = 8;

    /// <summary>The names of <see cref="Quartiles"/>.</summary>
    public static IReadOnlyList<string> QuartileNames { get; } = ["where people agree most", "where they agree more", "where they agree less", "where they agree least"];

    /// <summary>Faces with a vote for a class.</summary>
    public int WithVotes { get; init; }

    /// <summary>Faces without a vote for a class, a part of <see cref="LeftOut"/>.</summary>
    public int WithoutVotes { get; init; }

    /// <summary>Measures probabilities, float32 [n, 7], against votes; null if no face has a majority.</summary>
    public static VoteMetrics? Measure(float[] probabilities, FaceDataset dataset)
    {
        int[] decided = [.. Enumerable.Range(0, dataset.Count).Where(i => dataset.Votes?[i]?.Majority() is not null)];
        if (decided.Length == 0)
        {
            return null;
        }

        int[] voted = [.. Enumerable.Range(0, dataset.Count).Where(i => dataset.Votes![i]?.Shares is not null)];
        int right = decided.Count(i => EvaluationResult.Predicted(probabilities, i) == dataset.Votes![i]!.Majority());
        Emotion[] neutral = [.. voted.Where(i => dataset.Votes![i]!.Classes[(int)Emotion.Neutral] >= ClearlyNeutral).Select(i => EvaluationResult.Predicted(probabilities, i))];
        return new VoteMetrics(
            decided.Length,
            dataset.Count - decided.Length,
            (double)right / decided.Length,
            WilsonInterval.At95Percent(right, decided.Length),
            voted.Average(i => CrossEntropy(dataset.Votes![i]!.Shares!, i)),
            Reliability.ExpectedCalibrationError(
                CalibrationCheck.Rows(probabilities, voted), [.. voted.SelectMany(i => dataset.Votes![i]!.Shares!)]),
            neutral.Length,
            neutral.Length == 0 ? null : (double)neutral.Count(predicted => predicted == Emotion.Happy) / neutral.Length,
            MeasureQuartiles(probabilities, dataset, voted)) { WithVotes = voted.Length, WithoutVotes = dataset.Count - voted.Length };

        double CrossEntropy(float[] shares, int row) => -shares.Select((share, i) =>
            share * Math.Log(Math.Max(probabilities[(row * Emotions.Count) + i], EvaluationResult.MinProbability))).Sum();
    }

    private static VoteQuartile[] MeasureQuartiles(float[] probabilities, FaceDataset dataset, int[] voted)
    {
        double threshold = new SmoothingOptions().UncertainBelow;
        (int Face, double Entropy)[] byEntropy = [.. voted.Select(i => (i, dataset.Votes![i]!.Entropy)).OrderBy(face => face.Item2)];
        return
        [
            .. from quarter in QuartileNames.Index()
               let faces = byEntropy[(byEntropy.Length * quarter.Index / QuartileNames.Count)..(byEntropy.Length * (quarter.Index + 1) / QuartileNames.Count)]
               where faces.Length > 0
               let agrees = faces.Select(face => (Majority: dataset.Votes![face.Face]!.Majority(), Predicted: EvaluationResult.Predicted(probabilities, face.Face)))
                   .Where(face => face.Majority is not null).Select(face => face.Predicted == face.Majority).ToArray()
               select new VoteQuartile(
                   quarter.Item,
                   faces[^1].Entropy,
                   faces.Length,
                   agrees.Length == 0 ? null : (double)agrees.Count(agree => agree) / agrees.Length,
                   (double)faces.Count(face => Confidence(face.Face) < threshold) / faces.Length),
        ];

        float Confidence(int face) => TensorPrimitives.Max(probabilities.AsSpan(face * Emotions.Count, Emotions.Count));
    }
}

/// <summary>A quarter of the faces, by how much people agree on them.</summary>
/// <param name="Entropy">The highest entropy of a face's votes, in nats.</param>
/// <param name="Agreement">Share of those with a majority that are predicted as the majority's class, in [0, 1]; null if none has one.</param>
/// <param name="Uncertain">Share of the predictions that are displayed as uncertain, in [0, 1].</param>
internal sealed record VoteQuartile(string Name, double Entropy, int Faces, double? Agreement, double Uncertain);

/// <summary>The metrics of the label head in a model with another main output.</summary>
/// <param name="Accuracy">By labels, in [0, 1].</param>
/// <param name="Calibration">The calibration's cross-fitted error; null if not measured.</param>
internal sealed record LabelHeadMetrics(
    double Accuracy, double MacroF1, double LogLoss, double ExpectedCalibrationError, VoteMetrics? Votes, CalibrationCheck? Calibration);
