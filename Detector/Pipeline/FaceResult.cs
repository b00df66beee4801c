using MlNetEmotion.Imaging;
using MlNetEmotion.Smoothing;

namespace MlNetEmotion.Detector.Pipeline;

/// <summary>A face in a frame.</summary>
/// <param name="TrackId">The same number for the same face from frame to frame, from 1.</param>
/// <param name="Box">Where it is, in the frame's pixels.</param>
/// <param name="Scores">What it shows.</param>
internal readonly record struct FaceResult(int TrackId, Box Box, EmotionScores Scores)
{
    /// <summary>The answer: the most probable emotion, or after smoothing the one that it settled on.</summary>
    public Emotion Emotion { get; init; } = Scores.Top;

    /// <summary>Whether the answer's probability is too low to be worth naming.</summary>
    public bool IsUncertain { get; init; }

    /// <summary>The answer's probability, in [0, 1].</summary>
    public float Confidence => Scores[Emotion];

    /// <summary>The same face with a steady answer.</summary>
    /// <param name="reading">What was made of the scores.</param>
    public FaceResult With(EmotionReading reading) =>
        this with { Scores = reading.Scores, Emotion = reading.Emotion, IsUncertain = reading.IsUncertain };
}
