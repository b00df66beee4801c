using System.Text.Json;
using MlNetEmotion.Faces;
using MlNetEmotion.Smoothing;

namespace MlNetEmotion.Detector.Frames;

/// <summary>A face in a frame.</summary>
/// <param name="TrackId">The track's number, from 1: the same for the same face in successive frames.</param>
/// <param name="Box">The face's box in pixels of the frame.</param>
internal readonly record struct FaceResult(int TrackId, Box Box, EmotionScores Scores)
{
    /// <summary>The displayed text of an uncertain face.</summary>
    public const string Uncertain = "Uncertain";

    /// <summary>The prediction: the most probable emotion, or the smoother's current one.</summary>
    public Emotion Emotion { get; init; } = Scores.Top;

    /// <summary>Whether the prediction's probability is below the threshold.</summary>
    public bool IsUncertain { get; init; }

    /// <summary>The displayed text: the emotion's label, or <see cref="Uncertain"/>.</summary>
    public string Shown => IsUncertain ? Uncertain : Emotions.Labels[(int)Emotion];

    /// <summary>The prediction's probability, in [0, 1].</summary>
    public float Confidence => Scores[Emotion];

    /// <summary>The head's approximate pose; null from detectors without landmarks and in tables of older versions.</summary>
    public HeadPose? Pose { get; init; }

    /// <summary>The crop's quality; null in tables of older versions.</summary>
    public FaceQuality? Quality { get; init; }

    /// <summary>The share of the face's box that lies outside the frame, in [0, 1].</summary>
    public double CutOff { get; init; }

    /// <summary>The reason why the face is uncertain; null if it is not, and in tables of older versions.</summary>
    public FaceDoubt? Doubt { get; init; }

    /// <summary>The written form of <see cref="Doubt"/>.</summary>
    public string? Reason => Doubt is { } doubt ? JsonNamingPolicy.CamelCase.ConvertName($"{doubt}") : null;

    /// <summary>The result for a face of a frame.</summary>
    /// <param name="box">The box, which may extend beyond the frame.</param>
    /// <param name="crop">uint8 [48, 48], gray, as it was scored.</param>
    public static FaceResult Of(int trackId, Box box, FaceLandmarks? landmarks, ReadOnlySpan<byte> crop, EmotionScores scores, int width, int height) =>
        new(trackId, box.Within(width, height), scores)
        {
            Pose = landmarks is { } points ? HeadPose.Of(points) : null,
            Quality = FaceQuality.Of(box, crop),
            CutOff = 1 - (box.Intersection(new Box(0, 0, width, height)) / ((double)box.Width * box.Height)),
        };

    /// <summary>The result for a face of a still image.</summary>
    public static FaceResult Of(int trackId, StillFaces found, int i, EmotionScores scores) => Of(
        trackId, found.Detections[i].Box, found.Detections[i].Landmarks, found.Crops.AsSpan(i * FacePreprocessor.PixelCount, FacePreprocessor.PixelCount), scores,
        found.Width, found.Height);

    /// <summary>Returns the face with smoothed scores and prediction.</summary>
    public FaceResult With(EmotionReading reading, DoubtOptions doubts)
    {
        FaceDoubt? doubt = doubts.Of(this);
        bool isUncertain = reading.IsUncertain || (doubts.RejectPoor && doubt is not null);
        return this with
        {
            Scores = reading.Scores,
            Emotion = reading.Emotion,
            IsUncertain = isUncertain,
            Doubt = isUncertain ? doubt ?? FaceDoubt.NoClearExpression : null,
        };
    }
}

/// <summary>The faces found in a frame. Valid only during delivery, because the list of faces is reused.</summary>
/// <param name="Frame">The frame's index within its source, from 0; always 0 for a still image.</param>
/// <param name="Timestamp">The frame's time since the first one.</param>
/// <param name="Faces">From left to right.</param>
/// <param name="CapturedAt">The <see cref="Stopwatch"/> timestamp at which the frame was read.</param>
/// <param name="Source">The file or device of the frame.</param>
/// <param name="Suspected">Boxes of possible further faces: lost ones at their predicted places, and detections of low score.</param>
internal readonly record struct FrameResult(long Frame, TimeSpan Timestamp, List<FaceResult> Faces, long CapturedAt = 0, string Source = "", List<Box>? Suspected = null);

/// <summary>Displays or stores frames and their faces. Called in order, on one thread.</summary>
internal interface IFrameSink
{
    /// <summary>Processes a frame, whose pixels it may change for the sinks after it.</summary>
    void Write(Frame frame, FrameResult result);
}

/// <summary>Rounds numbers for events and responses to their significant digits. Decimals, because they are never written with an exponent.</summary>
internal static class WrittenNumbers
{
    public static decimal Milliseconds(TimeSpan time) => Plain((decimal)time.TotalMilliseconds, 3);

    public static decimal Probability(float probability) => Plain((decimal)probability, 6);

    /// <summary>Returns the probability of each emotion by its label, in the order of the enum.</summary>
    public static OrderedDictionary<string, decimal> Probabilities(EmotionScores scores) =>
        new(Enum.GetValues<Emotion>().Select(emotion => KeyValuePair.Create(Emotions.Labels[(int)emotion], Probability(scores[emotion]))));

    /// <summary>A pose's angles, in degrees.</summary>
    public static PoseNumbers? Pose(HeadPose? pose) => pose is (double yaw, double pitch, double roll) ? new PoseNumbers(Degrees(yaw), Degrees(pitch), Degrees(roll)) : null;

    public static QualityNumbers? Quality(FaceQuality? quality) =>
        quality is (int side, double sharpness, double light) ? new QualityNumbers(side, Plain((decimal)sharpness, 3), Plain((decimal)light, 3)) : null;

    public static decimal Pixels(float position) => Plain((decimal)position, 2);

    /// <summary>Rounds a number, and removes the trailing zeros of its calculation by dividing by a 1 with the maximum number of decimals.</summary>
    public static decimal Plain(decimal value, int decimals) =>
        decimal.Round(value, decimals, MidpointRounding.AwayFromZero) / 1.0000000000000000000000000000m;

    private static decimal Degrees(double angle) => Plain((decimal)angle, 1);
}

/// <summary>A head's approximate pose, in degrees: 0 for a face towards the camera.</summary>
/// <param name="Yaw">Positive to the image's right.</param>
/// <param name="Pitch">Positive upwards.</param>
/// <param name="Roll">Positive clockwise in the image.</param>
internal sealed record PoseNumbers(decimal Yaw, decimal Pitch, decimal Roll);

/// <summary>The quality of a face's image.</summary>
/// <param name="SidePixels">The side of the face's box, in the image's pixels.</param>
/// <param name="Sharpness">From 0; independent of light and contrast.</param>
/// <param name="Light">The mean gray value, in [0, 1].</param>
internal sealed record QualityNumbers(int SidePixels, decimal Sharpness, decimal Light);
