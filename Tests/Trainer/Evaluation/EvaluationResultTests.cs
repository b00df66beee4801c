using System.Text.Json;
using System.Text.Json.Nodes;
using MlNetEmotion.Trainer.Evaluation;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Evaluation;

public sealed class EvaluationResultTests
{
    // Ten samples: true class, predicted class, confidence.
    //   Angry  -> Angry Angry Angry Happy      Happy -> Happy Happy Happy Angry
    //   Sad    -> Sad Angry
    private static readonly (Emotion Label, Emotion Predicted, float Confidence)[] Ten =
    [
        (Emotion.Angry, Emotion.Angry, 0.9f), (Emotion.Angry, Emotion.Angry, 0.9f), (Emotion.Angry, Emotion.Angry, 0.5f),
        (Emotion.Angry, Emotion.Happy, 0.5f), (Emotion.Happy, Emotion.Happy, 0.9f), (Emotion.Happy, Emotion.Happy, 0.9f),
        (Emotion.Happy, Emotion.Happy, 0.5f), (Emotion.Happy, Emotion.Angry, 0.9f), (Emotion.Sad, Emotion.Sad, 0.5f),
        (Emotion.Sad, Emotion.Angry, 0.5f),
    ];

    [Fact]
    public void Accuracy_SevenOfTenRight_Is70Percent() => Assert.Equal(0.7, Compute(Ten).Accuracy, 12);

    [Fact]
    public void ConfusionMatrix_TenSamples_HasTrueRowsAndPredictedColumns()
    {
        EvaluationResult result = Compute(Ten);
        Assert.Equal(
            [
                [3, 0, 0, 1, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0], [1, 0, 0, 3, 0, 0, 0],
                [1, 0, 0, 0, 1, 0, 0], [0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0],
            ],
            result.ConfusionMatrix);
    }

    [Theory]
    [InlineData(Emotion.Angry, 3.0 / 5, 3.0 / 4, 6.0 / 9, 4)] // 3 right, 5 predicted, 4 true; F1 = 2*3 / (5 + 4)
    [InlineData(Emotion.Happy, 3.0 / 4, 3.0 / 4, 3.0 / 4, 4)] // 3 right, 4 predicted, 4 true
    [InlineData(Emotion.Sad, 1.0, 1.0 / 2, 2.0 / 3, 2)] // 1 right, 1 predicted, 2 true; F1 = 2*1 / (1 + 2)
    [InlineData(Emotion.Fear, 0, 0, 0, 0)]
    public void PerClass_TenSamples_MatchesHandCounts(Emotion emotion, double precision, double recall, double f1, int support)
    {
        ClassMetrics metrics = Compute(Ten).PerClass[(int)emotion];
        Assert.Equal(emotion.ToString(), metrics.Label);
        Assert.Equal(precision, metrics.Precision, 12);
        Assert.Equal(recall, metrics.Recall, 12);
        Assert.Equal(f1, metrics.F1, 12);
        Assert.Equal(support, metrics.Support);
    }

    [Fact]
    public void MacroF1_FourClassesDoNotOccur_AveragesTheOtherThree() =>
        Assert.Equal(((2.0 / 3) + (3.0 / 4) + (2.0 / 3)) / 3, Compute(Ten).MacroF1, 12);

    [Fact]
    public void MacroF1_ClassPredictedButNeverTrue_CountsItAsZero()
    {
        // Happy: 1 right of 2 true, 1 predicted: F1 = 2 / 3. Sad: predicted once, never true: F1 = 0.
        EvaluationResult result = Compute([(Emotion.Happy, Emotion.Happy, 0.9f), (Emotion.Happy, Emotion.Sad, 0.9f)]);
        Assert.Equal(1.0 / 3, result.MacroF1, 12);
    }

    [Fact]
    public void ExpectedCalibrationError_TenSamples_MatchesHandSum()
    {
        // Confidence 0.9: 5 samples, 4 right: |0.8 - 0.9| = 0.1. Confidence 0.5: 5 samples, 3 right: |0.6 - 0.5| = 0.1.
        // 5/10 * 0.1 + 5/10 * 0.1 = 0.1; tolerance: 0.9f differs from 0.9 by 2e-8.
        Assert.Equal(0.1, Compute(Ten).ExpectedCalibrationError, 1e-7);
    }

    [Fact]
    public void ExpectedCalibrationError_OverAndUnderconfidentBins_DoNotCancel()
    {
        // 0.9 and wrong: |0 - 0.9| = 0.9. 0.5 and right: |1 - 0.5| = 0.5. (0.9 + 0.5) / 2 = 0.7.
        EvaluationResult result = Compute([(Emotion.Happy, Emotion.Sad, 0.9f), (Emotion.Sad, Emotion.Sad, 0.5f)]);
        Assert.Equal(0.7, result.ExpectedCalibrationError, 1e-7);
    }

    [Theory]
    [InlineData(0.2f, 2)] // 0.2 = 3/15 is the third bin's upper end, which is part of it
    [InlineData(0.20001f, 3)]
    [InlineData(0.6f, 8)]
    [InlineData(1f, 14)]
    public void ReliabilityBins_ConfidenceAtAnEnd_FallsIntoTheBinBelow(float confidence, int bin)
    {
        EvaluationResult result = Compute([(Emotion.Fear, Emotion.Fear, confidence)]);
        Assert.Equal(15, result.ReliabilityBins.Count);
        Assert.Equal(bin, result.ReliabilityBins.ToList().FindIndex(b => b.Count == 1));
        Assert.Equal(bin / 15.0, result.ReliabilityBins[bin].Lower, 12);
        Assert.Equal((bin + 1) / 15.0, result.ReliabilityBins[bin].Upper, 12);
        Assert.Equal(confidence, result.ReliabilityBins[bin].Confidence, 1e-7);
        Assert.Equal(1, result.ReliabilityBins[bin].Accuracy);
    }

    [Fact]
    public void LogLoss_TwoSamples_IsTheMeanNegativeLogarithm()
    {
        // True classes got 0.5 and (1 - 0.4) / 6 = 0.1: (ln 2 + ln 10) / 2 = 1.4978661.
        EvaluationResult result = Compute([(Emotion.Sad, Emotion.Sad, 0.5f), (Emotion.Sad, Emotion.Fear, 0.4f)]);
        Assert.Equal(1.4978661, result.LogLoss, 1e-6);
    }

    [Fact]
    public void LogLoss_TrueClassHasProbabilityZero_IsFinite() =>
        Assert.Equal(-Math.Log(1e-7), Compute([(Emotion.Sad, Emotion.Fear, 1f)]).LogLoss, 1e-9);

    [Fact]
    public void Compute_EqualLargestProbabilities_PredictsTheFirst()
    {
        float[] tie = [0, 0.1f, 0.4f, 0.4f, 0.1f, 0, 0];
        Assert.Equal(1, EvaluationResult.Compute(tie, [Emotion.Fear]).Accuracy);
        Assert.Equal(0, EvaluationResult.Compute(tie, [Emotion.Happy]).Accuracy);
    }

    [Fact]
    public void Compute_NothingRight_IsZeroNotNaN()
    {
        EvaluationResult result = Compute([(Emotion.Sad, Emotion.Fear, 0.9f), (Emotion.Fear, Emotion.Sad, 0.9f)]);
        Assert.Equal(0, result.Accuracy);
        Assert.Equal(0, result.MacroF1);
        Assert.Equal(0, result.ConfidenceInterval95[0]);
        Assert.All(result.PerClass, metrics => Assert.Equal(0, metrics.F1));
    }

    [Fact]
    public void Compute_NoSamples_Throws() =>
        Assert.Throws<ArgumentException>(() => EvaluationResult.Compute([], []));

    [Fact]
    public void Compute_RowsAndLabelsDiffer_Throws() =>
        Assert.Throws<ArgumentException>(() => EvaluationResult.Compute(new float[7], [Emotion.Sad, Emotion.Fear]));

    [Theory]
    [InlineData(0.5f)]
    [InlineData(float.NaN)]
    public void Compute_RowIsNoDistribution_Throws(float first)
    {
        ArgumentException e = Assert.Throws<ArgumentException>(
            () => EvaluationResult.Compute([1, 0, 0, 0, 0, 0, 0, first, 0, 0, 0, 0, 0, 0], [Emotion.Sad, Emotion.Sad]));
        Assert.Contains("sample 1", e.Message);
    }

    [Fact]
    public void ToJson_TwoSamples_IsTheContractsDocument()
    {
        // Angry: 1 right, 2 predicted, 1 true. Mean F1 of Angry (2/3) and Sad (0) is 1/3. Calibration: |1/2 - 1| = 1/2.
        // Wilson for 1 of 2, z^2 = 3.841458821: centre 1/2, half width z / (2 sqrt(2 + z^2)) = 0.405468794.
        string json = Compute([(Emotion.Angry, Emotion.Angry, 1f), (Emotion.Sad, Emotion.Angry, 1f)], unreadable: 3).ToJson();
        const string Expected = """
            {
              "samples": 2, "accuracy": 0.5, "macroF1": 0.333333333, "expectedCalibrationError": 0.5,
              "confidenceInterval95": [0.094531206, 0.905468794],
              "perClass": [
                { "label": "Angry", "precision": 0.5, "recall": 1, "f1": 0.666666667, "support": 1 },
                { "label": "Disgust", "precision": 0, "recall": 0, "f1": 0, "support": 0 },
                { "label": "Fear", "precision": 0, "recall": 0, "f1": 0, "support": 0 },
                { "label": "Happy", "precision": 0, "recall": 0, "f1": 0, "support": 0 },
                { "label": "Sad", "precision": 0, "recall": 0, "f1": 0, "support": 1 },
                { "label": "Surprise", "precision": 0, "recall": 0, "f1": 0, "support": 0 },
                { "label": "Neutral", "precision": 0, "recall": 0, "f1": 0, "support": 0 }
              ],
              "confusionMatrix": [
                [1, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0],
                [1, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0]
              ],
              "unreadable": 3,
              "coverage": [POINTS]
            }
            """;

        // Both answers have confidence 1, so every threshold answers both.
        string points = string.Join(',', Enumerable.Repeat("""{ "coverage": 1, "threshold": 1, "accuracy": 0.5, "samples": 2 }""", 10));
        AssertSameJson(JsonNode.Parse(Expected.Replace("POINTS", points, StringComparison.Ordinal)), JsonNode.Parse(json), "$");
    }

    /// <summary>The same names in the same order, the same values; numbers to nine decimals, as they are written above.</summary>
    private static void AssertSameJson(JsonNode? expected, JsonNode? actual, string path)
    {
        switch (expected)
        {
            case JsonObject properties:
                Assert.Equal(properties.Select(p => p.Key), Assert.IsType<JsonObject>(actual).Select(p => p.Key));
                Assert.All(properties, p => AssertSameJson(p.Value, actual[p.Key], $"{path}.{p.Key}"));
                break;
            case JsonArray items:
                Assert.Equal(items.Count, Assert.IsType<JsonArray>(actual).Count);
                Assert.All(items, (item, i) => AssertSameJson(item, actual[i], $"{path}[{i}]"));
                break;
            case not null when expected.GetValueKind() == JsonValueKind.Number:
                Assert.True(Math.Abs(expected.GetValue<double>() - actual!.GetValue<double>()) < 1e-9, $"{path}: {actual}, expected {expected}");
                break;
            default:
                Assert.Equal(expected?.GetValue<string>(), actual?.GetValue<string>());
                break;
        }
    }

    /// <summary>Probabilities with the given winner; the other six classes share the rest equally.</summary>
    internal static float[] Probabilities(Emotion predicted, float confidence)
    {
        float[] row = [.. Enumerable.Repeat((1 - confidence) / 6, Emotions.Count)];
        row[(int)predicted] = confidence;
        return row;
    }

    private static EvaluationResult Compute((Emotion Label, Emotion Predicted, float Confidence)[] samples, int unreadable = 0) =>
        EvaluationResult.Compute(
            samples.SelectMany(s => Probabilities(s.Predicted, s.Confidence)).ToArray(),
            samples.Select(s => s.Label).ToArray(),
            unreadable);
}
