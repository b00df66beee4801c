using MlNetEmotion.Imaging;

namespace MlNetEmotion.Detector.Pipeline;

/// <summary>A face in a frame.</summary>
/// <param name="TrackId">The same number for the same face from frame to frame, from 1.</param>
/// <param name="Box">Where it is, in the frame's pixels.</param>
/// <param name="Scores">What it shows.</param>
internal readonly record struct FaceResult(int TrackId, Box Box, EmotionScores Scores);
