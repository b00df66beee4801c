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

    [Theory]
    [InlineData(ExitCodes.Usage, "clip.mp4", "sub")]
    [InlineData(ExitCodes.Usage, "--demo", "sub")]
    [InlineData(ExitCodes.Usage, "--demo", "sub", "leaf")]
    [InlineData(ExitCodes.Usage, "sub", "--own", "x", "leaf")]
    [InlineData(ExitCodes.Usage, "--both", "x", "sub", "leaf")]
    [InlineData(7, "--both", "x", "sub")]
    [InlineData(7, "--verbose", "sub")]
    [InlineData(7, "sub", "--own", "x")]
    [InlineData(7, "sub", "leaf")]
    [InlineData(7, "clip.mp4", "--demo")]
    public async Task Run_WhatTheSubcommandDoesNotTake_IsRefusedRatherThanIgnored(int exitCode, params string[] args)
    {
        var both = new Option<string>("--both");
        var leaf = new Command("leaf");
        var sub = new Command("sub") { both, new Option<string>("--own"), leaf };
        var root = new RootCommand { new Argument<string[]>("input") { Arity = ArgumentArity.ZeroOrMore }, new Option<bool>("--demo"), both, sub };
        foreach (Command command in new[] { root, sub, leaf })
        {
            command.SetAction(_ => 7);
        }

        Assert.Equal(exitCode, await CommandLineApplication.RunAsync(root, args));
    }
}
