using System.Diagnostics.Metrics;
using MlNetEmotion.Programs.Archive;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Programs.Archive;

public sealed class ArchiveRunTests
{
    [Fact]
    public void Prepare_TemporaryFiles_RemovesThoseOfMoreThanADay()
    {
        using var folder = new TemporaryFolder();
        using var progress = new ArchiveProgress(new Shard(0, 1), inputs: 1, file: null);
        string young = folder.Write("1.parquet.a.tmp", "");
        string old = folder.Write("2.parquet.b.tmp", "");
        string result = folder.Write("3.parquet", "");
        File.SetLastWriteTimeUtc(young, DateTime.UtcNow.AddHours(-23));
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddHours(-25));
        File.SetLastWriteTimeUtc(result, DateTime.UtcNow.AddHours(-25));

        new ArchiveRun(folder.Root, "", progress).Prepare();

        Assert.Equal([young, result], Directory.GetFiles(folder.Root).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Progress_InputsDoneBefore_AreNoWorkThatIsLeft()
    {
        using var progress = new ArchiveProgress(new Shard(0, 1), inputs: 4_000_000, file: null);
        progress.DoneBefore(2_000_000);
        Assert.Null(progress.Snapshot("running").RemainingSeconds);
        for (int i = 0; i < 1000; i++)
        {
            progress.Done(new InputRecord("a.png", 1, 0, 0));
        }

        ShardProgress now = progress.Snapshot("running");

        Assert.Equal(1_999_000, now.RemainingSeconds!.Value * now.InputsPerSecond, 100_000.0);    // both are rounded
    }

    [Fact]
    public void Progress_FrameOfSeveralFaces_CountsEach()
    {
        var counts = new Dictionary<string, long>();
        using var progress = new ArchiveProgress(new Shard(0, 1), inputs: 2, file: null);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, all) =>
            {
                if (instrument.Meter.Name == ArchiveProgress.MeterName)
                {
                    all.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => counts[instrument.Name] = counts.GetValueOrDefault(instrument.Name) + value);
        listener.Start();

        progress.Frame(found: 3);
        progress.Frame(found: 0);
        progress.Done(new InputRecord("a.png", 1, 3, 0));

        ShardProgress now = progress.Snapshot("running");
        Assert.Equal((2L, 3L, 1L, 0L), (now.Frames, now.Faces, now.Done, now.Failed));
        Assert.Equal(new Dictionary<string, long> { ["mlnetemotion.archive.frames"] = 2, ["mlnetemotion.archive.faces"] = 3, ["mlnetemotion.archive.inputs"] = 1 }, counts);
    }
}
