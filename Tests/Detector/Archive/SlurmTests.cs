using System.Diagnostics;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Tests.Detector.Sources;
using MlNetEmotion.Tests.Shared;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Archive;

/// <summary>The array script on a real slurmctld, with a slurmd on two machines: this one and, if permitted, a network namespace.</summary>
[Trait("Speed", "slow")]
[NeedsLinux("Slurm")]
public sealed class SlurmTests : IDisposable
{
    private const int Clips = 40;
    private const int Images = 6;

    private static readonly string Scripts = Path.Combine(RepositoryRoot(), "eng");

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Array_OfEightShardsOneOfThemKilledAndRequeued_FindsEveryFrameOnce()
    {
        Assert.SkipUnless(new[] { "slurmctld", "slurmd", "munged", "sbatch" }.All(IsInstalled), "needs Slurm: eng/setup.sh installs it");
        Assert.SkipUnless(Environment.UserName == "root", "slurmd needs root");
        string[] clips = [.. Enumerable.Range(0, Clips).Select(i => VideoFile.Write(At($"clip{i}.avi"), 5 + i))];
        string[] images = [.. Enumerable.Range(0, Images).Select(i => folder.WritePgm($"face{i}.pgm", TemporaryFolder.Face((byte)(10 * i))))];

        // A pipe without a writer: the shard that reads it is stuck in the middle of its part of images.
        File.Delete(images[Images / 2]);
        await ProgramProcess.Run("mkfifo", images[Images / 2]);
        string list = "@" + folder.Write("list.txt", string.Join('\n', clips.Concat(images)));
        using var slurm = new ProgramProcess(new ProcessStartInfo(Path.Combine(Scripts, "slurm-loopback.sh"), [At("slurm")]));
        try
        {
            await slurm.WaitForLine("ready");
            await RunKillAndRequeue(list, images[Images / 2]);
        }
        finally
        {
            slurm.Signal("TERM");
            await slurm.Exit();
        }

        (int exitCode, _, string error) = await Merge(list);
        Assert.Equal(("", 0), (error, exitCode));
        using var table = new FaceTableReader(At("faces.parquet"));
        (string, long)[] frames = [.. table.Groups().SelectMany(group => group).Select(row => (row.Source, row.Frame))];
        (string, long)[] expected = [.. Enumerable.Range(0, Clips).SelectMany(i => Enumerable.Range(0, 5 + i).Select(frame => (clips[i], (long)frame))), .. images.Select(image => (image, 0L))];
        Assert.Equal(expected.Length, frames.Length);
        Assert.Equal(expected.ToHashSet(), frames.ToHashSet());
    }

    private async Task RunKillAndRequeue(string list, string pipe)
    {
        const int stuck = 0;    // a few images form one part, the first
        string job = (await Slurm("sbatch", "--parsable", "--array=0-7", $"--output={At("task")}-%a.%N", $"--export=ALL,DETECTOR=dotnet {Program}",
            Path.Combine(Scripts, "archive.sbatch"), "--model", Fixture.Model("tiny"), "--cropped", "--input", list, "--events", At("results"))).Trim();
        await Until(() => Squeue(job) == $"{stuck} R\n");
        string[] machines = (await Slurm("sinfo", "--noheader", "--Node", "--format=%N")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(machines.ToHashSet(), Directory.EnumerateFiles(folder.Root, "task-*").Select(path => Path.GetExtension(path)[1..]).ToHashSet());
        Assert.Equal(1, (await Merge(list)).ExitCode);
        await Slurm("scancel", "--signal=KILL", "--full", $"{job}_{stuck}");
        await Until(() => Squeue(job).Length == 0);
        (int exitCode, _, string error) = await Merge(list);
        Assert.Equal(1, exitCode);
        Assert.Contains($"missing: {Images} inputs: ", error, StringComparison.Ordinal);

        File.Delete(pipe);
        folder.WritePgm(Path.GetFileName(pipe), TemporaryFolder.Face(99));
        await Slurm("scontrol", "requeue", $"{job}_{stuck}");
        await Until(() => Squeue(job).Length == 0);
    }

    private static string Program => Path.Combine(AppContext.BaseDirectory, "MlNetEmotion.Detector.dll");

    private static string RepositoryRoot([System.Runtime.CompilerServices.CallerFilePath] string path = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "..", "..", ".."));

    private static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin").Any(folder => File.Exists(Path.Combine(folder, program)));

    private static async Task Until(Func<bool> isSo)
    {
        var clock = Stopwatch.StartNew();
        while (!isSo())
        {
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(3), "Slurm did not come so far");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private async Task<string> Slurm(string program, params string[] args)
    {
        var start = new ProcessStartInfo(program, args);
        start.Environment["SLURM_CONF"] = At("slurm/slurm.conf");
        using var run = new ProgramProcess(start);
        (int exitCode, string output, string error) = await run.Exit();
        Assert.Equal(("", 0), (error, exitCode));
        return output;
    }

    private string Squeue(string job) => Slurm("squeue", "--noheader", "--array", "--format=%K %t", $"--jobs={job}").GetAwaiter().GetResult();

    private Task<(int ExitCode, string Output, string Error)> Merge(string list) =>
        DetectorProcess.Run("merge", At("results"), "--manifest", list, "--output", At("faces.parquet"), "--force");

    private string At(string name) => folder.At(name);
}
