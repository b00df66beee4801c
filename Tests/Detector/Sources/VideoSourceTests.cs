using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Sources;

/// <summary>What holds for each reader of videos; FrameSources takes ffmpeg where there is one.</summary>
public abstract class VideoTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<string> reports = [];

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing) => folder.Dispose();

    internal abstract IFrameSource Open(string path, Action<string> report);

    [Theory]
    [InlineData("clip.mp4")]
    [InlineData("clip.avi")]
    public void Read_ConstantRate_GivesItsTimes(string name)
    {
        double[] times = Times(VideoFile.Write(Path.Combine(folder.Root, name), 10));

        Assert.Equal(Enumerable.Range(0, 10).Select(i => 40.0 * i), times);
        Assert.Empty(reports);
    }

    [Fact]
    public void Read_VariableRate_GivesTheFilesTimes()
    {
        string path = VideoFile.Write(Path.Combine(folder.Root, "clip.mp4"), 10);
        VideoFile.Retime(path, (5, 0.5), (5, 1.5));

        // Five frames of 20 ms, then frames of 60 ms.
        Assert.Equal([0, 20, 40, 60, 80, 100, 160, 220, 280, 340], Times(path));
    }

    [Fact]
    public void Read_PhoneHeldUpright_TurnsTheFrames()
    {
        string path = VideoFile.Write(Path.Combine(folder.Root, "clip.mp4"), 3);
        VideoFile.Turn(path);
        using IFrameSource source = Open(path, reports.Add);
        using var frame = new Frame();
        Assert.True(source.Read(frame, out _));

        // Turned clockwise, what was left is above: red, and blue below.
        Assert.Equal((48, 64), (frame.Width, frame.Height));
        Assert.True(IsRed(frame, 24, 8) && !IsRed(frame, 24, 56));
    }

    [Fact]
    public void Read_PixelsTwiceAsWideAsHigh_AreMadeSquare()
    {
        string path = VideoFile.Encode(Path.Combine(folder.Root, "wide.mp4"), "-f lavfi -i testsrc=size=32x48:rate=25:duration=0.2,setsar=2 -c:v mpeg4");
        using IFrameSource source = Open(path, reports.Add);
        using var frame = new Frame();
        Assert.True(source.Read(frame, out _));

        Assert.Equal((64, 48), (frame.Width, frame.Height));
    }

    [Fact]
    public void Open_NameWithAColon_IsAFile()
    {
        string path = $"a:{Guid.NewGuid()}.avi";    // in the current folder: a full path does not begin with it
        VideoFile.Write(Path.GetFullPath(path), 3);
        try
        {
            using IFrameSource source = Open(path, reports.Add);
            Assert.Equal(3, source.FrameCount);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Read_FileCutInTheMiddle_GivesWhatIsThereAndSaysSo()
    {
        string path = VideoFile.Write(Path.Combine(folder.Root, "clip.avi"), 40);
        byte[] whole = File.ReadAllBytes(path);
        File.WriteAllBytes(path, whole[..(whole.Length / 2)]);

        Assert.InRange(Times(path).Length, 10, 25);
        Assert.Contains("damaged or incomplete", Assert.Single(reports), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_Mp4WithoutItsEnd_SaysThatItCannotBeRead()
    {
        string path = VideoFile.Write(Path.Combine(folder.Root, "clip.mp4"), 40);
        byte[] whole = File.ReadAllBytes(path);
        File.WriteAllBytes(path, whole[..(whole.Length / 2)]);

        Assert.Contains("no video that can be read", Assert.Throws<InvalidDataException>(() => Open(path, reports.Add)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("clip.mp4")]
    [InlineData("clip.avi")]
    public void Read_FramesOverwrittenWithNoise_ComesToTheEnd(string name)
    {
        string path = VideoFile.Write(Path.Combine(folder.Root, name), 40);
        byte[] file = File.ReadAllBytes(path);
        int frames = file.AsSpan().IndexOf(name.EndsWith("avi", StringComparison.Ordinal) ? "movi"u8 : "mdat"u8);
        new Random(1).NextBytes(file.AsSpan(frames + ((file.Length - frames) / 4), 600));
        File.WriteAllBytes(path, file);

        double[] times = Times(path);
        Assert.InRange(times.Length, 1, 40);
        Assert.Equal(times.Order(), times);
    }

    private double[] Times(string path)
    {
        using IFrameSource source = Open(path, reports.Add);
        using var frame = new Frame();
        var times = new List<double>();
        while (source.Read(frame, out TimeSpan timestamp))
        {
            times.Add(Math.Round(timestamp.TotalMilliseconds, 2));
        }

        return [.. times];
    }

    private static bool IsRed(Frame frame, int x, int y)
    {
        ReadOnlySpan<byte> pixel = frame.View.Pixels.Slice((y * frame.View.Stride) + (3 * x), 3);
        return pixel[2] > 120 && pixel[0] < 80;
    }
}

public sealed class VideoSourceTests : VideoTests
{
    internal override IFrameSource Open(string path, Action<string> report) => new VideoSource(path, report);
}

public sealed class FfmpegFileTests : VideoTests
{
    internal override IFrameSource Open(string path, Action<string> report)
    {
        Assert.SkipUnless(FfmpegEncoder.Has("mjpeg"), "needs ffmpeg on the PATH");
        return FfmpegSource.TryOpen(path, report)!;
    }

    [Fact]
    public void Open_SoundWithACoverPicture_SaysThatItIsNoVideo()
    {
        using var folder = new TemporaryFolder();
        string path = VideoFile.Encode(
            Path.Combine(folder.Root, "song.m4a"),
            "-f lavfi -i sine=duration=1 -f lavfi -i testsrc=size=64x48:duration=1 -map 0:a -map 1:v -frames:v 1 -c:v mjpeg -disposition:v attached_pic");

        Assert.Contains("no video that can be read", Assert.Throws<InvalidDataException>(() => Open(path, _ => { })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_ThumbnailBeforeTheVideo_TakesTheVideo()
    {
        using var folder = new TemporaryFolder();
        string path = VideoFile.Encode(
            Path.Combine(folder.Root, "two.mkv"),
            "-f lavfi -i color=red:size=32x32:duration=1 -f lavfi -i testsrc=size=64x48:duration=1 -map 0 -map 1 -c:v mpeg4");
        using IFrameSource source = Open(path, _ => { });
        using var frame = new Frame();
        Assert.True(source.Read(frame, out _));

        Assert.Equal((64, 48), (frame.Width, frame.Height));
    }
}
