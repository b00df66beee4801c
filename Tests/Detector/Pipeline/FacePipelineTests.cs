using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Detector.Pipeline;
using MlNetEmotion.Imaging;
using MlNetEmotion.Native.OpenCv;
using MlNetEmotion.Tests.Shared;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Pipeline;

public sealed class FacePipelineTests
{
    [Fact]
    public void Process_SeveralFaces_ScoresEachAsIfAlone()
    {
        byte[] pixels = new byte[200 * 100 * 3];
        new Random(1).NextBytes(pixels);
        using Mat frame = Mat.FromPixels(new ImageView(pixels, 200, 100, PixelFormat.Bgr24));
        using var classifier = new EmotionClassifier(Fixture.Model("tiny"));
        Box[] boxes = [new(0, 0, 60, 60), new(90, 20, 80, 80), new(150, 0, 50, 48)];
        using var detector = new FixedDetector(boxes);
        var pipeline = new FacePipeline(detector, classifier, new StageTimings());

        IReadOnlyList<FaceResult> faces = pipeline.Process(frame);

        Assert.Equal(boxes, faces.Select(face => face.Box));
        foreach (FaceResult face in faces)
        {
            EmotionScores alone = classifier.Classify(frame.View, face.Box);
            Assert.Equal(alone[Emotion.Happy], face.Scores[Emotion.Happy], 1e-5);    // another batch size sums in another order
            Assert.Equal(alone[Emotion.Sad], face.Scores[Emotion.Sad], 1e-5);
        }
    }

    [Fact]
    public void Process_NoFaces_GivesNone()
    {
        using Mat frame = Mat.FromPixels(new ImageView(new byte[300], 10, 10, PixelFormat.Bgr24));
        using var classifier = new EmotionClassifier(Fixture.Model("tiny"));
        using var detector = new FixedDetector();

        Assert.Empty(new FacePipeline(detector, classifier, new StageTimings()).Process(frame));
    }

    private sealed class FixedDetector(params Box[] boxes) : IFaceDetector
    {
        public IReadOnlyList<Box> Detect(Mat frame) => boxes;

        public void Dispose()
        {
        }
    }
}
