namespace MlNetEmotion.Detector.Pipeline;

/// <summary>What was found in a frame.</summary>
/// <param name="Frame">The frame's number, from 0.</param>
/// <param name="Timestamp">When it was, since the first.</param>
/// <param name="Faces">The faces in it, from left to right.</param>
internal sealed record FrameResult(long Frame, TimeSpan Timestamp, IReadOnlyList<FaceResult> Faces);
