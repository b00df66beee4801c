namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>
/// What makes a model's probabilities mean what they say, in two numbers. First what label smoothing spread over all
/// classes is taken back: a network that learns targets <c>(1 - s) onehot + s / 7</c> (Szegedy et al. 2016,
/// https://arxiv.org/abs/1512.00567) answers at best <c>(1 - s) p + s / 7</c>, never more than <c>1 - s + s / 7</c>, which no
/// temperature repairs. Then one temperature (Guo et al. 2017, https://arxiv.org/abs/1706.04599). Neither changes a prediction.
/// <c>calibrated = softmax(log(max(p - s / 7, 0) + 0.0003) / T)</c>, and without a smoothing <c>softmax(log(p) / T)</c>.
/// </summary>
/// <param name="Smoothing">s, in [0, 1).</param>
/// <param name="Temperature">T, above 0.</param>
internal sealed record Calibration(double Smoothing, double Temperature)
{
    /// <summary>What changes nothing.</summary>
    public static Calibration None { get; } = new(Smoothing: 0, Temperature: 1);

    /// <summary>What a class keeps that scores below the smoothing's share: the logarithm of 0 is no number.
    /// Of 0.0001, 0.0003, 0.001 and 0.003 the one of least cross-entropy on FER2013's validation images.</summary>
    internal const double Floor = 3e-4;

    /// <summary>The smallest normal float32: without a smoothing only a probability that softmax rounded to 0 needs it.</summary>
    private const float Smallest = 1.17549435e-38f;

    private const double LargestSmoothing = 0.3;
    private const double SmoothingStep = 0.01;

    /// <summary>What is taken from each probability.</summary>
    internal double Share => Smoothing / Emotions.Count;

    /// <summary>Finds the two numbers of least cross-entropy, a proper score: the smoothing on a grid, the temperature exactly.</summary>
    /// <param name="probabilities">float32 [n, 7].</param>
    /// <param name="labels">The n true classes.</param>
    public static Calibration Fit(ReadOnlySpan<float> probabilities, IReadOnlyList<Emotion> labels) => Fit(probabilities, Evaluation.Logits.Targets(labels));

    /// <summary>Finds the two numbers of least cross-entropy against distributions.</summary>
    /// <param name="probabilities">float32 [n, 7].</param>
    /// <param name="targets">float32 [n, 7], each row sums to 1.</param>
    public static Calibration Fit(ReadOnlySpan<float> probabilities, ReadOnlySpan<float> targets)
    {
        (Calibration best, double lowest) = (None, double.PositiveInfinity);
        for (int step = 0; step * SmoothingStep <= LargestSmoothing; step++)
        {
            float[] logits = new Calibration(step * SmoothingStep, 1).Logits(probabilities);
            double temperature = Evaluation.Temperature.Fit(logits, targets);
            double crossEntropy = Evaluation.Logits.CrossEntropy(logits, targets, temperature);
            (best, lowest) = crossEntropy < lowest ? (new Calibration(step * SmoothingStep, temperature), crossEntropy) : (best, lowest);
        }

        return best;
    }

    /// <summary>Calibrates probabilities.</summary>
    /// <param name="probabilities">float32 [n, 7].</param>
    /// <returns>float32 [n, 7].</returns>
    public float[] Apply(ReadOnlySpan<float> probabilities)
    {
        float[] calibrated = Logits(probabilities);
        for (int row = 0; row < calibrated.Length; row += Emotions.Count)
        {
            Span<float> values = calibrated.AsSpan(row, Emotions.Count);
            double sum = 0;
            foreach (ref float value in values)
            {
                // Logarithms of what is at most 1.0003: no exponential overflows.
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
        float floor = Smoothing > 0 ? (float)Floor : Smallest;
        for (int i = 0; i < logits.Length; i++)
        {
            // In float32, as the graph computes it: near the share, a last bit of the difference counts.
            logits[i] = MathF.Log(MathF.Max(probabilities[i] - (float)Share, 0) + floor);
        }

        return logits;
    }
}
