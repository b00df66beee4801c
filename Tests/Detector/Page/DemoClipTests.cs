using System.Diagnostics;
using System.Runtime.CompilerServices;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Sources;
using OpenCvSharp;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Page;

/// <summary>The page's demo is a file, because browsers cannot play generated frames; it must match the Detector's demo.</summary>
public sealed class DemoClipTests
{
    // The mean difference in gray levels per frame, caused by compression.
    private const double MaxDifference = 3;

    [Fact]
    public void Clip_OfThePage_IsTheDetectorsDemo()
    {
        using IFrameSource clip = FrameSources.Open(Path.Combine(AppContext.BaseDirectory, "wwwroot/demo.webm"), _ => { }, stop: TestContext.Current.CancellationToken);
        using var demo = new DemoSource();
        using Frame expected = new(), found = new();
        for (int i = 0; i < DemoSource.CycleFrames; i++)
        {
            demo.Read(expected, out TimeSpan _);
            Assert.True(clip.Read(found, out TimeSpan timestamp), $"ends after {i} frames");

            Assert.Equal(i / demo.FramesPerSecond, timestamp.TotalSeconds, 0.002);
            double difference = Cv2.Norm(expected.Mat, found.Mat, NormTypes.L1) / expected.Bytes.Length;
            Assert.True(difference < MaxDifference, $"frame {i} differs by {difference}: write the clip anew, with '-explicit only -method *.Clip_WrittenAnew'");
        }

        Assert.False(clip.Read(found, out _));
    }

    [Fact(Explicit = true)]
    public async Task Clip_WrittenAnew()
    {
        string path = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(SourceFile())!, "../../../Detector/Page/demo.webm"));
        string size = $"{DemoSource.Width}x{DemoSource.Height}";
        using Process ffmpeg = Process.Start(new ProcessStartInfo(
            "ffmpeg", ["-y", "-v", "error", "-f", "rawvideo", "-pix_fmt", "bgr24", "-s", size, "-r", "25", "-i", "-", "-c:v", "libvpx-vp9", "-b:v", "0",
            "-crf", "30", "-pix_fmt", "yuv420p", "-g", "50", "-an", "-bitexact", "-map_metadata", "-1", path]) { UseShellExecute = false, RedirectStandardInput = true })!;
        using (var demo = new DemoSource())
        using (var frame = new Frame())
        {
            for (int i = 0; i < DemoSource.CycleFrames; i++)
            {
                demo.Read(frame, out TimeSpan _);
                ffmpeg.StandardInput.BaseStream.Write(frame.Bytes);
            }
        }

        ffmpeg.StandardInput.Close();
        await ffmpeg.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, ffmpeg.ExitCode);
    }

    private static string SourceFile([CallerFilePath] string path = "") => path;
}
