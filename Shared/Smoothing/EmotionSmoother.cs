namespace MlNetEmotion.Smoothing;

/// <summary>
/// Makes a steady answer of one face's scores: exponential smoothing in time (R. G. Brown: Exponential smoothing for predicting
/// demand, 1956), then hysteresis, so that the answer changes only when another emotion is clearly more probable. The smoothed
/// scores are the mean of all frames, each weighing exp(-age / time constant): the first frames count no more than the next.
/// Not thread-safe.
/// </summary>
public sealed class EmotionSmoother
{
    private readonly SmoothingOptions options;
    private TimeSpan? last;
    private double weight;
    private EmotionReading reading;

    /// <summary>Starts with a face of which nothing has been seen.</summary>
    /// <param name="options">How steady; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">A time is negative or not finite, or a probability not in [0, 1].</exception>
    public EmotionSmoother(SmoothingOptions? options = null)
    {
        this.options = options ?? new SmoothingOptions();
        Check(this.options.TimeConstantSeconds, double.MaxValue, nameof(SmoothingOptions.TimeConstantSeconds));
        Check(this.options.ForgetAfterSeconds, double.MaxValue, nameof(SmoothingOptions.ForgetAfterSeconds));
        Check(this.options.UncertainBelow, 1, nameof(SmoothingOptions.UncertainBelow));
        Check(this.options.SwitchMargin, 1, nameof(SmoothingOptions.SwitchMargin));
        Check(this.options.CertaintyMargin, 1, nameof(SmoothingOptions.CertaintyMargin));
    }

    /// <summary>Takes the next frame's scores.</summary>
    /// <param name="scores">The face's scores in that frame alone.</param>
    /// <param name="timestamp">When the frame was; going back in time starts the face anew.</param>
    /// <returns>The steady answer at that time.</returns>
    public EmotionReading Update(EmotionScores scores, TimeSpan timestamp)
    {
        double elapsed = this.last is { } last ? (timestamp - last).TotalSeconds : -1;
        bool isFirst = elapsed < 0 || elapsed > this.options.ForgetAfterSeconds || this.options.TimeConstantSeconds == 0;
        this.last = timestamp;
        this.weight = isFirst ? 1 : (this.weight * Math.Exp(-elapsed / this.options.TimeConstantSeconds)) + 1;
        reading = isFirst ? First(scores) : Next(Blend(reading.Scores, scores, 1 / this.weight));
        return reading;
    }

    private EmotionReading First(EmotionScores scores) => new(scores, scores.Top, scores.Confidence < this.options.UncertainBelow);

    private EmotionReading Next(EmotionScores scores)
    {
        Emotion answer = scores.Confidence > scores[reading.Emotion] + this.options.SwitchMargin ? scores.Top : reading.Emotion;
        double certainFrom = this.options.UncertainBelow + (reading.IsUncertain ? this.options.CertaintyMargin : 0);
        return new(scores, answer, scores[answer] < certainFrom);
    }

    private static EmotionScores Blend(EmotionScores before, EmotionScores now, double weight)
    {
        Span<float> probabilities = stackalloc float[Emotions.Count];
        for (int i = 0; i < Emotions.Count; i++)
        {
            probabilities[i] = (float)(before[(Emotion)i] + (weight * (now[(Emotion)i] - (double)before[(Emotion)i])));
        }

        return new EmotionScores(probabilities);
    }

    private static void Check(double value, double maximum, string name)
    {
        if (!(value >= 0 && value <= maximum))
        {
            throw new ArgumentOutOfRangeException(name, value, $"expected 0 to {maximum}");
        }
    }
}
