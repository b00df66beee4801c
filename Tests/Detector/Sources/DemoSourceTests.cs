using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Faces;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Sources;

public sealed class DemoSourceTests
{
    [Fact]
    public void Read_EveryExpression_ShowsThreeFacesThatHaarFinds()
    {
        Platform.NeedsCascades();
        using var source = new DemoSource();
        using IFaceDetector detector = FaceDetectors.Load(FaceDetectorKind.Haar);
        using var frame = new Frame();
        for (int i = 0; i < DemoSource.CycleFrames; i++)
        {
            Assert.True(source.Read(frame, out TimeSpan timestamp));
            Assert.Equal(i / 25.0, timestamp.TotalSeconds, 6);
            if (i % 5 == 0)
            {
                // One face in each third, its centre within 30 pixels of the drawn one.
                Box[] boxes = [.. detector.Detect(frame).ToArray().Select(face => face.Box)];
                Assert.True(boxes.Length == 3, $"{boxes.Length} faces in frame {i}");
                Assert.All(boxes, (box, person) =>
                {
                    Assert.InRange(box.X + (box.Width / 2), (240 * person) + 90, (240 * person) + 150);
                    Assert.InRange(box.Y + (box.Height / 2), 182, 242);
                });
            }
        }
    }

    // In frames in which no expression changes: the people change after 30 frames each, 10 frames apart, and take 8.
    [Fact]
    public void Read_EveryExpression_IsWhatTheModelSees()
    {
        using var source = new DemoSource();
        using EmotionRecognizer recognizer = EmotionRecognizer.Load(options: new FaceDetectorOptions { DetectWidth = FaceDetectorOptions.VideoDetectWidth });
        using var frame = new Frame();
        for (int i = 0; i < DemoSource.CycleFrames; i++)
        {
            source.Read(frame, out _);
            if (i % 30 == 9)
            {
                Assert.Equal(
                    Enumerable.Range(0, 3).Select(person => (Emotion)((i + (70 * person)) / 30 % Emotions.Count)),
                    recognizer.Recognize(frame.View).Select(face => face.Scores.Top));
            }
        }
    }

    [Fact]
    public void Read_AfterARound_StartsAgain()
    {
        using var source = new DemoSource();
        using var frame = new Frame();
        source.Read(frame, out _);
        byte[] first = frame.View.Pixels.ToArray();
        bool changed = false;
        for (int i = 1; i < DemoSource.CycleFrames; i++)
        {
            source.Read(frame, out _);
            changed |= !frame.View.Pixels.SequenceEqual(first);
        }

        Assert.True(source.Read(frame, out _));
        Assert.True(changed);
        Assert.Equal(first, frame.View.Pixels.ToArray());
    }
}
