using MlNetEmotion.Imaging;

namespace MlNetEmotion.Detector.Faces;

/// <summary>How faces are looked for, whatever the detector.</summary>
internal sealed record FaceDetectorOptions
{
    /// <summary>Frames of a video are scaled down to this width: docs/detection.md has the measurements.</summary>
    public const int VideoDetectWidth = 400;

    /// <summary>Still images are: nobody waits for them, and nothing later shows what was missed.</summary>
    public const int StillDetectWidth = 1280;

    /// <summary>The width that wider frames are scaled down to, in pixels.</summary>
    public int DetectWidth { get; init; } = VideoDetectWidth;

    /// <summary>The side of the smallest face looked for, in the frame's pixels; unless asked otherwise, what the emotion model sees of a face.</summary>
    public int MinFacePixels { get; init; } = FacePreprocessor.Size;
}
