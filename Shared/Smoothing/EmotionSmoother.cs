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
    /// <param name="timestamp">When the frame was; going back in time starts the face anew.</param>
    public EmotionReading Update(EmotionScores scores, TimeSpan timestamp)
    {
        double elapsed = this.last is { } last ? (timestamp - last).TotalSeconds : -1;
        bool isFirst = elapsed < 0 || elapsed > this.options.ForgetAfterSeconds || this.options.TimeConstantSeconds == 0;
        this.last = timestamp;
        this.weight = isFirst ? 1 : (this.weight * Math.Exp(-elapsed / this.options.TimeConstantSeconds)) + 1;
        reading = isFirst ? EmotionReading.Of(scores, this.options.UncertainBelow) : Next(Blend(reading.Scores, scores, 1 / this.weight));
        return reading;
    }

    private EmotionReading Next(EmotionScores scores)
    {
        Emotion answer = scores.Confidence > scores[reading.Emotion] + this.options.SwitchMargin ? scores.Top : reading.Emotion;
        double certainFrom = this.options.UncertainBelow + (reading.IsUncertain ? this.options.CertaintyMargin : 0);
        return new(scores, answer, !scores.HasTop || scores[answer] < certainFrom);
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

/// <summary>What a face shows, by all that was seen of it so far.</summary>
/// <param name="Scores">The smoothed probabilities.</param>
/// <param name="Emotion">The answer: most of the time, but not always, the most probable emotion.</param>
/// <param name="IsUncertain">Whether the answer's probability is too low to be worth naming, or all seven are equally probable.</param>
public readonly record struct EmotionReading(EmotionScores Scores, Emotion Emotion, bool IsUncertain)
{
    /// <summary>The answer's smoothed probability, in [0, 1].</summary>
    public float Confidence => Scores[Emotion];

    /// <summary>The reading of a single picture, without smoothing: its most probable emotion.</summary>
    /// <param name="uncertainBelow">The probability, in [0, 1], below which the reading is uncertain: <see cref="SmoothingOptions.UncertainBelow"/>.</param>
    public static EmotionReading Of(EmotionScores scores, double uncertainBelow) => new(scores, scores.Top, !scores.HasTop || scores.Confidence < uncertainBelow);
}

/// <summary>How steady a face's answer is over time.</summary>
public sealed record SmoothingOptions
{
    /// <summary>
    /// The time constant, in seconds: a change is followed by 63 % after so long, by 86 % after twice that. 0 turns smoothing
    /// and hysteresis off: each frame speaks for itself.
    /// </summary>
    public double TimeConstantSeconds { get; init; } = 0.2;

    /// <summary>An answer whose probability is less than this is uncertain, in [0, 1]. Guessing has 1/7; seven equal probabilities are uncertain in any case.</summary>
    public double UncertainBelow { get; init; } = 0.35;

    /// <summary>By how much, in [0, 1], another emotion must be more probable before it becomes the answer.</summary>
    public double SwitchMargin { get; init; } = 0.18;

    /// <summary>How far above <see cref="UncertainBelow"/>, in [0, 1], an uncertain answer must rise to be certain again.</summary>
    public double CertaintyMargin { get; init; } = 0.05;

    /// <summary>After so many seconds without a frame, a face starts anew: what it showed before says nothing of now.</summary>
    public double ForgetAfterSeconds { get; init; } = 2;
}

/// <summary>Makes steady answers of many faces' scores, each face by its own past. Not thread-safe.</summary>
public sealed class TrackSmoother(SmoothingOptions? options = null)
{
    private readonly SmoothingOptions options = options ?? new SmoothingOptions();
    private readonly Dictionary<int, (EmotionSmoother Smoother, TimeSpan LastSeen)> tracks = [];
    private TimeSpan lastSweep;

    /// <summary>Faces remembered: those seen within the last few seconds.</summary>
    public int Count => tracks.Count;

    /// <summary>Takes a face's scores in the next frame.</summary>
    /// <param name="trackId">Which face: the same number for the same face from frame to frame.</param>
    public EmotionReading Update(int trackId, EmotionScores scores, TimeSpan timestamp)
    {
        Sweep(timestamp);
        EmotionSmoother smoother = tracks.TryGetValue(trackId, out var track) ? track.Smoother : new EmotionSmoother(this.options);
        tracks[trackId] = (smoother, timestamp);
        return smoother.Update(scores, timestamp);
    }

    // A camera runs for days and sees many faces: those that went must not stay in memory. Once a second is soon enough.
    private void Sweep(TimeSpan now)
    {
        if (Math.Abs((now - lastSweep).TotalSeconds) < 1)
        {
            return;
        }

        lastSweep = now;
        foreach ((int id, (_, TimeSpan lastSeen)) in tracks)
        {
            if ((now - lastSeen).TotalSeconds > this.options.ForgetAfterSeconds)
            {
                tracks.Remove(id); // removing is allowed while enumerating
            }
        }
    }
}
