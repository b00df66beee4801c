using MlNetEmotion.Imaging;

namespace MlNetEmotion.Faces;

/// <summary>How faces are looked for, whatever the detector.</summary>
public sealed record FaceDetectorOptions
{
    /// <summary>The width that fits a live video: docs/detection.md has the measurements.</summary>
    public const int VideoDetectWidth = 400;

    /// <summary>The width that fits still images: nobody waits for them, and nothing later shows what was missed.</summary>
    public const int StillDetectWidth = 1280;

    /// <summary>The width that wider images are scaled down to, in pixels.</summary>
    public int DetectWidth { get; init; } = VideoDetectWidth;

    /// <summary>The side of the smallest face looked for, in the image's pixels; unless asked otherwise, what the emotion model sees of a face.</summary>
    public int MinFacePixels { get; init; } = FacePreprocessor.Size;
}
