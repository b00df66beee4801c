using MlNetEmotion.Imaging;

namespace MlNetEmotion.Faces;

/// <summary>A face as a detector found it in one image.</summary>
/// <param name="Box">Where it is, in the image's pixels; square, from the brows to the chin, as emotion models are trained on.</param>
/// <param name="Score">How sure the detector is, in [0, 1]; 1 from detectors that don't say.</param>
/// <param name="Landmarks">Eyes, nose and mouth; null from detectors that don't find them.</param>
public readonly record struct FaceDetection(Box Box, float Score = 1, FaceLandmarks? Landmarks = null)
{
    /// <summary>What scores at least this is a face; less may be one that was seen there before.</summary>
    public const float HighScoreThreshold = 0.6f;
}

/// <summary>How faces are looked for, whatever the detector.</summary>
public sealed record FaceDetectorOptions
{
    /// <summary>The width that fits a live video: docs/detection.md has the measurements.</summary>
    public const int VideoDetectWidth = 400;

    /// <summary>The width that fits still images: nobody waits for them, and nothing later shows what was missed.</summary>
    public const int StillDetectWidth = 1280;

    /// <summary>The width that wider images are scaled down to, in pixels; those of more than twice its square are scaled down to that area.</summary>
    public int DetectWidth { get; init; } = VideoDetectWidth;

    /// <summary>The side of the smallest face looked for, in the image's pixels; unless asked otherwise, what the emotion model sees of a face.</summary>
    public int MinFacePixels { get; init; } = FacePreprocessor.Size;

    /// <summary>From which side on, in the image's pixels, sure faces smaller than <see cref="MinFacePixels"/> are counted.</summary>
    internal int CountFromPixels { get; init; } = int.MaxValue;

    /// <summary>Whether YuNet first looks at still images at a smaller size, and closely only where that leaves a doubt.</summary>
    internal bool UsesQuickPass { get; init; } = true;

    /// <summary>How many of an image's pixels, across and down, become one in which faces are looked for; at least 1.</summary>
    internal double ScaleDown(int width, int height) =>
        Math.Max(1, Math.Max((double)width / DetectWidth, Math.Sqrt((double)width * height / 2) / DetectWidth));
}
