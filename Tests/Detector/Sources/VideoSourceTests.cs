using System.Diagnostics;
using System.Globalization;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Sources;

/// <summary>Behaviour shared by all video readers; FrameSources uses ffmpeg if it is installed.</summary>
public abstract class VideoTests : IDisposable
{
    private protected readonly TemporaryFolder folder = new();
    private protected readonly List<string> reports = [];

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

        // Rotated clockwise, the left side is on top: red above, blue below.
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
    public void Read_TurnedWithPixelsTwiceAsWideAsHigh_AreMadeSquareAsStored()
    {
        string path = VideoFile.Encode(Path.Combine(folder.Root, "wide.mp4"), "-f lavfi -i testsrc=size=32x48:rate=25:duration=0.2,setsar=2 -c:v mpeg4");
        VideoFile.Turn(path);
        using IFrameSource source = Open(path, reports.Add);
        using var frame = new Frame();
        Assert.True(source.Read(frame, out _));

        // Stored as 32x48, displayed as 64x48, rotated to 48x64; with rounding either way.
        Assert.Equal(48.0 / 64, (double)frame.Width / frame.Height, 0.03);
    }

    [Fact]
    public void Read_SizeChangesMidway_GivesAllFramesInTheFirstSize()
    {
        using IFrameSource source = Open(Join(Part(0, "color=white:size=64x48", "setsar=1"), Part(0.4, "color=white:size=32x32", "setsar=1")), reports.Add);
        using var frame = new Frame();
        int frames = 0;
        while (source.Read(frame, out TimeSpan time))
        {
            Assert.Equal((64, 48, 40.0 * frames++), (frame.Width, frame.Height, Math.Round(time.TotalMilliseconds, 2)));
        }

        Assert.Equal(20, frames);
    }

    [Fact]
    public void Read_GapInATransportStream_IsInTheTimes() => Assert.Equal(
        [.. Enumerable.Range(0, 10).Select(i => 40.0 * i), .. Enumerable.Range(0, 10).Select(i => 40_000 + (40.0 * i))],
        Times(Join(Part(0, "color=white:size=64x48", "setsar=1"), Part(40, "color=white:size=64x48", "setsar=1"))));

    [Fact]
    public void Read_JoinedRecordingsWhoseClocksStartAgain_TimesContinue()
    {
        string part = Part(0, "color=white:size=64x48", "setsar=1");

        Assert.Equal(Enumerable.Range(0, 30).Select(i => 40.0 * i), Times(Join(part, part, part)));
    }

    [Fact]
    public void Open_NameWithAColon_IsAFile()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such names");
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

    // Ten frames of a transport stream, whose clock does not start at zero.
    private protected string Part(double second, string source, string filter) => VideoFile.Encode(
        Path.Combine(folder.Root, $"{Guid.NewGuid():N}.ts"),
        $"-f lavfi -i {source}:rate=25:duration=0.4 -vf {filter} -c:v libx264 -bf 0 -output_ts_offset {second.ToString(CultureInfo.InvariantCulture)} -f mpegts");

    // Transport streams may be joined byte by byte.
    private protected string Join(params string[] parts)
    {
        string path = Path.Combine(folder.Root, "joined.ts");
        File.WriteAllBytes(path, [.. parts.SelectMany(File.ReadAllBytes)]);
        return path;
    }

    private protected double[] Times(string path)
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

    [Theory]
    [InlineData("size=48x64", "setsar=1", 36, 48)]    // portrait: fitted to the first frame's height
    [InlineData("size=32x24", "setsar=1", 64, 48)]    // smaller: enlarged
    [InlineData("size=64x48", "setsar=2", 64, 24)]    // the same pixels, displayed twice as wide
    [InlineData("size=64x48", "format=yuv422p", 64, 48)]
    public void Read_ShapeChangesMidway_GivesAllFramesUndistortedInTheFirstSize(string size, string filter, int width, int height)
    {
        string path = Join(
            Part(0, "color=white:size=64x48", "setsar=1"), Part(0.4, "color=white:" + size, filter), Part(0.8, "color=white:size=64x48", "setsar=1"));
        using IFrameSource source = Open(path, reports.Add);
        using var frame = new Frame();
        var whites = new List<(int Width, int Height)>();
        var times = new List<double>();
        while (source.Read(frame, out TimeSpan time))
        {
            Assert.Equal((64, 48), (frame.Width, frame.Height));
            whites.Add((Enumerable.Range(0, 64).Count(x => frame.View.Pixels[(24 * frame.View.Stride) + (3 * x)] > 128), Enumerable.Range(0, 48).Count(y => frame.View.Pixels[(y * frame.View.Stride) + (3 * 32)] > 128)));
            times.Add(Math.Round(time.TotalMilliseconds, 2));
        }

        Assert.Equal(Enumerable.Range(0, 30).Select(i => i is >= 10 and < 20 ? (width, height) : (64, 48)), whites);
        Assert.Equal(Enumerable.Range(0, 30).Select(i => 40.0 * i), times);
        Assert.Empty(reports);
    }

    [Theory]
    [InlineData("clip.mp4", "-c:v mpeg4")]
    [InlineData("clip.ts", "-c:v mpeg2video -bf 0")]
    [InlineData("clip.avi", "-c:v mjpeg")]
    [InlineData("clip.m2v", "-c:v mpeg2video -bf 0")]
    public void Read_SeveralTimes_TimesContinue(string name, string encoding)
    {
        string path = VideoFile.Encode(Path.Combine(folder.Root, name), $"-f lavfi -i testsrc=size=64x48:rate=25:duration=0.4 {encoding}");
        using IFrameSource source = FrameSources.Open(path, reports.Add, loop: 3, stop: TestContext.Current.CancellationToken);
        Assert.Equal(name == "clip.m2v" ? null : 30, source.FrameCount);    // a stream without a container states no frame count
        using var frame = new Frame();
        var times = new List<double>();
        while (source.Read(frame, out TimeSpan time))
        {
            times.Add(Math.Round(time.TotalMilliseconds));
        }

        Assert.Equal(Enumerable.Range(0, 30).Select(i => 40.0 * i), times);
        Assert.Empty(reports);
    }

    [Theory]
    [InlineData("late.mkv")]
    [InlineData("late.ts")]
    public void Read_SoundBeginsBefore_TimesCountFromTheFilesStart(string name)
    {
        string path = VideoFile.Encode(
            Path.Combine(folder.Root, name),
            "-f lavfi -i sine=duration=2.5 -itsoffset 1.5 -f lavfi -i testsrc=size=64x48:rate=25:duration=0.4 -map 0 -map 1 -c:v mpeg2video -bf 0 -c:a mp2");

        double[] times = Times(path);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => 40.0 * i), times.Select(time => Math.Round(time - times[0])));
        Assert.Equal(Probe(path), times[0], 1.0);
        Assert.Equal(1500, times[0], 35.0);    // MP2's encoder begins 31 ms before zero
        Assert.Empty(reports);
    }

    [Theory]
    [InlineData("-t 4", "clip.mp4", "-movflags +faststart", "ffmpeg reached the end of the data too early")]
    [InlineData("-t 4", "clip.mkv", "", "ffmpeg reached the end of the data too early")]
    [InlineData("-t 4", "clip.flv", "", "its header states 4.0 s")]
    [InlineData("-t 4", "clip.avi", "", "its header states 4.0 s")]
    public void Read_CutFile_IsReported(string length, string name, string options, string fault)
    {
        string path = VideoFile.Encode(
            Path.Combine(folder.Root, name),
            $"-f lavfi -i testsrc=size=64x48:rate=25 -f lavfi -i sine=frequency=300 {length} -c:v {(name.EndsWith("flv", StringComparison.Ordinal) ? "flv1" : "mpeg4")} -c:a mp3 -ar 44100 {options}".TrimEnd());
        Assert.Equal(100, Times(path).Length);
        Assert.Empty(reports);

        byte[] whole = File.ReadAllBytes(path);
        File.WriteAllBytes(path, whole[..(whole.Length * 6 / 10)]);
        int frames = Times(path).Length;
        Assert.InRange(frames, 30, 80);
        Assert.Matches($@"^{System.Text.RegularExpressions.Regex.Escape(path)}: ends after {frames} frames at \d\.\d s; the file is damaged or incomplete: {fault}\.$", Assert.Single(reports));
    }

    [Theory]
    [InlineData("edited.mp4", "-ss 1.2 -i {0} -c copy")]                                             // frames before the cut are stored, but hidden
    [InlineData("late.mkv", "-itsoffset 2 -i {0} -i {0} -map 0:v -map 1:a -c copy")]
    [InlineData("sound.mkv", "-i {0} -f lavfi -i sine=duration=9 -map 0:v -map 1:a -c:v copy -c:a mp2")]
    [InlineData("sound.flv", "-i {0} -f lavfi -i sine=duration=9 -map 0:v -map 1:a -c:v flv1 -c:a mp3 -ar 44100")]
    [InlineData("variable.mkv", "-i {0} -an -vf select='not(gt(n,20)*mod(n,10))' -vsync vfr -c:v mpeg4")]
    [InlineData("variable.mp4", "-i {0} -an -vf select='not(gt(n,20)*mod(n,10))' -vsync vfr -c:v mpeg4")]
    [InlineData("whole.mpg", "-i {0} -c:v mpeg2video -c:a mp2")]
    [InlineData("whole.wmv", "-i {0} -c:v wmv2 -c:a wmav2")]
    [InlineData("whole.webm", "-i {0} -c:v libvpx -deadline realtime -c:a libopus")]
    public void Read_WholeFileOfFewerFramesThanItsLengthSuggests_IsNotCalledDamaged(string name, string encoding)
    {
        string clip = VideoFile.Encode(
            Path.Combine(folder.Root, "clip.mp4"), "-f lavfi -i testsrc=size=64x48:rate=25 -f lavfi -i sine=frequency=300 -t 4 -c:v mpeg4 -g 100 -c:a aac");
        string path = VideoFile.Encode(Path.Combine(folder.Root, name), string.Format(CultureInfo.InvariantCulture, encoding, clip));

        Assert.NotEmpty(Times(path));
        Assert.Empty(reports);
    }

    // The first frame's time since the file's start in milliseconds, from ffprobe.
    private static double Probe(string path)
    {
        using Process probe = Ffprobe("-v", "error", "-select_streams", "v", "-show_entries", "stream=start_time:format=start_time", "-of", "default=nw=1:nk=1", path);
        double[] starts = [.. probe.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => double.Parse(line, CultureInfo.InvariantCulture))];
        return (starts[0] - starts[^1]) * 1000;

        static Process Ffprobe(params string[] args) => Process.Start(new ProcessStartInfo("ffprobe", args) { UseShellExecute = false, RedirectStandardOutput = true })!;
    }

    [Fact]
    public void Open_SoundWithACoverImage_SaysThatItIsNoVideo()
    {
        string path = VideoFile.Encode(
            Path.Combine(folder.Root, "song.m4a"),
            "-f lavfi -i sine=duration=1 -f lavfi -i testsrc=size=64x48:duration=1 -map 0:a -map 1:v -frames:v 1 -c:v mjpeg -disposition:v attached_pic");

        Assert.Contains("no video that can be read", Assert.Throws<InvalidDataException>(() => Open(path, _ => { })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_ThumbnailBeforeTheVideo_TakesTheVideo()
    {
        string path = VideoFile.Encode(
            Path.Combine(folder.Root, "two.mkv"),
            "-f lavfi -i color=red:size=32x32:duration=1 -f lavfi -i testsrc=size=64x48:duration=1 -map 0 -map 1 -c:v mpeg4");
        using IFrameSource source = Open(path, _ => { });
        using var frame = new Frame();
        Assert.True(source.Read(frame, out _));

        Assert.Equal((64, 48), (frame.Width, frame.Height));
    }
}
