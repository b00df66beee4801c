using MlNetEmotion.Detector.Display;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Display;

public sealed class SnapshotsTests
{
    [Fact]
    public void Save_TwiceInASecond_KeepsBoth()
    {
        using var folder = new TemporaryFolder();
        string target = Path.Combine(folder.Root, "new");
        var time = new DateTime(2026, 3, 4, 5, 6, 7);

        Assert.Equal(Path.Combine(target, "snapshot-20260304-050607.png"), Snapshots.Save(target, [1], time));
        Assert.Equal(Path.Combine(target, "snapshot-20260304-050607-2.png"), Snapshots.Save(target, [2], time));
        Assert.Equal([1], File.ReadAllBytes(Path.Combine(target, "snapshot-20260304-050607.png")));
    }
}
