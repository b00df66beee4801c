using System.Numerics.Tensors;
using MlNetEmotion.Smoothing;
using MlNetEmotion.Trainer.Data;

namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>What a model's answers are worth against what about ten people saw in each face.</summary>
/// <param name="Samples">Faces in which most people saw one and the same class.</param>
/// <param name="LeftOut">Faces without such a majority: it is for contempt, unknown or no face, or several are as many, or nobody was asked.</param>
/// <param name="Agreement">Share of the samples whose answer is the majority's, in [0, 1].</param>
/// <param name="ConfidenceInterval95">Its 95 % confidence interval (Wilson's score interval): lower and upper end.</param>
/// <param name="CrossEntropy">Mean cross-entropy against the classes' shares of the votes, in nats, over every face with a vote for a class.</param>
/// <param name="ExpectedCalibrationError">The gap between an answer's confidence and the share of the votes that it got, over the same faces as the cross-entropy.</param>
/// <param name="NeutralSamples">Faces that eight people or more called Neutral.</param>
/// <param name="NeutralCalledHappy">Share of those that the model calls Happy, in [0, 1]; null where there are none.</param>
/// <param name="Quartiles">The faces with a vote for a class, from those that people agree on to those that they don't: four parts by the entropy of their votes.</param>
internal sealed record VoteFigures(
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

    /// <summary>Faces with a vote for a class.</summary>
    public int WithVotes { get; init; }

    /// <summary>Faces without any, which are among those left out.</summary>
    public int WithoutVotes { get; init; }

    /// <summary>Compares probabilities with votes.</summary>
    /// <param name="probabilities">float32 [n, 7].</param>
    /// <param name="dataset">The n faces.</param>
    /// <returns>Null where no face has a majority.</returns>
    public static VoteFigures? Measure(float[] probabilities, FaceDataset dataset)
    {
        (Emotion Answer, Votes Votes, double CrossEntropy)[] asked =
        [
            .. from i in Enumerable.Range(0, dataset.Count)
               where dataset.Votes?[i] is not null
               let votes = dataset.Votes![i]!
               select (EvaluationResult.Predicted(probabilities, i), votes, Against(votes, i)),
        ];
        (Emotion Answer, Emotion Majority)[] samples =
        [
            .. from face in asked
               let majority = face.Votes.Majority()
               where majority.HasValue
               select (face.Answer, majority.GetValueOrDefault()),
        ];
        if (samples.Length == 0)
        {
            return null;
        }

        int[] voted = [.. Enumerable.Range(0, dataset.Count).Where(i => dataset.Votes![i]?.Shares is not null)];
        int right = samples.Count(sample => sample.Answer == sample.Majority);
        (double lower, double upper) = WilsonInterval.At95Percent(right, samples.Length);
        Emotion[] neutral = [.. asked.Where(face => face.Votes.Classes[(int)Emotion.Neutral] >= ClearlyNeutral).Select(face => face.Answer)];
        return new VoteFigures(
            samples.Length,
            dataset.Count - samples.Length,
            (double)right / samples.Length,
            [lower, upper],
            asked.Where(face => face.Votes.Shares is not null).Average(face => face.CrossEntropy),
            Reliability.ExpectedCalibrationError(
                CalibrationCheck.Rows(probabilities, voted), [.. voted.SelectMany(i => dataset.Votes![i]!.Shares!)]),
            neutral.Length,
            neutral.Length == 0 ? null : (double)neutral.Count(answer => answer == Emotion.Happy) / neutral.Length,
            MeasureQuartiles(probabilities, dataset, voted)) { WithVotes = voted.Length, WithoutVotes = dataset.Count - voted.Length };

        double Against(Votes votes, int row) => -(votes.Shares ?? []).Select((share, i) =>
            share * Math.Log(Math.Max(probabilities[(row * Emotions.Count) + i], EvaluationResult.SmallestProbability))).Sum();
    }

    private static VoteQuartile[] MeasureQuartiles(float[] probabilities, FaceDataset dataset, int[] voted)
    {
        double threshold = new SmoothingOptions().UncertainBelow;
        (int Face, double Entropy)[] byEntropy = [.. voted.Select(i => (i, Entropy(dataset.Votes![i]!.Shares!))).OrderBy(face => face.Item2)];
        string[] names = ["where people agree most", "where they agree more", "where they agree less", "where they agree least"];
        return
        [
            .. from quarter in names.Index()
               let faces = byEntropy[(byEntropy.Length * quarter.Index / names.Length)..(byEntropy.Length * (quarter.Index + 1) / names.Length)]
               where faces.Length > 0
               let agrees = faces.Select(face => (Majority: dataset.Votes![face.Face]!.Majority(), Answer: EvaluationResult.Predicted(probabilities, face.Face)))
                   .Where(face => face.Majority is not null).Select(face => face.Answer == face.Majority).ToArray()
               select new VoteQuartile(
                   quarter.Item,
                   faces[^1].Entropy,
                   faces.Length,
                   agrees.Length == 0 ? null : (double)agrees.Count(agree => agree) / agrees.Length,
                   (double)faces.Count(face => Confidence(face.Face) < threshold) / faces.Length),
        ];

        static double Entropy(float[] shares) => shares.Where(share => share > 0).Sum(share => share * Math.Log(1 / share));

        float Confidence(int face) => TensorPrimitives.Max(probabilities.AsSpan(face * Emotions.Count, Emotions.Count));
    }
}

/// <summary>A quarter of the faces, by how far people agree on them.</summary>
/// <param name="Name">Which quarter.</param>
/// <param name="Entropy">The highest entropy of a face's votes, in nats.</param>
/// <param name="Faces">How many.</param>
/// <param name="Agreement">Share of those with a majority whose answer is the majority's, in [0, 1]; null where none has one.</param>
/// <param name="Uncertain">Share of the answers that are shown as uncertain, in [0, 1].</param>
internal sealed record VoteQuartile(string Name, double Entropy, int Faces, double? Agreement, double Uncertain);

/// <summary>What the head for labels is worth by itself, in a model that answers otherwise. Its probabilities are not calibrated.</summary>
internal sealed record LabelHeadFigures(double Accuracy, double MacroF1, double LogLoss, VoteFigures? Votes);
