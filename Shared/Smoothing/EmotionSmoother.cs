namespace MlNetEmotion.Smoothing;

/// <summary>
/// Smooths one face's scores over time: exponential smoothing (R. G. Brown: Exponential smoothing for predicting demand, 1956), then
/// hysteresis, so that the displayed emotion changes only if another one is clearly more probable. The smoothed scores are the mean of all
/// frames, weighted by exp(-age / time constant), so the first frames have no extra weight. Not thread-safe.
/// </summary>
public sealed class EmotionSmoother
{
    private readonly SmoothingOptions options;
    private TimeSpan? last;
    private double weight;
    private EmotionReading reading;

    /// <summary>Creates a smoother with no history.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A time is negative, or a probability not in [0, 1].</exception>
    public EmotionSmoother(SmoothingOptions? options = null)
    {
        this.options = options ?? new SmoothingOptions();
        this.options.Check();
    }

    /// <summary>Adds the next frame's scores and returns the smoothed reading.</summary>
    /// <param name="timestamp">The frame's time; an earlier time than the last frame's resets the smoother.</param>
    public EmotionReading Update(EmotionScores scores, TimeSpan timestamp)
    {
        TimeSpan elapsed = timestamp - this.last ?? TimeSpan.MinValue;
        bool isFirst = elapsed < TimeSpan.Zero || elapsed > this.options.ForgetAfter || this.options.TimeConstant == TimeSpan.Zero;
        this.last = timestamp;
        this.weight = isFirst ? 1 : (this.weight * Math.Exp(-elapsed.TotalSeconds / this.options.TimeConstant.TotalSeconds)) + 1;
        reading = isFirst ? EmotionReading.Of(scores, this.options.UncertainBelow) : Next(Blend(reading.Scores, scores, 1 / this.weight));
        return reading;
    }

    private EmotionReading Next(EmotionScores scores)
    {
        Emotion emotion = scores.Confidence > scores[reading.Emotion] + this.options.SwitchMargin ? scores.Top : reading.Emotion;
        double certainFrom = this.options.UncertainBelow + (reading.IsUncertain ? this.options.CertaintyMargin : 0);
        return new(scores, emotion, !scores.HasTop || scores[emotion] < certainFrom);
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
}

/// <summary>A face's smoothed expression at one frame.</summary>
/// <param name="Scores">The smoothed probabilities.</param>
/// <param name="Emotion">The displayed emotion: usually the most probable one, but hysteresis may keep the previous one.</param>
/// <param name="IsUncertain">Whether the emotion's probability is too low to display, or all seven are equal.</param>
public readonly record struct EmotionReading(EmotionScores Scores, Emotion Emotion, bool IsUncertain)
{
    /// <summary>The smoothed probability of <see cref="Emotion"/>, in [0, 1].</summary>
    public float Confidence => Scores[Emotion];

    /// <summary>The reading of a single image, without smoothing: its most probable emotion.</summary>
    /// <param name="uncertainBelow">The probability, in [0, 1], below which the reading is uncertain: <see cref="SmoothingOptions.UncertainBelow"/>.</param>
    public static EmotionReading Of(EmotionScores scores, double uncertainBelow) => new(scores, scores.Top, !scores.HasTop || scores.Confidence < uncertainBelow);
}

/// <summary>Settings of the smoothing over time.</summary>
public sealed record SmoothingOptions
{
    /// <summary>
    /// The time constant: the scores have followed a change by 63 % after one time constant, by 86 % after two. Zero turns smoothing and hysteresis
    /// off.
    /// </summary>
    public TimeSpan TimeConstant { get; init; } = TimeSpan.FromSeconds(0.2);

    /// <summary>The probability, in [0, 1], below which an emotion is uncertain. Chance is 1/7; seven equal probabilities are always uncertain.</summary>
    public double UncertainBelow { get; init; } = 0.35;

    /// <summary>The margin, in [0, 1], by which another emotion must be more probable to replace the displayed one.</summary>
    public double SwitchMargin { get; init; } = 0.18;

    /// <summary>The margin above <see cref="UncertainBelow"/>, in [0, 1], that an uncertain emotion must exceed to become certain again.</summary>
    public double CertaintyMargin { get; init; } = 0.05;

    /// <summary>The gap after which a face's history is discarded.</summary>
    public TimeSpan ForgetAfter { get; init; } = TimeSpan.FromSeconds(2);

    /// <exception cref="ArgumentOutOfRangeException">A time is negative, or a probability not in [0, 1].</exception>
    internal void Check()
    {
        Check(TimeConstant.TotalSeconds, double.MaxValue, nameof(TimeConstant));
        Check(ForgetAfter.TotalSeconds, double.MaxValue, nameof(ForgetAfter));
        Check(UncertainBelow, 1, nameof(UncertainBelow));
        Check(SwitchMargin, 1, nameof(SwitchMargin));
        Check(CertaintyMargin, 1, nameof(CertaintyMargin));
    }

    private static void Check(double value, double maximum, string name)
    {
        if (!(value >= 0 && value <= maximum))
        {
            throw new ArgumentOutOfRangeException(name, value, maximum == 1 ? "expected 0 to 1" : "expected no negative time");
        }
    }
}

/// <summary>Smooths the scores of several faces, each with its own history. Not thread-safe.</summary>
public sealed class TrackSmoother
{
    private readonly SmoothingOptions options;
    private readonly Dictionary<int, (EmotionSmoother Smoother, TimeSpan LastSeen)> tracks = [];
    private TimeSpan lastSweep;

    /// <summary>Creates a smoother with no history.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A time is negative, or a probability not in [0, 1].</exception>
    public TrackSmoother(SmoothingOptions? options = null)
    {
        this.options = options ?? new SmoothingOptions();
        this.options.Check();
    }

    /// <summary>The number of faces with a history: those seen within <see cref="SmoothingOptions.ForgetAfter"/>.</summary>
    public int Count => tracks.Count;

    /// <summary>Adds a face's scores in the next frame and returns its smoothed reading.</summary>
    /// <param name="trackId">The face's track number, the same from frame to frame.</param>
    public EmotionReading Update(int trackId, EmotionScores scores, TimeSpan timestamp)
    {
        Sweep(timestamp);
        EmotionSmoother smoother = tracks.TryGetValue(trackId, out var track) ? track.Smoother : new EmotionSmoother(this.options);
        tracks[trackId] = (smoother, timestamp);
        return smoother.Update(scores, timestamp);
    }

    // Removes faces that have left, once per second: a camera that runs for days sees many.
    private void Sweep(TimeSpan now)
    {
        if (Math.Abs((now - lastSweep).TotalSeconds) < 1)
        {
            return;
        }

        lastSweep = now;
        foreach ((int id, (_, TimeSpan lastSeen)) in tracks)
        {
            if (now - lastSeen > this.options.ForgetAfter)
            {
                tracks.Remove(id); // removing is allowed while enumerating
            }
        }
    }
}
