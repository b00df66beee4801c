using MlNetEmotion.Detector.Serving;
using MlNetEmotion.Programs;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Serving;

public sealed class IdleConnectionTests : IDisposable
{
    private readonly ManualTime time = new();
    private readonly IdleConnection connection;
    private bool isClosed;
    private bool isAborted;

    public IdleConnectionTests() => connection = new IdleConnection(new RunningTime(time), () => isClosed = true, () => isAborted = true);

    public void Dispose() => connection.Dispose();

    [Fact]
    public void Connection_WithoutARequest_IsClosedAfterItsTime()
    {
        time.Run(milliseconds: 129_999);
        Assert.False(isClosed);

        time.Run(milliseconds: 1);
        Assert.True(isClosed);
        time.Run(milliseconds: 4999);
        Assert.False(isAborted);    // five seconds for an orderly close

        time.Run(milliseconds: 1);
        Assert.True(isAborted);
    }

    [Fact]
    public void Connection_WhileARequestIsAnswered_StaysOpen()
    {
        connection.Begin();
        connection.Begin();    // HTTP/2 has several requests per connection
        connection.End();
        time.Run(milliseconds: 600_000);
        Assert.False(isClosed);

        connection.End();
        time.Run(milliseconds: 129_999);
        Assert.False(isClosed);

        time.Run(milliseconds: 1);
        Assert.True(isClosed);
    }

    [Fact]
    public void Connection_OverAPauseOfTheProcess_StaysOpen()
    {
        time.Run(milliseconds: 1000);
        time.StandStill(milliseconds: 600_000);
        time.Run(milliseconds: 127_000);

        Assert.False(isClosed);
    }
}
