using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Running;
using MlNetEmotion.Detector.Scoring;
using MlNetEmotion.Detector.Sources;
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
        var faces = new List<int>();

        InputRun.Run(Options(blurs), source, model, frame => faces.Add(frame.Faces.Count), _ => { }, TestContext.Current.CancellationToken);

        Assert.Equal([.. Enumerable.Repeat(1, expected), .. Enumerable.Repeat(2, 30 - expected)], faces);
    }

    private static DetectorOptions Options(bool blurs) => new()
    {
        MaxFrames = 30, Recognition = new RecognitionOptions { NamedDetector = "haar" }, Headless = true, BlurFaces = blurs,
    };

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
                using OpenCvSharp.Mat right = frame.Mat[new OpenCvSharp.Rect(240, 0, wall.Width, wall.Height)];
                wall.Mat.CopyTo(right);
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
