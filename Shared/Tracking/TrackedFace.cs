using MlNetEmotion.Imaging;

namespace MlNetEmotion.Tracking;

/// <summary>A face that is followed from frame to frame.</summary>
/// <param name="TrackId">The same number for the same face, from 1, never given to another.</param>
/// <param name="Box">Where it is, in the frame's pixels; may stick out of the frame.</param>
/// <param name="Landmarks">Eyes, nose and mouth, moved with the box; null where the detector doesn't find them.</param>
public readonly record struct TrackedFace(int TrackId, Box Box, FaceLandmarks? Landmarks);
