namespace MlNetEmotion.Faces;

/// <summary>A face detection in one image.</summary>
/// <param name="Box">The face's box in the image's pixels: square, from the brows to the chin, like the crops that emotion models are trained on.</param>
/// <param name="Score">The detector's confidence, in [0, 1]; 1 from detectors without one.</param>
/// <param name="Landmarks">Eyes, nose and mouth; null from detectors without landmarks.</param>
public readonly record struct FaceDetection(Box Box, float Score = 1, FaceLandmarks? Landmarks = null)
{
    /// <summary>Detections at or above this score start a track; weaker ones can only continue an existing one.</summary>
    public const float HighScoreThreshold = 0.6f;
}

/// <summary>Face detection settings, common to all detectors.</summary>
public sealed record FaceDetectorOptions
{
    /// <summary>The default <see cref="DetectWidth"/> for videos and cameras; docs/detection.md has the measurements.</summary>
    public const int VideoDetectWidth = 400;

    /// <summary>The <see cref="DetectWidth"/> for still images: speed matters less, and no later frame can show a missed face.</summary>
    public const int StillDetectWidth = 1280;

    /// <summary>The maximum width of the image that is searched, in pixels; twice its square is the maximum area. Larger images are downscaled.</summary>
    public int DetectWidth { get; init; } = VideoDetectWidth;

    /// <summary>The minimum side of a face, in the image's pixels; by default the size of the emotion model's input.</summary>
    public int MinFacePixels { get; init; } = FacePreprocessor.Size;

    /// <summary>The minimum side, in the image's pixels, of the high-score faces below <see cref="MinFacePixels"/> that are counted.</summary>
    internal int MinCountedPixels { get; init; } = int.MaxValue;

    /// <summary>Whether YuNet first searches a smaller copy of a still image, and the image itself only if that result is ambiguous.</summary>
    internal bool UsesQuickPass { get; init; } = true;

    /// <summary>The downscale factor of an image, at least 1: image pixels per pixel of the image searched.</summary>
    internal double ScaleDown(int width, int height) =>
        Math.Max(1, Math.Max((double)width / DetectWidth, Math.Sqrt((double)width * height / 2) / DetectWidth));
}
