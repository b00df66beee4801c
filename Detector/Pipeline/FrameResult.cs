namespace MlNetEmotion.Detector.Pipeline;

/// <summary>What was found in a frame. Valid while the frame is delivered: the list of faces is used again.</summary>
/// <param name="Frame">The frame's number, from 0.</param>
/// <param name="Timestamp">When it was, since the first.</param>
/// <param name="Faces">The faces in it, from left to right.</param>
internal readonly record struct FrameResult(long Frame, TimeSpan Timestamp, List<FaceResult> Faces);
