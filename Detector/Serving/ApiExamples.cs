using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Output;

namespace MlNetEmotion.Detector.Serving;

/// <summary>The examples of the OpenAPI document, made of the responses' own types, so that they have all fields.</summary>
internal static class ApiExamples
{
    /// <summary>An image that is text (PGM): 4x2 pixels.</summary>
    public const string Image = "P2\n4 2\n255\n0 80 160 240\n240 160 80 0\n";

    /// <summary>The address of a video, relative to the document's.</summary>
    public const string VideoUrl = "../demo.webm";

    private const string VideoId = "0f3a6c1e5b7d4928a1c0e6f2d8b39475";

    private static readonly FaceResult Face = new(TrackId: 1, new Box(212, 96, 148, 148), new EmotionScores([0.012f, 0.003f, 0.021f, 0.874f, 0.018f, 0.026f, 0.046f]))
    {
        Pose = new HeadPose(Yaw: -4.2, Pitch: 3.1, Roll: 0.8),
        Quality = new FaceQuality(SidePixels: 148, Sharpness: 0.412, Light: 0.486),
    };

    public static FacesResponse Faces { get; } = new(
        640, 480, 38.214m, [FaceResponse.Of(Face, new FaceLandmarks(new(256.5f, 148.25f), new(316.75f, 147.5f), new(287, 182.25f), new(263.5f, 212), new(311.25f, 211.5f)))]);

    public static EmotionsResponse Emotions { get; } = EmotionsResponse.Of(Faces.Faces[0], remark: null);

    public static VideoResponse Video(VideoState state, long frames) => new(VideoId, state, frames, FrameCount: 250, Faces: frames, Message: null, $"/api/videos/{VideoId}/events");

    public static FaceEvent Event { get; } = FaceEvent.Of(new FrameResult(Frame: 12, TimeSpan.FromMilliseconds(480), [Face], Source: VideoId), Face);
}
