using System.Numerics;
using System.Text.Json.Serialization;
using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Serving;

/// <summary>What was found in a picture.</summary>
/// <param name="Width">The picture's, upright, in pixels.</param>
/// <param name="Height">The picture's, upright, in pixels.</param>
/// <param name="Milliseconds">How long decoding, finding and scoring took.</param>
/// <param name="Faces">From left to right.</param>
/// <param name="Remark">On a file of several pictures, or one whose values were stretched; left out for any other.</param>
internal sealed record FacesAnswer(
    int Width, int Height, decimal Milliseconds, IReadOnlyList<FaceAnswer> Faces,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Remark = null);

/// <summary>A face and what it shows; names and numbers as in the Detector's events.</summary>
/// <param name="Box">Where it is, in the picture's pixels.</param>
/// <param name="Landmarks">Null from a face detector that does not find them.</param>
/// <param name="Emotion">The most probable emotion.</param>
/// <param name="Shown">That emotion, or Uncertain where its probability is too low to be worth naming.</param>
/// <param name="Confidence">The emotion's probability, in [0, 1].</param>
/// <param name="Probabilities">Each emotion's, in [0, 1].</param>
internal sealed record FaceAnswer(
    BoxAnswer Box, LandmarksAnswer? Landmarks, string Emotion, string Shown, decimal Confidence, IReadOnlyDictionary<string, decimal> Probabilities)
{
    public static FaceAnswer Of(FaceResult face, FaceLandmarks? landmarks)
    {
        var probabilities = new OrderedDictionary<string, decimal>(Emotions.Count);
        for (int i = 0; i < Emotions.Count; i++)
        {
            probabilities.Add(Emotions.Labels[i], WrittenNumbers.Probability(face.Scores[(Emotion)i]));
        }

        (int x, int y, int width, int height) = face.Box;
        return new FaceAnswer(
            new BoxAnswer(x, y, width, height), landmarks is { } points ? LandmarksAnswer.Of(points) : null,
            Emotions.Labels[(int)face.Emotion], face.Shown, WrittenNumbers.Probability(face.Confidence), probabilities);
    }
}

/// <summary>What a picture that is a face shows.</summary>
/// <param name="Remark">As a <see cref="FacesAnswer"/> has it.</param>
internal sealed record EmotionsAnswer(
    string Emotion, string Shown, decimal Confidence, IReadOnlyDictionary<string, decimal> Probabilities,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Remark = null)
{
    public static EmotionsAnswer Of(FaceAnswer face, string? remark) => new(face.Emotion, face.Shown, face.Confidence, face.Probabilities, remark);
}

/// <summary>A rectangle in pixels, from the picture's top left corner.</summary>
internal sealed record BoxAnswer(int X, int Y, int Width, int Height);

/// <summary>Five points of a face, named from the face's own side: its right eye is on the picture's left.</summary>
internal sealed record LandmarksAnswer(PointAnswer RightEye, PointAnswer LeftEye, PointAnswer Nose, PointAnswer RightMouthCorner, PointAnswer LeftMouthCorner)
{
    public static LandmarksAnswer Of(FaceLandmarks points) => new(
        PointAnswer.Of(points.RightEye), PointAnswer.Of(points.LeftEye), PointAnswer.Of(points.Nose),
        PointAnswer.Of(points.RightMouthCorner), PointAnswer.Of(points.LeftMouthCorner));
}

/// <summary>In the picture's pixels.</summary>
internal sealed record PointAnswer(decimal X, decimal Y)
{
    public static PointAnswer Of(Vector2 point) => new(WrittenNumbers.Pixels(point.X), WrittenNumbers.Pixels(point.Y));
}

/// <summary>What answers, and what a page needs to answer by itself.</summary>
/// <param name="Sha256">Of the model's file; null for a pipeline of ML.NET.</param>
/// <param name="Figures">As measured when the model was trained, by name.</param>
/// <param name="UncertainBelow">An answer of a lower probability is shown as uncertain.</param>
/// <param name="MinFacePixels">The side of the smallest face looked for.</param>
/// <param name="DetectWidth">Wider pictures of a stream are scaled down to this before faces are looked for.</param>
/// <param name="StillDetectWidth">The same, of still pictures.</param>
/// <param name="ModelUrl">Where the ONNX file is; null for a pipeline.</param>
/// <param name="BrowserRuntime">Whether the page can score by itself.</param>
internal sealed record ModelAnswer(
    string Name, string? Sha256, string Network, string Version, IReadOnlyDictionary<string, double> Figures, IReadOnlyList<EmotionAnswer> Emotions,
    double UncertainBelow, int MinFacePixels, int DetectWidth, int StillDetectWidth, FaceDetectorAnswer FaceDetector, string? ModelUrl,
    bool BrowserRuntime);

/// <param name="Color">As <c>#rrggbb</c>.</param>
internal sealed record EmotionAnswer(string Name, string Color);

/// <param name="Name">yunet, haar, lbp or cropped.</param>
/// <param name="Url">Where YuNet's ONNX file is; null for others.</param>
internal sealed record FaceDetectorAnswer(string Name, string? Url);
