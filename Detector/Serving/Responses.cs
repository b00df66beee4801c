using System.Numerics;
using System.Text.Json.Serialization;
using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Serving;

/// <summary>The faces found in an image.</summary>
/// <param name="Width">The upright image's width, in pixels.</param>
/// <param name="Height">The upright image's height, in pixels.</param>
/// <param name="Milliseconds">The time that decoding, detection and scoring took.</param>
/// <param name="Faces">The faces, from left to right.</param>
/// <param name="Remark">Present only if the file holds several images, or its values were stretched to 8 bits.</param>
internal sealed record FacesResponse(
    int Width, int Height, decimal Milliseconds, IReadOnlyList<FaceResponse> Faces,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Remark = null);

/// <summary>A face and its emotion; names and numbers as in the Detector's events.</summary>
/// <param name="Box">The face's box, in the image's pixels.</param>
/// <param name="Landmarks">The facial landmarks; null if the face detector does not find them.</param>
/// <param name="Emotion">The most probable emotion.</param>
/// <param name="Shown">The same emotion, or Uncertain if its probability is below the threshold.</param>
/// <param name="Confidence">The probability of that emotion, in [0, 1].</param>
/// <param name="Probabilities">The probability of each emotion, in [0, 1].</param>
/// <param name="Pose">The head's approximate pose; null if the face detector does not find landmarks.</param>
/// <param name="Quality">The face's size, sharpness and light.</param>
/// <param name="Reason">The reason why Uncertain is shown: small, dark, blurred, turnedAway, cutOff or noClearExpression; null if an emotion is.</param>
internal sealed record FaceResponse(
    Box Box, LandmarksResponse? Landmarks, string Emotion, string Shown, decimal Confidence, IReadOnlyDictionary<string, decimal> Probabilities,
    PoseNumbers? Pose, QualityNumbers? Quality, string? Reason)
{
    public static FaceResponse Of(FaceResult face, FaceLandmarks? landmarks) => new(
        face.Box, landmarks is { } points ? LandmarksResponse.Of(points) : null,
        Emotions.Labels[(int)face.Emotion], face.Shown, WrittenNumbers.Probability(face.Confidence), WrittenNumbers.Probabilities(face.Scores),
        WrittenNumbers.Pose(face.Pose), WrittenNumbers.Quality(face.Quality), face.Reason);
}

/// <summary>The emotion of an image that is a cropped face.</summary>
/// <param name="Remark">As in <see cref="FacesResponse"/>.</param>
internal sealed record EmotionsResponse(
    string Emotion, string Shown, decimal Confidence, IReadOnlyDictionary<string, decimal> Probabilities, QualityNumbers? Quality, string? Reason,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Remark = null)
{
    public static EmotionsResponse Of(FaceResponse face, string? remark) =>
        new(face.Emotion, face.Shown, face.Confidence, face.Probabilities, face.Quality, face.Reason, remark);
}

/// <summary>Five facial landmarks, named from the person's point of view: the right eye is on the left of the image.</summary>
internal sealed record LandmarksResponse(PointResponse RightEye, PointResponse LeftEye, PointResponse Nose, PointResponse RightMouthCorner, PointResponse LeftMouthCorner)
{
    public static LandmarksResponse Of(FaceLandmarks points) => new(
        PointResponse.Of(points.RightEye), PointResponse.Of(points.LeftEye), PointResponse.Of(points.Nose),
        PointResponse.Of(points.RightMouthCorner), PointResponse.Of(points.LeftMouthCorner));
}

/// <summary>A point, in the image's pixels.</summary>
internal sealed record PointResponse(decimal X, decimal Y)
{
    public static PointResponse Of(Vector2 point) => new(WrittenNumbers.Pixels(point.X), WrittenNumbers.Pixels(point.Y));
}

/// <summary>The model and face detector in use, with the files and settings that a page needs to score faces itself.</summary>
/// <param name="Sha256">The SHA-256 of the model's file; null for an ML.NET pipeline.</param>
/// <param name="Figures">The metrics measured when the model was trained, by name.</param>
/// <param name="UncertainColor">The color of an uncertain prediction, as <c>#rrggbb</c>.</param>
/// <param name="UncertainBelow">Predictions below this probability are shown as uncertain.</param>
/// <param name="MinFacePixels">The side of the smallest face to detect, in pixels.</param>
/// <param name="DetectWidth">Wider images of a stream are scaled down to this width before detection.</param>
/// <param name="StillDetectWidth">The same for still images.</param>
/// <param name="ModelUrl">The URL of the ONNX file; null for an ML.NET pipeline.</param>
/// <param name="Doubts">The limits beyond which a face is small, dark, blurred, turned away or cut off.</param>
/// <param name="BrowserRuntime">Whether the page can score faces in the browser.</param>
/// <param name="DetectorVersion">The version of this program.</param>
internal sealed record ModelResponse(
    string Name, string? Sha256, string Network, string Version, IReadOnlyDictionary<string, double> Figures, IReadOnlyList<EmotionResponse> Emotions,
    string UncertainColor, double UncertainBelow, int MinFacePixels, int DetectWidth, int StillDetectWidth, FaceDetectorResponse FaceDetector, string? ModelUrl,
    DoubtOptions Doubts, bool BrowserRuntime, string DetectorVersion)
{
    /// <summary>The same with URLs under a path, as a client of a proxy needs them.</summary>
    public ModelResponse Under(PathString path) => path.HasValue
        ? this with { ModelUrl = ModelUrl is null ? null : path + ModelUrl, FaceDetector = FaceDetector with { Url = FaceDetector.Url is null ? null : path + FaceDetector.Url } }
        : this;
}

/// <param name="Color">The emotion's color, as <c>#rrggbb</c>.</param>
internal sealed record EmotionResponse(string Name, string Color);

/// <param name="Name">yunet, haar, lbp or cropped.</param>
/// <param name="Url">The URL of YuNet's ONNX file; null for other detectors.</param>
internal sealed record FaceDetectorResponse(string Name, string? Url);
