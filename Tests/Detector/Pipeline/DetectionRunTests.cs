using MlNetEmotion.Detector.Display;
using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Pipeline;
using MlNetEmotion.Detector.Scoring;
using MlNetEmotion.Detector.Reports;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Faces;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Smoothing;
using MlNetEmotion.Tests.Shared;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Pipeline;

/// <summary>Runs without other tests in parallel, whose allocations would be counted.</summary>
[Collection(nameof(DetectionRunTests))]
[CollectionDefinition(nameof(DetectionRunTests), DisableParallelization = true)]
public sealed class DetectionRunTests
{
    private const int WarmUp = 500;
    private const int Windows = 9;
    private const int WindowFrames = 50;

    // Calls of OpenCV wrap each of their arguments in an object; an event is a line of text.
    private const int MaxBytesPerFrame = 8192;

    private const int Frames = WarmUp + (Windows * WindowFrames);

    [Theory]
    [InlineData(null, "events.jsonl")]
    [InlineData(1, "events.csv")]
    public void Run_InSteadyState_AllocatesLittlePerFrame(int? detectEvery, string events)
    {
        using var folder = new TemporaryFolder();
        using var source = new StillSource();
        using IEmotionModel model = EmotionModels.Load(Fixture.Model("tiny"), threads: 1);
        Platform.NeedsCascades();
        using IFaceDetector detector = FaceDetectors.Load(FaceDetectorKind.Haar, options: new FaceDetectorOptions { DetectWidth = 120 });
        var timings = new StageTimings();
        using IEventLog log = EventLog.Create(Path.Combine(folder.Root, events), timings);
        using var video = new AnnotatedVideo(Path.Combine(folder.Root, "annotated.avi"), source.FramesPerSecond, timings: timings);
        using var blur = new FaceBlur();
        var allocated = new long[Windows + 1];
        var run = new DetectionRun(
            source, new FaceFinder(detector, new DetectionSchedule(detectEvery, 30), timings), new FaceScorer(model, timings), timings)
        {
            MaxFrames = Frames + 1,
            Smoother = new TrackSmoother(),
            Sinks =
            [
                new Watch(frame =>
                {
                    if (frame >= WarmUp && (frame - WarmUp) % WindowFrames == 0)
                    {
                        allocated[(frame - WarmUp) / WindowFrames] = GC.GetTotalAllocatedBytes(precise: true);
                    }
                }),
                blur, new TimelineBuilder(source.FramesPerSecond, keepThumbnails: false), log, video,
            ],
        };
        RunReport report = run.Run(TestContext.Current.CancellationToken);

        Assert.Equal((Frames + 1, Frames + 1), (report.Frames, report.Faces));

        // The runtime and the test runner allocate occasionally on other threads, so the median counts. Pixels are not managed memory, but a copy of
        // the frame in an array would be 288,000 bytes.
        long[] windows = [.. allocated.Skip(1).Zip(allocated, (after, before) => (after - before) / WindowFrames)];
        Assert.True(windows.Order().ElementAt(Windows / 2) <= MaxBytesPerFrame, $"bytes allocated per frame: {string.Join(", ", windows)}");
    }

    [Fact]
    public void Run_Timed_ReportsEveryStageAndTheLatency()
    {
        using var source = new StillSource();
        using IEmotionModel model = EmotionModels.Load(Fixture.Model("tiny"), threads: 1);
        Platform.NeedsCascades();
        using IFaceDetector detector = FaceDetectors.Load(FaceDetectorKind.Haar);
        var timings = new StageTimings();
        var run = new DetectionRun(
            source, new FaceFinder(detector, new DetectionSchedule(null, 30), timings), new FaceScorer(model, timings), timings) { MaxFrames = 50 };

        RunReport report = run.Run(TestContext.Current.CancellationToken);

        var stages = report.Stages.ToDictionary(stage => stage.Name);
        Assert.Equal(["crop", "detect", "latency", "read", "score", "track"], stages.Keys.Order());
        Assert.True(stages[DetectionRun.Latency].P50Ms >= stages["crop"].P50Ms + stages["score"].P50Ms);
        Assert.True(report.FirstFrameMs > report.StartupMs);
    }

    [Theory]
    [InlineData(5, false)]
    [InlineData(null, true)]
    public void Run_MaxFrames_ReadsNoMoreAndIsNotTheEnd(int? maxFrames, bool reachedEnd)
    {
        using var source = new StillSource { Length = 8 };
        using IEmotionModel model = EmotionModels.Load(Fixture.Model("tiny"), threads: 1);
        using IFaceDetector detector = FaceDetectors.Load(FaceDetectorKind.Cropped);
        var timings = new StageTimings();
        var numbers = new List<long>();
        var run = new DetectionRun(source, new StillFaceFinder(detector, timings), new FaceScorer(model, timings), timings)
        {
            MaxFrames = maxFrames,
            Sinks = [new Watch(numbers.Add)],
        };

        Assert.Equal(maxFrames ?? 8, run.Run(TestContext.Current.CancellationToken).Frames);
        Assert.Equal(maxFrames ?? 9, source.Reads);
        Assert.Equal(Enumerable.Range(0, maxFrames ?? 8).Select(i => (long)i), numbers);
        Assert.Equal(reachedEnd, run.ReachedEnd);
    }

    private sealed class Watch(Action<long> seen) : IFrameSink
    {
        public void Write(Frame frame, FrameResult result)
        {
            seen(result.Frame);
        }
    }

    // Repeats one drawn face.
    private sealed class StillSource : IFrameSource
    {
        private readonly Frame image = new();

        public StillSource()
        {
            using var demo = new DemoSource();
            using Frame people = new();
            demo.Read(people, out _);
            ImageView all = people.View;
            image.CopyFrom(new ImageView(all.Pixels, DemoSource.Width / 3, DemoSource.Height, PixelFormat.Bgr24, all.Stride));
        }

        public string Name => "still";

        public double FramesPerSecond => 30;

        public bool IsLive => false;

        public int Length { get; init; } = int.MaxValue;

        public int Reads { get; private set; }

        public bool Read(Frame frame, out TimeSpan timestamp)
        {
            timestamp = TimeSpan.FromSeconds(Reads++ / FramesPerSecond);
            frame.CopyFrom(image.View);
            return Reads <= Length;
        }

        public void Dispose() => image.Dispose();
    }
}
