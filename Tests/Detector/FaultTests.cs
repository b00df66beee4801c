using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Tests.Detector.Segments;
using MlNetEmotion.Tests.Detector.Sources;
using MlNetEmotion.Tests.Shared;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Detector;

/// <summary>Messages and exit codes of faults, as the user sees them; docs/faults.md names these tests.</summary>
public sealed class FaultTests : IDisposable
{
    private static readonly string Model = Fixture.Model("tiny");

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Images_OfAnyKind_AreReadAndTheTooLargeSkipped()
    {
        folder.WriteImage("images/1x1.png", 1, 1, 128);
        folder.WriteImage("images/gray.png", 60, 60, 128);
        folder.Write("images/alpha.png", AlphaPng(60, 60));
        folder.Write("images/deep.pgm", [.. "P5 60 60 65535\n"u8, .. new byte[60 * 60 * 2]]);
        string huge = folder.Write("images/huge.pgm", "P5 16384 16384 255\n");

        (int exitCode, string output, string error) = await DetectorProcess.Run(
            "--headless", "--model", Model, "--input", Path.Combine(folder.Root, "images"), "--output", Path.Combine(folder.Root, "out.avi"));

        Assert.Equal(($"skipped {huge}: PNM of 16384x16384 pixels, larger than the limit of 100 megapixels\n", 0), (error, exitCode));
        Assert.Contains(": 4 images, 0 faces", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Output_Exists_IsKeptUnlessForced()
    {
        string events = folder.Write("events.jsonl", "precious\n");
        string[] args = ["--demo", "--headless", "--model", Model, "--max-frames", "1", "--events", events];

        (int exitCode, _, string error) = await DetectorProcess.Run(args);
        Assert.Equal(($"{events}: exists already. Add '--force' to overwrite it, or name another file.\n", 2), (error, exitCode));
        Assert.Equal("precious\n", File.ReadAllText(events));

        (exitCode, _, error) = await DetectorProcess.Run([.. args, "--force"]);
        Assert.Equal(("", 0), (error, exitCode));
        Assert.Equal(3, File.ReadAllLines(events).Length);
    }

    [Theory]
    [InlineData("out.avi")]
    [InlineData("out.mp4")]
    [Trait("Speed", "slow")]
    public async Task Disk_FullWhileWritingTheVideo_FinishesItAndKeepsTheEvents(string name)
    {
        using SmallDisk disk = await SmallDisk.Mount(folder, megabytes: 24);
        await File.WriteAllBytesAsync(Path.Combine(disk.Root, "others"), new byte[6 << 20], TestContext.Current.CancellationToken);
        string video = Path.Combine(disk.Root, name);
        string events = Path.Combine(disk.Root, "events.jsonl");

        (int exitCode, _, string error) = await DetectorProcess.Run(
            "--demo", "--headless", "--model", Model, "--max-frames", "100000", "--output", video, "--events", events);

        Assert.Equal(1, exitCode);
        Assert.StartsWith($"{video}: the disk is full; the video was finished and ends here.", error, StringComparison.Ordinal);
        int eventFrames = File.ReadLines(events).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("frame").GetInt32()).Max() + 1;
        Assert.Equal(eventFrames - 1, VideoFile.Frames(video));    // the frame for which there was no space has events
    }

    [Fact]
    public async Task Disk_FullWhileWritingEvents_KeepsTheWholeLines()
    {
        using SmallDisk disk = await SmallDisk.Mount(folder, megabytes: 1);
        string events = Path.Combine(disk.Root, "events.jsonl");
        await File.WriteAllBytesAsync(Path.Combine(disk.Root, "others"), new byte[1000 << 10], TestContext.Current.CancellationToken);

        (int exitCode, _, string error) = await DetectorProcess.Run(
            "--demo", "--headless", "--model", Model, "--max-frames", "100000", "--events", events);

        Assert.Equal(1, exitCode);
        Assert.Contains("No space left on device", error, StringComparison.Ordinal);
        string[] lines = File.ReadAllText(events).Split('\n');
        Assert.True(lines.Length > 10);
        Assert.All(lines[..^1], line => JsonDocument.Parse(line).Dispose());
    }

    [Fact]
    [Trait("Speed", "slow")]
    public async Task Pause_LongerThanEveryPatience_LosesNothing()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such signals");
        string clip = VideoFile.Write(Path.Combine(folder.Root, "clip.avi"), 2000);
        string events = Path.Combine(folder.Root, "events.jsonl");
        using var detector = new DetectorProcess(null, clip, "--headless", "--cropped", "--model", Model, "--events", events);
        await WaitForEvents(detector, events, bytes: 3000);

        detector.Signal("STOP");
        int before = File.ReadLines(events).Count();
        await Task.Delay(TimeSpan.FromSeconds(11), TestContext.Current.CancellationToken);    // a read may take ten
        detector.Signal("CONT");

        (int exitCode, _, string error) = await detector.Exit();
        Assert.Equal(("", 0), (error, exitCode));
        Assert.True(before < 2000, "the pause came too late");
        Assert.Equal(
            Enumerable.Range(0, 2000).Select(i => (i, 40.0 * i)),
            File.ReadLines(events).Select(line => JsonDocument.Parse(line).RootElement).Select(line => (line.GetProperty("frame").GetInt32(), line.GetProperty("timestampMs").GetDouble())));
    }

    [Fact]
    [NeedsLinux("ffmpeg's process is found in /proc")]
    public async Task Decoder_KilledWhileTheVideoIsWritten_FailsAndTheVideoPlays()
    {
        Assert.SkipUnless(FfmpegEncoder.Has("libx264"), "needs an ffmpeg with libx264 on the PATH");
        string clip = VideoFile.Write(Path.Combine(folder.Root, "clip.avi"), 3000);
        string video = Path.Combine(folder.Root, "out.mkv");
        string events = Path.Combine(folder.Root, "events.jsonl"), segments = Path.Combine(folder.Root, "segments.csv");
        using var detector = new DetectorProcess(null, clip, "--headless", "--cropped", "--model", Model, "--output", video, "--events", events, "--segments", segments);
        await WaitForEvents(detector, events, bytes: 100_000);

        FfmpegProcess.Signal(clip, "KILL");
        (int exitCode, _, string error) = await detector.Exit();

        Assert.Equal(1, exitCode);
        Assert.Matches($@"^{Regex.Escape(clip)}: ffmpeg was ended by another program \(exit code 137\) after (?<frames>\d+) frames at \d+\.\d s\.\n$", error);
        int frames = int.Parse(Regex.Match(error, @"after (?<frames>\d+)", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)).Groups["frames"].ValueSpan);
        Assert.Equal(frames, File.ReadLines(events).Count());
        Assert.Equal(frames, VideoFile.Frames(video));
        Assert.Equal(SegmentBuilderTests.CsvOf(events), File.ReadAllText(segments));
    }

    [Fact]
    [NeedsLinux("a script in ffmpeg's place")]
    public async Task Decoder_OlderThanFfmpeg51_IsUsedByItsOwnOption()
    {
        Assert.SkipUnless(FfmpegEncoder.Has("mjpeg"), "needs ffmpeg on the PATH");
        string clip = VideoFile.Write(Path.Combine(folder.Root, "clip.avi"), 50);
        string events = Path.Combine(folder.Root, "events.jsonl");
        string log = Path.Combine(folder.Root, "log");
        (_, string found, _) = await ProgramProcess.Run("which", "ffmpeg");

        Assert.Equal(("", 0), await RunWithFfmpeg(
            $"echo \"$*\" >> {log}\ncase \"$*\" in *-fps_mode*) echo \"Unrecognized option 'fps_mode'.\" >&2; exit 1;; esac\nexec {found.Trim()} \"$@\"", clip, "--events", events));
        Assert.Equal(50, File.ReadLines(events).Count());
        Assert.Contains("-vsync passthrough", File.ReadLines(log).Last(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("YUV4MPEG2 W64 H48", "ffmpeg sent no F in YUV4MPEG2 W64 H48")]
    [InlineData("something else", "no video that can be read; expected a video file such as MP4, MKV, WebM or AVI.")]
    [NeedsLinux("a script in ffmpeg's place")]
    public async Task Decoder_SendsNonsense_IsSaidAndNoProcessIsLeft(string line, string expected)
    {
        string clip = VideoFile.Write(Path.Combine(folder.Root, "clip.avi"), 5);
        string seconds = $"{Random.Shared.Next(100_000, 999_999)}";

        Assert.Equal(($"{clip}: {expected}\n", 2), await RunWithFfmpeg($"echo {line}\nexec sleep {seconds}", clip));
        Assert.Equal(1, (await ProgramProcess.Run("pgrep", "-f", $"^sleep {seconds}")).ExitCode);
    }

    // Waits until the file has more bytes, or the program has ended.
    private static async Task WaitForEvents(DetectorProcess detector, string events, int bytes)
    {
        while (!detector.HasExited && !(File.Exists(events) && new FileInfo(events).Length > bytes))
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    // A shell script that replaces ffmpeg.
    private async Task<(string Error, int ExitCode)> RunWithFfmpeg(string script, params string[] args)
    {
        string program = folder.Write("programs/ffmpeg", $"#!/bin/sh\n{script}\n");
        await ProgramProcess.Run("chmod", "+x", program);
        System.Diagnostics.ProcessStartInfo start = DetectorProcess.Start(display: null, dataFolder: null, ["--headless", "--cropped", "--model", Model, .. args]);
        start.Environment["PATH"] = $"{Path.GetDirectoryName(program)}:{start.Environment["PATH"]}";
        using var detector = new ProgramProcess(start);
        (int exitCode, _, string error) = await detector.Exit();
        return (error, exitCode);
    }

    [Fact]
    public async Task Kill_WhileWritingEvents_LosesNoWholeLine()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such signals");
        string events = Path.Combine(folder.Root, "events.csv");
        using var detector = new DetectorProcess(
            null, "--demo", "--headless", "--model", Model, "--max-frames", "1000000", "--events", events);
        await WaitForEvents(detector, events, bytes: 3000);

        detector.Signal("KILL");
        await detector.Exit();

        string text = await File.ReadAllTextAsync(events, TestContext.Current.CancellationToken);
        Assert.All(text.Split('\n')[..^1], line => Assert.Equal(24, line.Count(c => c == ',')));
        Assert.True(text.Length > 3000);
    }

    [Fact]
    public async Task Output_NoFfmpeg_IsWrittenByOpenCvAndSaysSo()
    {
        string clip = VideoFile.Write(Path.Combine(folder.Root, "clip.avi"), 12);
        string video = Path.Combine(folder.Root, "out.mp4");

        (int exitCode, _, string error) = await DetectorProcess.RunAlone("--input", clip, "--headless", "--model", Model, "--output", video);
        Assert.Equal(0, exitCode);
        Assert.Equal(
            $"{video}: written as MPEG-4 part 2, without sound: H.264 needs ffmpeg with libx264 on the PATH ({Ffmpeg.Installation}).\n", error);
        Assert.Equal(12, VideoFile.Frames(video));

        (exitCode, _, error) = await DetectorProcess.RunAlone("--input", clip, "--headless", "--model", Model, "--output", Path.ChangeExtension(video, ".webm"));
        Assert.Equal(2, exitCode);
        Assert.Contains(Ffmpeg.Installation, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Output_NoFfmpegOnATerminal_LeavesTheWarningOnTheScreen()
    {
        string clip = VideoFile.Write(Path.Combine(folder.Root, "clip.avi"), 12);
        string video = Path.Combine(folder.Root, "out.mp4");
        string program = Path.Combine(AppContext.BaseDirectory, "MlNetEmotion.Detector.dll");

        // The terminal receives standard output and standard error, and shows a progress bar.
        string[] lines = await Terminal.Run(
            200, $"dotnet=$(command -v dotnet); PATH=/nonexistent DISPLAY= XDG_DATA_HOME=/nonexistent $dotnet {program} --input {clip} --headless --model {Model} --output {video}");

        Assert.Contains($"{video}: written as MPEG-4 part 2, without sound: H.264 needs ffmpeg with libx264 on the PATH (Debian, Ubuntu: apt-get install ffmpeg).", string.Concat(lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kill_WithTheFfmpegThatWritesTheVideo_LeavesOneThatPlaysAndNoEmptyFile()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such signals");
        Assert.SkipUnless(FfmpegEncoder.Has("libx264"), "needs an ffmpeg with libx264 on the PATH");
        string video = Path.Combine(folder.Root, "out.mp4");
        string report = Path.Combine(folder.Root, "report.html");
        using var detector = new DetectorProcess(
            null, "--demo", "--headless", "--model", Model, "--max-frames", "1000000", "--output", video, "--report", report, "--timings", report + ".json");
        while (!detector.HasExited && !(File.Exists(video) && new FileInfo(video).Length > 50_000))
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        detector.KillAll();
        await detector.Exit();

        Assert.InRange(VideoFile.Frames(video), 10, 1_000_000);
        Assert.Equal([video, video + ".lock"], Directory.GetFiles(folder.Root).Order(StringComparer.Ordinal).Where(file => !file.StartsWith(report, StringComparison.Ordinal)));
        Assert.False(File.Exists(report) || File.Exists(report + ".json"));
    }

    [Fact]
    public async Task StandardOutput_ReaderHasGone_EndsTheRun()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a shell");
        string program = Path.Combine(AppContext.BaseDirectory, "MlNetEmotion.Detector.dll");
        (_, string output, string error) = await ProgramProcess.Run(
            "bash", "-c", $"dotnet '{program}' --demo --headless --max-frames 1000000 --model '{Model}' --events - | head -n 1; echo ${{PIPESTATUS[0]}}");

        Assert.EndsWith("\n1\n", output, StringComparison.Ordinal);
        Assert.Contains("Broken pipe", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StandardOutput_IsAFileWithOtherWriters_OverwritesNoneOfThem()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a shell");
        string program = Path.Combine(AppContext.BaseDirectory, "MlNetEmotion.Detector.dll");
        string log = Path.Combine(folder.Root, "log");
        await ProgramProcess.Run("bash", "-c", $"{{ echo before; for i in 1 2; do dotnet '{program}' --demo --headless --max-frames 20 --model '{Model}' --events - 2> /dev/null & done; wait; echo after; }} > '{log}'");

        string[] lines = File.ReadAllLines(log);
        Assert.Equal(("before", "after", 2 + (2 * 20 * 3)), (lines[0], lines[^1], lines.Length));
        Assert.All(lines[1..^1], line => JsonDocument.Parse(line).Dispose());
    }

    [Fact]
    public async Task StandardOutput_Closed_SaysSoInOneLine()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a shell");
        string program = Path.Combine(AppContext.BaseDirectory, "MlNetEmotion.Detector.dll");
        (int exitCode, _, string error) = await ProgramProcess.Run("bash", "-c", $"dotnet '{program}' --demo --headless --max-frames 2 --model '{Model}' --events - >&-");

        Assert.Equal(("standard output is closed: redirect it to a file, a pipe or /dev/null.\n", 2), (error, exitCode));
    }

    // RGBA, half transparent (PNG specification, third edition): header, one chunk of rows with filter 0, end.
    private static byte[] AlphaPng(int width, int height)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (int y = 0; y < height; y++)
            {
                zlib.WriteByte(0);
                zlib.Write([.. Enumerable.Repeat<byte[]>([200, 150, 100, 128], width).SelectMany(pixel => pixel)]);
            }
        }

        byte[] header = [0, 0, 0, (byte)width, 0, 0, 0, (byte)height, 8, 6, 0, 0, 0];
        return [0x89, .. "PNG\r\n\u001a\n"u8, .. Chunk("IHDR", header), .. Chunk("IDAT", packed.ToArray()), .. Chunk("IEND", [])];
    }

    private static byte[] Chunk(string type, byte[] data)
    {
        byte[] chunk = [0, 0, 0, 0, .. Encoding.ASCII.GetBytes(type), .. data, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        uint crc = uint.MaxValue;
        foreach (byte value in chunk.AsSpan(4, 4 + data.Length))
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (0xEDB88320 & (0 - (crc & 1)));
            }
        }

        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + data.Length), ~crc);
        return chunk;
    }

    /// <summary>A small in-memory file system that is quickly full. Only root may mount it.</summary>
    internal sealed class SmallDisk(string root) : IDisposable
    {
        public string Root => root;

        public static async Task<SmallDisk> Mount(TemporaryFolder folder, int megabytes)
        {
            Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "needs root, to mount a small disk");
            string root = folder.CreateFolder("disk");
            (int exitCode, _, _) = await ProgramProcess.Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "none", root);
            Assert.SkipUnless(exitCode == 0, "this machine does not let root mount a small disk");
            return new SmallDisk(root);
        }

        public void Dispose() => ProgramProcess.Run("umount", root).GetAwaiter().GetResult();
    }
}
