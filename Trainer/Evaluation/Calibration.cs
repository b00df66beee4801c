namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>
/// Calibrates probabilities with two parameters. First, label smoothing is inverted: a network trained on targets <c>(1 - s) onehot + s / 7</c> (Szegedy
/// et al. 2016, https://arxiv.org/abs/1512.00567) outputs at best <c>(1 - s) p + s / 7</c>, never more than <c>1 - s + s / 7</c>, which no temperature can
/// correct. Then a temperature is applied (Guo et al. 2017, https://arxiv.org/abs/1706.04599). Neither changes a prediction:
/// <c>calibrated = softmax(log(max(p - s / 7, 0) + 0.0003) / T)</c>, or without smoothing <c>softmax(log(p) / T)</c>.
/// </summary>
/// <param name="Smoothing">s, in [0, 1).</param>
/// <param name="Temperature">T, above 0.</param>
internal sealed record Calibration(double Smoothing, double Temperature)
{
    /// <summary>The identity.</summary>
    public static Calibration None { get; } = new(Smoothing: 0, Temperature: 1);

    /// <summary>Added before the logarithm, because a class may score below the smoothing's share. Of 0.0001, 0.0003, 0.001 and 0.003, it has the lowest
    /// cross-entropy on FER2013's validation images.</summary>
    internal const double Floor = 3e-4;

    /// <summary>The smallest normal float32; needed without smoothing, if softmax rounded a probability to 0.</summary>
    private const float MinNormal = 1.17549435e-38f;

    private const double MaxSmoothing = 0.3;
    private const double SmoothingStep = 0.01;

    /// <summary>The amount subtracted from each probability.</summary>
    internal double Share => Smoothing / Emotions.Count;

    /// <summary>Fits the parameters with the lowest cross-entropy, a proper score: the smoothing on a grid, the temperature by search.</summary>
    /// <param name="probabilities">float32 [n, 7].</param>
    /// <param name="targets">float32 [n, 7], each row sums to 1.</param>
    public static Calibration Fit(ReadOnlySpan<float> probabilities, ReadOnlySpan<float> targets)
    {
        (Calibration best, double lowest) = (None, double.PositiveInfinity);
        for (int step = 0; step * SmoothingStep <= MaxSmoothing; step++)
        {
            float[] logits = new Calibration(step * SmoothingStep, 1).Logits(probabilities);
            double temperature = Evaluation.Temperature.Fit(logits, targets);
            double crossEntropy = Evaluation.Logits.CrossEntropy(logits, targets, temperature);
            (best, lowest) = crossEntropy < lowest ? (new Calibration(step * SmoothingStep, temperature), crossEntropy) : (best, lowest);
        }

        return best;
    }

    /// <summary>Calibrates probabilities, float32 [n, 7].</summary>
    public float[] Apply(ReadOnlySpan<float> probabilities)
    {
        float[] calibrated = Logits(probabilities);
        for (int row = 0; row < calibrated.Length; row += Emotions.Count)
        {
            Span<float> values = calibrated.AsSpan(row, Emotions.Count);
            double sum = 0;
            foreach (ref float value in values)
            {
                // The logits are logarithms of at most 1.0003, so no exponential overflows.
                value = (float)Math.Exp(value / Temperature);
                sum += value;
            }

            foreach (ref float value in values)
            {
                value = (float)(value / sum);
            }
        }

        return calibrated;
    }

    private float[] Logits(ReadOnlySpan<float> probabilities)
    {
        var logits = new float[probabilities.Length];
        float floor = Smoothing > 0 ? (float)Floor : MinNormal;
        for (int i = 0; i < logits.Length; i++)
        {
            // In float32, as the graph computes it: near the share, the last bit of the difference matters.
            logits[i] = MathF.Log(MathF.Max(probabilities[i] - (float)Share, 0) + floor);
        }

        return logits;
    }
}
