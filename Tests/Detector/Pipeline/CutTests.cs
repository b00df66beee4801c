using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Pipeline;
using MlNetEmotion.Detector.Scoring;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Smoothing;
using MlNetEmotion.Tests.Shared.Tracking;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Pipeline;

public sealed class CutTests
{
    private const int ShotFrames = 10;
    private static readonly Box Face = new(100, 80, 120, 120);

    // The detector is not due in the first frame after the cut; it runs because the face is lost.
    [Fact]
    public void Run_CutToAnotherFaceInThePlace_ShowsItsNumberAndAnswerFromItsFirstFrame()
    {
        using var source = new TwoShots();
        using var detector = new FixedDetector(Face);
        using var model = new HappyFirstFace();
        var timings = new StageTimings();
        var shown = new Shown();
        var run = new DetectionRun(source, new FaceFinder(detector, new DetectionSchedule(null, 30), timings), new FaceScorer(model, timings), timings)
        {
            Smoother = new TrackSmoother(),
            Sinks = [shown],
        };

        run.Run(TestContext.Current.CancellationToken);

        Assert.Equal(
            [.. Enumerable.Repeat((1, Emotion.Happy, 0.9f), ShotFrames), .. Enumerable.Repeat((2, Emotion.Sad, 0.9f), ShotFrames)], shown.Answers);
        Assert.Equal(8, detector.Calls);    // in frames 0, 1, 3 and 7 of each of the two shots
    }

    private sealed class TwoShots : IFrameSource
    {
        private int framesRead;

        public string Name => "cut";
        public double FramesPerSecond => 30;
        public bool IsLive => false;

        public bool Read(Frame frame, out TimeSpan timestamp)
        {
            timestamp = TimeSpan.FromSeconds(framesRead / FramesPerSecond);
            frame.CopyFrom(new Scene().With(Face, seed: framesRead < ShotFrames ? 1 : 2).View);
            return framesRead++ < 2 * ShotFrames;
        }

        public void Dispose()
        {
        }
    }

    private sealed class HappyFirstFace : IEmotionModel
    {
        private readonly byte[] first = new byte[FacePreprocessor.PixelCount];

        public HappyFirstFace() => FacePreprocessor.ToFace(new Scene().With(Face, seed: 1).View, Face, first);

        public void Score(ReadOnlySpan<byte> faces, Span<EmotionScores> scores)
        {
            for (int i = 0; i < scores.Length; i++)
            {
                bool isFirst = faces.Slice(i * FacePreprocessor.PixelCount, FacePreprocessor.PixelCount).SequenceEqual(first);
                scores[i] = TestScores.Of(isFirst ? Emotion.Happy : Emotion.Sad, 0.9f);
            }
        }

        public void Dispose()
        {
        }
    }

    private sealed class Shown : IFrameSink
    {
        public List<(int TrackId, Emotion Emotion, float Confidence)> Answers { get; } = [];

        public bool Write(Frame frame, FrameResult result)
        {
            FaceResult face = Assert.Single(result.Faces);
            Answers.Add((face.TrackId, face.Emotion, MathF.Round(face.Confidence, 4)));
            return true;
        }
    }
}
