using System.CommandLine;
using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Commands;

namespace MlNetEmotion.Tests.Trainer.Commands;

/// <summary>Runs a command line in this process.</summary>
internal static class CommandRun
{
    public static Task<int> ExitCode(params string[] args) => CommandLineApplication.RunAsync(Root(), args);

    /// <summary>The output of a command line that succeeds.</summary>
    public static async Task<(string Output, string Error)> Text(params string[] args)
    {
        var configuration = new InvocationConfiguration
        {
            Output = new StringWriter { NewLine = "\n" }, Error = new StringWriter { NewLine = "\n" }, EnableDefaultExceptionHandler = false,
        };
        await Root().Parse(args).InvokeAsync(configuration);
        return ($"{configuration.Output}", $"{configuration.Error}");
    }

    private static RootCommand Root() => new() { EvaluateCommand.Create(), CalibrateCommand.Create(), GenerateCommand.Create(), SamplesCommand.Create() };
}
