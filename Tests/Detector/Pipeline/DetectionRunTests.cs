using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Detector.Pipeline;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Imaging;
using MlNetEmotion.Native.OpenCv;
using MlNetEmotion.Tests.Shared;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Pipeline;

/// <summary>Alone in the process while it runs: others' allocations are not to be counted.</summary>
[Collection(nameof(DetectionRunTests))]
[CollectionDefinition(nameof(DetectionRunTests), DisableParallelization = true)]
public sealed class DetectionRunTests
{
    private const int Frames = 3000;
    private const int WarmUp = 1000;

    [Theory]
    [InlineData(null)]
    [InlineData(1)]
    public void Run_InSteadyState_AllocatesNothingAFrame(int? detectEvery)
    {
        using var source = new StillSource();
        using var classifier = new EmotionClassifier(Fixture.Model("tiny"));
        using IFaceDetector detector = FaceDetectors.Load(FaceDetectorKind.Haar, options: new FaceDetectorOptions { DetectWidth = 120 });
        long before = 0;
        long after = 0;
        var timings = new StageTimings();
        var run = new DetectionRun(
            source, new FaceFinder(detector, new DetectionSchedule(detectEvery, 30), timings), new FaceScorer(classifier, timings), timings)
        {
            MaxFrames = Frames,
            Observer = frame =>
            {
                before = frame.Frame == WarmUp ? GC.GetTotalAllocatedBytes(precise: true) : before;
                after = frame.Frame == Frames - 1 ? GC.GetTotalAllocatedBytes(precise: true) : after;
            },
        };
        RunReport report = run.Run(TestContext.Current.CancellationToken);

        Assert.Equal((Frames, Frames), (report.Frames, report.Faces));

        // The runtime itself allocates now and then, where it starts a thread, whose array pool is empty, or compiles a method anew. The smallest object takes 24
        // bytes: less than that a frame is none a frame.
        Assert.InRange((after - before) / (double)(Frames - WarmUp), 0, 23);
    }

    [Fact]
    public void Run_Timed_ReportsEveryStageAndTheLatency()
    {
        using var source = new StillSource();
        using var classifier = new EmotionClassifier(Fixture.Model("tiny"));
        using IFaceDetector detector = FaceDetectors.Load(FaceDetectorKind.Haar);
        var timings = new StageTimings();
        var run = new DetectionRun(
            source, new FaceFinder(detector, new DetectionSchedule(null, 30), timings), new FaceScorer(classifier, timings), timings) { MaxFrames = 50 };

        RunReport report = run.Run(TestContext.Current.CancellationToken);

        var stages = report.Stages.ToDictionary(stage => stage.Name);
        Assert.Equal(["crop", "detect", "latency", "read", "score", "track"], stages.Keys.Order());
        Assert.True(stages[DetectionRun.Latency].P50Ms >= stages["crop"].P50Ms + stages["score"].P50Ms);
        Assert.True(report.FirstFrameMs > report.StartupMs);
    }

    // One drawn face, again and again.
    private sealed class StillSource : IFrameSource
    {
        private readonly Mat picture = new();
        private long framesRead;

        public StillSource()
        {
            using var demo = new DemoSource();
            using Mat people = new();
            demo.Read(people, out _);
            ImageView all = people.View;
            picture.CopyFrom(new ImageView(all.Pixels, DemoSource.Width / 3, DemoSource.Height, PixelFormat.Bgr24, all.Stride));
        }

        public string Name => "still";

        public double FramesPerSecond => 30;

        public bool IsLive => false;

        public bool Read(Mat frame, out TimeSpan timestamp)
        {
            timestamp = TimeSpan.FromSeconds(framesRead++ / FramesPerSecond);
            frame.CopyFrom(picture.View);
            return true;
        }

        public void Dispose() => picture.Dispose();
    }
}
