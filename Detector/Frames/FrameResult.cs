using MlNetEmotion.Smoothing;

namespace MlNetEmotion.Detector.Frames;

/// <summary>A face in a frame.</summary>
/// <param name="TrackId">The track's number, from 1: the same for the same face in successive frames.</param>
/// <param name="Box">The face's box in pixels of the frame.</param>
internal readonly record struct FaceResult(int TrackId, Box Box, EmotionScores Scores)
{
    /// <summary>The displayed text of an uncertain face.</summary>
    public const string Uncertain = "Uncertain";

    /// <summary>The prediction: the most probable emotion, or the smoother's current one.</summary>
    public Emotion Emotion { get; init; } = Scores.Top;

    /// <summary>Whether the prediction's probability is below the threshold.</summary>
    public bool IsUncertain { get; init; }

    /// <summary>The displayed text: the emotion's label, or <see cref="Uncertain"/>.</summary>
    public string Shown => IsUncertain ? Uncertain : Emotions.Labels[(int)Emotion];

    /// <summary>The prediction's probability, in [0, 1].</summary>
    public float Confidence => Scores[Emotion];

    /// <summary>Returns the face with smoothed scores and prediction.</summary>
    public FaceResult With(EmotionReading reading) =>
        this with { Scores = reading.Scores, Emotion = reading.Emotion, IsUncertain = reading.IsUncertain };
}

/// <summary>The faces found in a frame. Valid only during delivery, because the list of faces is reused.</summary>
/// <param name="Frame">The frame's index within its source, from 0; always 0 for a still image.</param>
/// <param name="Timestamp">The frame's time since the first one.</param>
/// <param name="Faces">From left to right.</param>
/// <param name="CapturedAt">The <see cref="Stopwatch"/> timestamp at which the frame was read.</param>
/// <param name="Source">The file or device of the frame.</param>
/// <param name="Suspected">Boxes of possible further faces: lost ones at their predicted places, and detections of low score.</param>
internal readonly record struct FrameResult(long Frame, TimeSpan Timestamp, List<FaceResult> Faces, long CapturedAt = 0, string Source = "", List<Box>? Suspected = null);

/// <summary>Displays or stores frames and their faces. Called in order, on one thread.</summary>
internal interface IFrameSink
{
    /// <summary>Processes a frame, whose pixels it may change for the sinks after it.</summary>
    void Write(Frame frame, FrameResult result);
}

/// <summary>Rounds numbers for events and responses to their significant digits. Decimals, because they are never written with an exponent.</summary>
internal static class WrittenNumbers
{
    public static decimal Milliseconds(TimeSpan time) => Plain((decimal)time.TotalMilliseconds, 3);

    public static decimal Probability(float probability) => Plain((decimal)probability, 6);

    /// <summary>Returns the probability of each emotion by its label, in the order of the enum.</summary>
    public static OrderedDictionary<string, decimal> Probabilities(EmotionScores scores) =>
        new(Enum.GetValues<Emotion>().Select(emotion => KeyValuePair.Create(Emotions.Labels[(int)emotion], Probability(scores[emotion]))));

    public static decimal Pixels(float position) => Plain((decimal)position, 2);

    /// <summary>Rounds a number, and removes the trailing zeros of its calculation by dividing by a 1 with the maximum number of decimals.</summary>
    public static decimal Plain(decimal value, int decimals) =>
        decimal.Round(value, decimals, MidpointRounding.AwayFromZero) / 1.0000000000000000000000000000m;
}
