using System.Globalization;
using System.Text.RegularExpressions;
using MlNetEmotion.Programs;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Frames;
using OpenCvSharp;
using MlNetEmotion.Tests.Detector.Sources;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Output;

public sealed class AnnotatedVideoTests
{
    [Theory]
    [InlineData(".mp4")]
    [InlineData(".mkv")]
    [InlineData(".avi")]
    [InlineData(".webm")]
    [InlineData(".mp4", 30000 / 1001.0)]
    public void Write_FramesAtTheStatedRate_ReadBackOnceEach(string extension, double rate = 25)
    {
        Assert.SkipUnless(extension != ".webm" || FfmpegEncoder.Has("libvpx-vp9"), "needs an ffmpeg with libvpx-vp9 on the PATH");
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Root, "out" + extension);
        Write(path, rate, (320, 180), Enumerable.Range(0, 40).Select(i => i / rate));

        (int frames, int width, int height, double read) = Read(path);
        Assert.Equal((40, 320, 180), (frames, width, height));
        Assert.Equal(rate, read, 1e-3);    // containers store rates as fractions of small numbers
    }

    [Theory]
    [InlineData(".mp4", "libx264", "h264", "aac", 20)]
    [InlineData(".mkv", "libx264", "h264", "aac", 10)]    // the sound is cut at the last frame
    [InlineData(".mov", "libx264", "h264", "aac", 30)]    // silence follows the sound
    [InlineData(".webm", "libvpx-vp9", "vp9", "opus", 20)]
    public async Task Write_FramesOfAFileWithSound_KeepsIt(string extension, string encoder, string video, string audio, int frames)
    {
        Assert.SkipUnless(FfmpegEncoder.Has(encoder), $"needs an ffmpeg with {encoder} on the PATH");
        using var folder = new TemporaryFolder();
        string source = folder.At(OperatingSystem.IsWindows() ? "two 'seconds'.mp4" : "two \"seconds\".mp4");
        string path = Path.Combine(folder.Root, "out" + extension);
        await ProgramProcess.Run("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=64x48:rate=10:duration=2", "-f", "lavfi", "-i", "sine=duration=2", "-c:v", "mpeg4", "-c:a", "aac", source);

        Write(path, 10, (64, 48), Enumerable.Range(0, frames).Select(i => i / 10.0), soundFrom: new Sound(source, TimeSpan.Zero));

        (_, string streams, _) = await ProgramProcess.Run("ffprobe", "-v", "error", "-show_entries", "stream=codec_name:format=duration", "-of", "csv=p=0", path);
        string[] lines = streams.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal([video, audio], lines[..2]);
        Assert.Equal(frames / 10.0, double.Parse(lines[2], CultureInfo.InvariantCulture), 0.15);    // audio packets last 20 ms or more
        Assert.Equal(frames, Read(path).Frames);
    }

    [Fact]
    public void Write_SlowLiveSource_RepeatsFramesToKeepTime()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Root, "out.avi");

        // Frames at 0, 300 and 400 ms are due as frames 0, 3 and 4 of a video of 10 frames/s.
        Write(path, 10, (64, 48), [0, 0.3, 0.4]);

        Assert.Equal((5, 64, 48, 10.0), Read(path));
    }

    [Fact]
    public void Write_GapBetweenFrames_ShowsTheEarlierOneUntilTheLaterIsDue()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Root, "out.avi");
        using (var video = new AnnotatedVideo(path, 10))
        {
            using Frame white = White(64, 48);
            using Frame black = Frame.FromPixels(new ImageView(new byte[64 * 48 * 3], 64, 48, PixelFormat.Bgr24));
            Write(video, white, 0.3);    // frames 0 to 3: the first frame fills the time from the start
            Write(video, black, 0.4);
            Write(video, white, 0.8);
        }

        using VideoCapture capture = VideoFile.Open(path);
        using var frame = new Frame();
        var isWhite = new List<bool>();
        while (capture.Read(frame.Mat))
        {
            isWhite.Add(frame.View.Pixels[0] > 128);
        }

        Assert.Equal([true, true, true, true, false, false, false, false, true], isWhite);
    }

    [Theory]
    [InlineData("sound.mkv", "-itsoffset 1 -f lavfi -i sine=frequency=880:duration=1 -c:a pcm_s16le", 0, 1)]
    [InlineData("gap.ts", "-f lavfi -i aevalsrc='sin(880*2*PI*t)':d=3 -af aselect='gte(t,2)' -c:a mp2", 1.4, 2)]    // the muxer adds 1.4 s
    [InlineData("later.mkv", "-itsoffset 4 -f lavfi -i sine=frequency=880:duration=1 -c:a pcm_s16le", 3, 1)]
    public async Task Write_SoundThatBeginsLater_KeepsItsPlace(string name, string encoding, double zero, double second)
    {
        using var folder = new TemporaryFolder();
        string source = VideoFile.Encode(Path.Combine(folder.Root, name), encoding);
        string path = Path.Combine(folder.Root, "out.mp4");
        Write(path, 10, (64, 48), Enumerable.Range(0, 40).Select(i => i / 10.0), soundFrom: new Sound(source, TimeSpan.FromSeconds(zero)));

        // Silence until the tone begins.
        (_, _, string log) = await ProgramProcess.Run("ffmpeg", "-hide_banner", "-nostdin", "-i", path, "-af", "silencedetect=noise=-30dB:duration=0.2", "-f", "null", "-");
        Match end = Regex.Match(log, @"silence_end: (?<second>[\d.]+)", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
        Assert.Equal(second, double.Parse(end.Groups["second"].Value, CultureInfo.InvariantCulture), 0.05);    // an encoder's frame is 23 ms
    }

    [Theory]
    [InlineData("KILL", 137)]
    [InlineData("TERM", 255)]
    [NeedsLinux("ffmpeg's process is found in /proc")]
    public void Write_EncoderIsEndedByAnotherProgram_IsAnError(string signal, int exitCode)
    {
        Assert.SkipUnless(FfmpegEncoder.Has("libx264"), "needs an ffmpeg with libx264 on the PATH");
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Root, "out.mp4");

        Assert.Equal($"{path}: ffmpeg was ended by another program (exit code {exitCode}); the video ends too early.", Assert.Throws<IOException>(() => WriteAndSignal(path, signal, CancellationToken.None)).Message);
    }

    [Fact]
    [NeedsLinux("ffmpeg's process is found in /proc")]
    public void Write_EncoderAndRunAreStoppedTogether_IsNoError()
    {
        Assert.SkipUnless(FfmpegEncoder.Has("libx264"), "needs an ffmpeg with libx264 on the PATH");
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Root, "out.mp4");
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1));

        WriteAndSignal(path, "INT", stop.Token);
        Assert.NotEqual(0, Read(path).Frames);
    }

    [Fact]
    public void Write_LiveSourceThatWasAway_LeavesACut()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Root, "out.avi");

        // Frames 0 and 1; after an hour's gap frame 2, and 0.3 s later frame 5, so frames 3 and 4 are repetitions.
        Write(path, 10, (64, 48), [0, 0.1, 3600, 3600.3], isLive: true);

        Assert.Equal((6, 64, 48, 10.0), Read(path));
    }

    [Fact]
    public void Write_OddSize_IsPaddedToTheNextEvenOne()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Root, "out.mp4");
        Write(path, 10, (65, 47), [0, 0.1]);

        Assert.Equal((2, 66, 48, 10.0), Read(path));
    }

    [Fact]
    public void Write_FrameOfAnotherSize_IsFittedWithBlackBeside()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Root, "out.avi");
        using (var video = new AnnotatedVideo(path, 1))
        {
            using Frame wide = White(64, 32);
            using Frame tall = White(64, 64);
            Write(video, wide, 0);
            Write(video, tall, 1);
        }

        // The square becomes 32x32 in the middle of 64x32.
        using VideoCapture capture = VideoFile.Open(path);
        using var frame = new Frame();
        Assert.True(capture.Read(frame.Mat) && capture.Read(frame.Mat));
        byte[] row = frame.View.Pixels[..(64 * 3)].ToArray();
        Assert.True(row[3 * 8] < 40, "left of the image");
        Assert.True(row[3 * 32] > 215, "the image");
        Assert.True(row[3 * 56] < 40, "right of the image");
    }

    [Theory]
    [InlineData("out.gif", ".mp4")]
    [InlineData("out", ".mp4")]
    [InlineData("/no/such/folder/out.mp4", "cannot be written")]
    public void Create_UnusablePath_SaysWhatToDo(string path, string expected) =>
        Assert.Contains(expected, Assert.Throws<UsageException>(() => new AnnotatedVideo(path, 25)).Message, StringComparison.Ordinal);

    private static Frame White(int width, int height)
    {
        var pixels = new byte[width * height * 3];
        Array.Fill(pixels, (byte)255);
        return Frame.FromPixels(new ImageView(pixels, width, height, PixelFormat.Bgr24));
    }

    private static void Write(AnnotatedVideo video, Frame frame, double seconds) => video.Write(frame, new FrameResult(0, TimeSpan.FromSeconds(seconds), []));

    private static void Write(string path, double framesPerSecond, (int Width, int Height) size, IEnumerable<double> seconds, bool isLive = false, Sound? soundFrom = null)
    {
        using var video = new AnnotatedVideo(path, framesPerSecond, isLive, soundFrom);
        using Frame frame = White(size.Width, size.Height);
        foreach (double second in seconds)
        {
            Write(video, frame, second);
        }
    }

    private static void WriteAndSignal(string path, string signal, CancellationToken stop)
    {
        using var video = new AnnotatedVideo(path, 25, stop: stop);
        using Frame frame = White(64, 48);
        int i;
        for (i = 0; i < 200; i++)    // more than a pipe holds, so ffmpeg has begun to read
        {
            Write(video, frame, i / 25.0);
        }

        FfmpegProcess.Signal(path, signal);
        for (; i < 10_000 && !stop.IsCancellationRequested; i++)
        {
            Write(video, frame, i / 25.0);
        }
    }

    private static (int Frames, int Width, int Height, double Rate) Read(string path)
    {
        using VideoCapture capture = VideoFile.Open(path);
        using var frame = new Frame();
        int frames = 0;
        while (capture.Read(frame.Mat))
        {
            frames++;
        }

        return (frames, capture.FrameWidth, capture.FrameHeight, capture.Fps);
    }
}
