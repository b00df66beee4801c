using System.Text;
using MlNetEmotion.Detector.Sources;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Sources;

/// <summary>Log lines recorded from ffmpeg 5.1; those of 7.1 are from its source.</summary>
public sealed class FfmpegLogTests
{
    [Fact]
    public void Description_OfATransportStream_HasFormatLengthStartAndVideos()
    {
        using FfmpegLog log = Read(
            "Input #0, mpegts, from '/tmp/a.ts':",
            "  Duration: 00:00:09.62, start: 1.443444, bitrate: 429 kb/s",
            "  Stream #0:0[0x100]: Video: h264 (High), 1 reference frame ([27][0][0][0] / 0x001B), yuv420p(progressive, left), 640x360 (640x368) [SAR 1:1 DAR 16:9], 30 fps, 30 tbr, 90k tbn",
            "  Stream #0:1[0x101](und): Audio: aac (LC) ([15][0][0][0] / 0x000F), 44100 Hz, mono, fltp, 71 kb/s",
            "  Stream #0:2: Video: mjpeg, yuvj420p, 1200x1200, 90k tbr (attached pic)",
            "Stream mapping:",
            "  Stream #0:0 -> #0:0 (h264 (native) -> wrapped_avframe (native))",
            "  Duration: 00:00:01.00, start: 0.000000, bitrate: 1 kb/s");

        Assert.Equal(("mpegts", 9.62, 1.443444), (log.Format, log.Length.TotalSeconds, log.Start.TotalSeconds));
        Assert.Equal([("0:0", 640L * 360)], log.Videos);
        Assert.False(log.IsPlaylist);
    }

    [Theory]
    [InlineData("hls", true)]
    [InlineData("dash", true)]
    [InlineData("sdp", true)]
    [InlineData("mov", false)]
    public void Description_OfAnythingLive_HasNoLength(string format, bool isPlaylist)
    {
        using FfmpegLog log = Read($"Input #0, {format}, from 'x':", "  Duration: N/A, bitrate: N/A");

        Assert.Equal((isPlaylist, TimeSpan.Zero, TimeSpan.Zero), (log.IsPlaylist, log.Length, log.Start));
    }

    [Fact]
    public void Description_StartBeforeZero_IsNegative()
    {
        using FfmpegLog log = Read("  Duration: 00:00:09.62, start: -0.007000, bitrate: 193 kb/s");

        Assert.Equal(-0.007, log.Start.TotalSeconds, 9);
    }

    [Fact]
    public void Frames_TimesAndShapes_AreThoseOfTheirMoment()
    {
        using FfmpegLog log = Read(
            "[scale@shape @ 0x5581] w:iw*sar h:ih flags:'' interl:0",
            "[scale@shape @ 0x5581] w:720 h:576 fmt:yuv420p sar:16/15 -> w:768 h:576 fmt:yuv420p sar:1/1 flags:0x0",
            "frame:0    pts:14666667 pts_time:1.46667", "a=b",
            "frame:1    pts:NOPTS   pts_time:NOPTS", "a=b",
            "[scaler_out_0_0 @ 0x5582] w:100 h:1 fmt:yuv420p sar:1/1 -> w:1 h:1 fmt:yuv420p sar:1/1 flags:0x4",
            "[scale@shape @ 0x5583] w:320 h:180 fmt:yuv420p csp:unknown range:unknown sar:0/1 -> w:320 h:180 fmt:yuv420p csp:unknown range:unknown sar:0/1 flags:0x0",
            "frame:0    pts:-333333 pts_time:-0.0333333", "a=b");

        Assert.Equal(
            [new FrameNote(TimeSpan.FromTicks(14666667), 768 / 576.0), new FrameNote(null, 768 / 576.0), new FrameNote(TimeSpan.FromTicks(-333333), 320 / 180.0)],
            Frames(log));
    }

    [Theory]
    [InlineData("[mov,mp4,m4a,3gp,3g2,mj2 @ 0x55b6] stream 0, offset 0x40ee0: partial file", true, false)]
    [InlineData("[matroska,webm @ 0x55da] File ended prematurely", true, false)]
    [InlineData("[matroska,webm @ 0x55da] File ended prematurely at pos. 12345 (0x3039)", true, false)]
    [InlineData("[http @ 0x55da] Stream ends prematurely at 100, should be 200", false, true)]
    [InlineData("clip.mp4: Input/output error", false, true)]
    [InlineData("[in#0/mov,mp4,m4a,3gp,3g2,mj2 @ 0x55da] Error during demuxing: Input/output error", false, true)]
    [InlineData("http://127.0.0.1/clip.mp4: Connection reset by peer", false, true)]
    [InlineData("rtsp://127.0.0.1/: Connection timed out", false, true)]
    [InlineData("cut-a.ts: corrupt decoded frame in stream 0", false, false)]
    [InlineData("[h264 @ 0x55f6] error while decoding MB 39 22, bytestream -6", false, false)]
    public void Messages_OfAnEndThatCameTooEarly_AreKnown(string line, bool isCut, bool isBroken)
    {
        using FfmpegLog log = Read(line);

        Assert.Equal((isCut, isBroken ? line : null, line), (log.IsTruncated, log.ReadError, log.Last));
    }

    [Theory]
    [InlineData("[http @ 0x5581] HTTP error 401 Unauthorized", "401 Unauthorized")]
    [InlineData("[rtsp @ 0x5581] method DESCRIBE failed: 401 Unauthorized", "401 Unauthorized")]
    [InlineData("http://127.0.0.1/: Server returned 403 Forbidden (access denied)", "403 Forbidden")]
    [InlineData("[http @ 0x5581] HTTP error 404 Not Found", "404 Not Found")]
    [InlineData("[tcp @ 0x5581] Connection to tcp://127.0.0.1:9 failed: Connection refused", null)]
    public void Messages_OfARefusal_HaveItsStatus(string line, string? status)
    {
        using FfmpegLog log = Read(line, "another line");

        Assert.Equal(status, log.Refusal);
    }

    [Fact]
    public void LacksFrameMode_OldProgram_IsKnown()
    {
        using FfmpegLog old = Read("Unrecognized option 'fps_mode'.", "Error splitting the argument list: Option not found");
        using FfmpegLog other = Read("Unrecognized option 'copyts'.");

        Assert.Equal((true, false), (old.LacksFrameMode, other.LacksFrameMode));
    }

    private static FfmpegLog Read(params string[] lines)
    {
        var log = new FfmpegLog(new MemoryStream(Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")))));
        log.WaitForDescription();
        log.WaitForEnd();
        return log;
    }

    private static List<FrameNote> Frames(FfmpegLog log)
    {
        var frames = new List<FrameNote>();
        while (log.TryTake(out FrameNote frame))
        {
            frames.Add(frame);
        }

        return frames;
    }
}
