using MlNetEmotion.Detector.Pipeline;
using MlNetEmotion.Detector.Scoring;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Tests.Shared;
using MlNetEmotion.Tracking;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Pipeline;

public sealed class FaceScorerTests
{
    private readonly List<FaceResult> results = [];

    [Fact]
    public void Score_SeveralFaces_ScoresEachAsIfAlone()
    {
        byte[] pixels = new byte[200 * 100 * 3];
        new Random(1).NextBytes(pixels);
        using Frame frame = Frame.FromPixels(new ImageView(pixels, 200, 100, PixelFormat.Bgr24));
        using IEmotionModel model = EmotionModels.Load(Fixture.Model("tiny"), threads: 1);
        using var classifier = new EmotionClassifier(Fixture.Model("tiny"));
        List<TrackedFace> faces = [new(3, new(0, 0, 60, 60), null), new(1, new(90, 20, 80, 80), null), new(2, new(150, 0, 50, 48), null)];

        new FaceScorer(model, new StageTimings()).Score(frame, faces, results);

        Assert.Equal(faces.Select(face => (face.TrackId, face.Box)), results.Select(result => (result.TrackId, result.Box)));
        foreach (FaceResult face in results)
        {
            EmotionScores alone = classifier.Classify(frame.View, face.Box);
            Assert.Equal(alone[Emotion.Happy], face.Scores[Emotion.Happy], 1e-5);    // a different batch size sums in a different order
            Assert.Equal(alone[Emotion.Sad], face.Scores[Emotion.Sad], 1e-5);
        }
    }

    [Fact]
    public void Score_FaceThatSticksOut_GivesThePartInTheFrame()
    {
        using Frame frame = Frame.FromPixels(new ImageView(new byte[30_000], 100, 100, PixelFormat.Bgr24));
        using IEmotionModel model = EmotionModels.Load(Fixture.Model("tiny"), threads: 1);

        new FaceScorer(model, new StageTimings()).Score(frame, [new TrackedFace(1, new Box(-10, 70, 50, 50), null)], results);

        FaceResult face = Assert.Single(results);
        Assert.Equal((new Box(0, 70, 40, 30), EmotionScores.Uncertain), (face.Box, face.Scores));    // the frame is black
    }

    [Fact]
    public void Score_NoFaces_GivesNone()
    {
        using Frame frame = Frame.FromPixels(new ImageView(new byte[300], 10, 10, PixelFormat.Bgr24));
        using IEmotionModel model = EmotionModels.Load(Fixture.Model("tiny"), threads: 1);
        results.Add(default);

        new FaceScorer(model, new StageTimings()).Score(frame, [], results);

        Assert.Empty(results);
    }
}
