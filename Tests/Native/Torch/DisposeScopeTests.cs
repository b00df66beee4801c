using MlNetEmotion.Native.Torch;
using Xunit;

namespace MlNetEmotion.Tests.Native.Torch;

public sealed class DisposeScopeTests
{
    [Fact]
    public void Scope_AtItsEnd_FreesWhatWasMadeInIt()
    {
        Tensor inside, kept, outside = torch.zeros([1]);
        using (torch.NewDisposeScope())
        {
            inside = torch.zeros([1]);
            kept = torch.zeros([1]).DetachFromDisposeScope();
        }

        Assert.Throws<ObjectDisposedException>(inside.ToArray);
        Assert.Equal([0f], kept.ToArray());
        Assert.Equal([0f], outside.ToArray());
        kept.Dispose();
        outside.Dispose();
    }

    [Fact]
    public void Scope_WithinAnother_FreesOnlyItsOwn()
    {
        using DisposeScope outer = torch.NewDisposeScope();
        Tensor before = torch.zeros([1]);
        using (torch.NewDisposeScope())
        {
            before.mul_(2);
        }

        Tensor after = torch.zeros([1]);
        Assert.Equal([0f], before.ToArray());
        outer.Dispose();
        Assert.Throws<ObjectDisposedException>(before.ToArray);
        Assert.Throws<ObjectDisposedException>(after.ToArray);
    }

    [Fact]
    public async Task Scope_OfOneThread_LeavesOthersTensorsAlone()
    {
        Tensor? other = null;
        using (torch.NewDisposeScope())
        {
            await Task.Factory.StartNew(
                () => other = torch.zeros([1]), TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }

        Assert.Equal([0f], other!.ToArray());
        other.Dispose();
    }
}
