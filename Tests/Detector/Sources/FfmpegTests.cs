using System.Diagnostics;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Sources;

public sealed class FfmpegTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    // .NET and Windows start a program in the working folder before one on the PATH: here one that came with a downloaded video.
    [Fact]
    [NeedsLinux("sh")]
    public async Task Start_ProgramOfThatNameInTheWorkingFolder_IsNotRun()
    {
        string downloads = folder.CreateFolder("downloads");
        string trap = folder.Write("downloads/ffmpeg", $"#!/bin/sh\ntouch {folder.Root}/was-run\nexit 1\n");
        await ProgramProcess.Run("chmod", "+x", trap);
        string clip = Path.Combine(AppContext.BaseDirectory, "wwwroot", "demo.webm");
        ProcessStartInfo start = DetectorProcess.Start(display: null, dataFolder: null, ["--input", clip, "--cropped", "--headless", "--max-frames", "3", "--output", "out.mp4"]);
        start.WorkingDirectory = downloads;

        using var detector = new ProgramProcess(start);
        (int exitCode, _, string error) = await detector.Exit();

        Assert.True(exitCode == 0, error);
        Assert.False(File.Exists(Path.Combine(folder.Root, "was-run")));
    }

    [Fact]
    [NeedsLinux("file modes")]
    public async Task Find_NoFileOrNoProgram_IsPassedOver()
    {
        folder.Write("text/mlnetemotion-tool", "no program");
        string program = folder.Write("program/mlnetemotion-tool", "#!/bin/sh\n");
        await ProgramProcess.Run("chmod", "+x", program);
        string before = Environment.GetEnvironmentVariable("PATH")!;
        try
        {
            Environment.SetEnvironmentVariable("PATH", $"{before}::relative:{folder.Root}/missing:{folder.Root}/text:{folder.Root}/program");

            Assert.Equal(program, Ffmpeg.Find("mlnetemotion-tool"));
            Assert.Null(Ffmpeg.Find("mlnetemotion-other-tool"));
        }
        finally
        {
            Environment.SetEnvironmentVariable("PATH", before);
        }
    }
}
