using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Sources;
using OpenCvSharp;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Sources;

/// <summary>Frame times, frame sizes and premature ends, with a fake reader whose container states given values.</summary>
public sealed class VideoReaderTests
{
    private readonly List<string> reports = [];

    [Theory]
    [InlineData(new[] { 0.0, 40, 80 }, new[] { 0.0, 40, 80 })]
    [InlineData(new[] { 1500.0, 1540 }, new[] { 1500.0, 1540 })]
    [InlineData(new[] { -80.0, -40, 0, 40 }, new[] { 0.0, 40, 80, 120 })]                        // no time is before the start
    [InlineData(new[] { double.NaN, double.NaN, 80, double.NaN }, new[] { 0.0, 40, 80, 120 })]   // the container states no time
    [InlineData(new[] { 0.0, 40, 40, 120 }, new[] { 0.0, 40, 80, 120 })]                         // the same time twice
    [InlineData(new[] { 0.0, 400, 200, 480 }, new[] { 0.0, 400, 440, 480 })]                     // out of order: later frames keep their times
    [InlineData(new[] { 0.0, 400, 150, 480 }, new[] { 0.0, 400, 440, 480 })]                     // back by 250 ms, the maximum disorder
    [InlineData(new[] { 0.0, 400, 149, 189 }, new[] { 0.0, 400, 440, 480 })]                     // back by more: the clock restarts
    [InlineData(new[] { 0.0, 9000, 0, 20, 9000 }, new[] { 0.0, 9000, 9040, 9060, 18040 })]
    [InlineData(new[] { 0.0, 40_000, 40_040 }, new[] { 0.0, 40_000, 40_040 })]                   // a gap
    public void Read_TimesAsStated_AreTheContainersAndRise(double[] statedMs, double[] expectedMs)
    {
        using var reader = new Reader(reports.Add, statedMs);
        using var frame = new Frame();
        var times = new List<double>();
        while (reader.Read(frame, out TimeSpan time))
        {
            times.Add(time.TotalMilliseconds);
        }

        Assert.Equal(expectedMs, times);
        Assert.Empty(reports);
    }

    [Fact]
    public void Read_SlowRate_TakesAFewFramesOfDisorderForSuch()
    {
        // At one frame per second, four seconds.
        using var reader = new Reader(reports.Add, 0, 10_000, 6000, 12_000, 7999) { Rate = 1 };
        using var frame = new Frame();
        var times = new List<double>();
        while (reader.Read(frame, out TimeSpan time))
        {
            times.Add(time.TotalSeconds);
        }

        Assert.Equal([0, 10, 11, 12, 13], times);
    }

    [Fact]
    public void Read_EndsTooEarly_SaysAfterWhichFrame()
    {
        using var reader = new Reader(reports.Add, 0, 40, 80) { Fault = "its header states 4.0 s" };
        using var frame = new Frame();
        while (reader.Read(frame, out _))
        {
        }

        Assert.Equal("clip: ends after 3 frames at 0.1 s; the file is damaged or incomplete: its header states 4.0 s.", Assert.Single(reports));
        Assert.Equal(0.12, reader.End.TotalSeconds, 9);
    }

    [Fact]
    public void Read_Interrupted_IsNoFault()
    {
        using var reader = new Reader(reports.Add, 0) { Fault = "cut" };
        using var frame = new Frame();
        Assert.True(reader.Read(frame, out _));
        reader.Interrupt();

        Assert.False(reader.Read(frame, out _));
        Assert.Empty(reports);
    }

    [Theory]
    [InlineData(64, 48, 0.0, 64, 48)]
    [InlineData(64, 48, 64.0 / 47, 64, 48)]      // less than two pixels: rounding for chroma
    [InlineData(64, 48, 64.0 / 45, 64, 45)]      // stretched from a lower frame
    [InlineData(64, 48, 0.75, 36, 48)]
    [InlineData(32, 24, 0.0, 64, 48)]
    [InlineData(128, 48, 0.0, 64, 24)]
    [InlineData(30, 90, 0.0, 16, 48)]
    public void Read_LaterFrameOfAnotherShape_IsFittedIntoTheFirst(int width, int height, double aspect, int fittedWidth, int fittedHeight)
    {
        using var reader = new Reader(reports.Add, 0, 40) { Later = (width, height, aspect) };
        using var frame = new Frame();
        Assert.True(reader.Read(frame, out _) && reader.Read(frame, out _));

        Assert.Equal((64, 48), (frame.Width, frame.Height));
        Assert.Equal(fittedWidth, Whites(Enumerable.Range(0, 64).Select(x => (x, 24))));
        Assert.Equal(fittedHeight, Whites(Enumerable.Range(0, 48).Select(y => (32, y))));

        int Whites(IEnumerable<(int X, int Y)> places) => places.Count(place => frame.View.Pixels[(place.Y * frame.View.Stride) + (3 * place.X)] > 128);
    }

    /// <summary>Returns white frames of 64×48; NaN stands for a time that the container does not state.</summary>
    private sealed class Reader(Action<string> report, params double[] statedMs) : VideoReader("clip", report)
    {
        private int next;

        public double Rate { init => FramesPerSecond = value; }

        public string? Fault { get; init; }

        public (int Width, int Height, double Aspect) Later { get; init; } = (64, 48, 0);

        public TimeSpan End { get; private set; }

        protected override bool ReadNext(Frame frame, out TimeSpan? stated, out double aspect)
        {
            FramesPerSecond = FramesPerSecond > 0 ? FramesPerSecond : 25;
            (int width, int height, aspect) = next == 0 ? (64, 48, 0) : Later;
            double ms = next < statedMs.Length ? statedMs[next] : 0;
            stated = double.IsNaN(ms) ? null : TimeSpan.FromMilliseconds(ms);
            frame.Mat.Create(height, width, MatType.CV_8UC3);
            frame.Bytes.Fill(255);
            return next++ < statedMs.Length;
        }

        protected override string? CheckEnd(TimeSpan end)
        {
            End = end;
            return Fault;
        }
    }
}
