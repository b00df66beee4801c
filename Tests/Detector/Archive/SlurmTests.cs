using System.Diagnostics;
using MlNetEmotion.Detector.Archive;
using MlNetEmotion.Programs.Archive;
using MlNetEmotion.Tests.Detector.Sources;
using MlNetEmotion.Tests.Shared;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Archive;

/// <summary>The array script on a real slurmctld and slurmd, on this machine alone.</summary>
public sealed class SlurmTests : IDisposable
{
    private const int Clips = 40;

    private static readonly string Scripts = Path.Combine(RepositoryRoot(), "eng");

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Array_OfEightShardsOneOfThemKilledAndRequeued_FindsEveryFrameOnce()
    {
        Assert.SkipUnless(new[] { "slurmctld", "slurmd", "munged", "sbatch" }.All(IsInstalled), "needs Slurm: eng/setup.sh installs it");
        Assert.SkipUnless(Environment.UserName == "root", "slurmd needs root");
        string[] clips = [.. Enumerable.Range(0, Clips).Select(i => At($"clip{i}.avi"))];
        for (int i = 1; i < Clips; i++)
        {
            VideoFile.Write(clips[i], 5 + i);
        }

        // A pipe that nobody writes to: the shard that comes to it gets no further.
        await ProgramProcess.Run("mkfifo", clips[0]);
        string list = "@" + folder.Write("list.txt", string.Join('\n', clips));
        using var slurm = new ProgramProcess(new ProcessStartInfo(Path.Combine(Scripts, "slurm-loopback.sh"), [At("slurm")]));
        try
        {
            await slurm.WaitForLine("ready");
            await RunKillAndRequeue(list, clips);
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
        (string, long)[] expected = [.. Enumerable.Range(0, Clips).SelectMany(i => Enumerable.Range(0, 5 + i).Select(frame => (clips[i], (long)frame)))];
        Assert.Equal(expected.Length, frames.Length);
        Assert.Equal(expected.ToHashSet(), frames.ToHashSet());
    }

    private async Task RunKillAndRequeue(string list, string[] clips)
    {
        int stuck = ShardOf(clips[0], clips);
        string job = (await Slurm("sbatch", "--parsable", "--array=0-7", $"--output={At("task")}-%a.log", $"--export=ALL,DETECTOR=dotnet {Program}",
            Path.Combine(Scripts, "archive.sbatch"), "--model", Fixture.Model("tiny"), "--cropped", "--input", list, "--events", At("results"))).Trim();
        await Until(() => Squeue(job) == $"{stuck} R\n");
        Assert.Equal(1, (await Merge(list)).ExitCode);
        await Slurm("scancel", "--signal=KILL", "--full", $"{job}_{stuck}");
        await Until(() => Squeue(job).Length == 0);
        (int exitCode, _, string error) = await Merge(list);
        Assert.Equal(1, exitCode);
        Assert.Contains(clips[0], error, StringComparison.Ordinal);

        File.Delete(clips[0]);
        VideoFile.Write(clips[0], 5);
        await Slurm("scontrol", "requeue", $"{job}_{stuck}");
        await Until(() => Squeue(job).Length == 0);
    }

    private static string Program => Path.Combine(AppContext.BaseDirectory, "MlNetEmotion.Detector.dll");

    private static string RepositoryRoot([System.Runtime.CompilerServices.CallerFilePath] string path = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "..", "..", ".."));

    private static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin").Any(folder => File.Exists(Path.Combine(folder, program)));

    private static int ShardOf(string clip, string[] clips)
    {
        IReadOnlyList<ArchiveInput> inputs = ShardRun.Plan.Inputs(clips, Assert.Fail);
        return Enumerable.Range(0, 8).Single(i => ArchivePlan.PartsOf(new Shard(i, 8), inputs, "", bySize: false).Any(part => part.Inputs[0].Path == clip));
    }

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

    private string At(string name) => Path.Combine(folder.Root, name);
}
