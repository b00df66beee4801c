using System.CommandLine;
using MlNetEmotion.Programs;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Programs;

public sealed class CommandLineApplicationTests
{
    public static TheoryData<Exception, int> Failures => new()
    {
        { new IOException("No space left on device", 28), ExitCodes.Failure },
        { new IOException("Read-only file system", 30), ExitCodes.Usage },
        { new UnauthorizedAccessException("Access is denied."), ExitCodes.Usage },
        { new AggregateException(new UnauthorizedAccessException()), ExitCodes.Usage },
        { new IOException("Broken pipe", 32), ExitCodes.Failure },
        { new DirectoryNotFoundException(), ExitCodes.Usage },
        { new OperationCanceledException(), ExitCodes.Success },
    };

    [Theory]
    [MemberData(nameof(Failures), DisableDiscoveryEnumeration = true)]
    public async Task Run_ActionThatFails_ExitsAsEveryCommandDoes(Exception failure, int exitCode)
    {
        var root = new RootCommand();
        root.SetAction((_, _) => Task.FromException<int>(failure));
        Assert.Equal(exitCode, await CommandLineApplication.RunAsync(root, []));
    }
}
