using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Running;
using MlNetEmotion.Detector.Scoring;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Smoothing;
using MlNetEmotion.Tests.Shared;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Running;

public sealed class InputRunTests
{
    private const int ComesAt = 20;

    // At 25 frames/s and while nothing changes, the detector runs in frames 0, 1, 3, 7, 15 and 27.
    [Theory]
    [InlineData(true, ComesAt)]
    [InlineData(false, 27)]
    public void Run_NewFace_WithBlurIsFoundInItsFirstFrame(bool blurs, int expected)
    {
        Platform.NeedsCascades();
        using var source = new SecondPersonComesLater();
        using IEmotionModel model = EmotionModels.Load(Fixture.Model("tiny"), threads: 1);
        var counts = new Counts();

        InputRun.Run(Options(blurs), source, model, counts, _ => { }, TestContext.Current.CancellationToken);

        Assert.Equal([.. Enumerable.Repeat(1, expected), .. Enumerable.Repeat(2, 30 - expected)], counts.Faces);
    }

    private static DetectorOptions Options(bool blurs) => new()
    {
        Inputs = [],
        AreListed = false,
        Jobs = 1,
        ReconnectSeconds = 0,
        Loop = 1,
        MaxFrames = 30,
        Model = null,
        Smoothing = new SmoothingOptions(),
        FaceDetector = FaceDetectorKind.Haar,
        FaceModel = null,
        DetectWidth = null,
        DetectEvery = null,
        MinFacePixels = 48,
        Headless = true,
        BlurFaces = blurs,
        Snapshots = "",
        Output = null,
        Events = null,
        Timings = null,
        Report = null,
        ReportThumbnails = false,
        Force = false,
    };

    private sealed class Counts : IFrameSink
    {
        public List<int> Faces { get; } = [];

        public bool Write(Frame frame, FrameResult result)
        {
            Faces.Add(result.Faces.Count);
            return true;
        }
    }

    // The first two of the drawn people, not moving; at first, the second is hidden by a gray wall.
    private sealed class SecondPersonComesLater : IFrameSource
    {
        private readonly Frame people = new();
        private readonly Frame wall = Frame.FromPixels(new ImageView(Enumerable.Repeat((byte)90, 240 * 400 * 3).ToArray(), 240, 400, PixelFormat.Bgr24));
        private int framesRead;

        public SecondPersonComesLater()
        {
            using var demo = new DemoSource();
            using Frame all = new();
            demo.Read(all, out _);
            people.CopyFrom(new ImageView(all.View.Pixels, 480, 400, PixelFormat.Bgr24, all.View.Stride));
        }

        public string Name => "two people";
        public double FramesPerSecond => 25;
        public bool IsLive => false;

        public bool Read(Frame frame, out TimeSpan timestamp)
        {
            frame.CopyFrom(people.View);
            if (framesRead < ComesAt)
            {
                frame.Paste(wall.View, 240, 0);
            }

            timestamp = TimeSpan.FromSeconds(framesRead++ / FramesPerSecond);
            return true;
        }

        public void Dispose()
        {
            people.Dispose();
            wall.Dispose();
        }
    }
}
