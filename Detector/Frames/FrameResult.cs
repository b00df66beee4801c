using MlNetEmotion.Programs.Archive;
using MlNetEmotion.Smoothing;

namespace MlNetEmotion.Detector.Frames;

/// <summary>A face in a frame.</summary>
/// <param name="TrackId">The same number for the same face from frame to frame, from 1.</param>
/// <param name="Box">Where it is, in the frame's pixels.</param>
internal readonly record struct FaceResult(int TrackId, Box Box, EmotionScores Scores)
{
    public const string Uncertain = FaceRow.Uncertain;

    /// <summary>The answer: the most probable emotion, or after smoothing the one that it settled on.</summary>
    public Emotion Emotion { get; init; } = Scores.Top;

    /// <summary>Whether the answer's probability is too low to be worth naming.</summary>
    public bool IsUncertain { get; init; }

    /// <summary>What is shown as the answer: the emotion's label, or <see cref="Uncertain"/>.</summary>
    public string Shown => IsUncertain ? Uncertain : Emotions.Labels[(int)Emotion];

    /// <summary>The answer's probability, in [0, 1].</summary>
    public float Confidence => Scores[Emotion];

    /// <summary>The same face with a steady answer.</summary>
    public FaceResult With(EmotionReading reading) =>
        this with { Scores = reading.Scores, Emotion = reading.Emotion, IsUncertain = reading.IsUncertain };
}

/// <summary>What was found in a frame. Valid while the frame is delivered: the list of faces is used again.</summary>
/// <param name="Frame">The frame's number within its source, from 0: that of a still picture is always 0.</param>
/// <param name="Timestamp">When it was, since the first.</param>
/// <param name="Faces">From left to right.</param>
/// <param name="CapturedAt">When it came out of the source, by <see cref="Stopwatch"/>.</param>
/// <param name="Source">Which file, or device, it is of.</param>
/// <param name="Suspected">Where else there may be faces: lost ones, where they would be by now, and unsure detections.</param>
internal readonly record struct FrameResult(long Frame, TimeSpan Timestamp, List<FaceResult> Faces, long CapturedAt = 0, string Source = "", List<Box>? Suspected = null);

/// <summary>Shows or keeps frames and what was found in them: one after the other, on one thread.</summary>
internal interface IFrameSink
{
    /// <summary>Takes a frame, whose pixels it may change for the sinks after it; false when the user wants to
    /// quit.</summary>
    bool Write(Frame frame, FrameResult result);
}

/// <summary>Numbers as events and answers have them: no more digits than mean something; decimals, for they are never written with an
/// exponent.</summary>
internal static class WrittenNumbers
{
    public static decimal Milliseconds(TimeSpan time) => Plain((decimal)time.TotalMilliseconds, 3);

    public static decimal Probability(float probability) => Plain((decimal)probability, 6);

    public static decimal Pixels(float position) => Plain((decimal)position, 2);

    // A decimal keeps the zeros that its calculation left at its end; a division by one of the longest form drops them.
    private static decimal Plain(decimal value, int decimals) =>
        decimal.Round(value, decimals, MidpointRounding.AwayFromZero) / 1.0000000000000000000000000000m;
}
