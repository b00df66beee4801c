using System.CommandLine;
using MlNetEmotion.Trainer.Commands;

namespace MlNetEmotion.Tests.Trainer.Commands;

/// <summary>Runs a command line in this process.</summary>
internal static class CommandRun
{
    public static async Task<int> ExitCode(params string[] args) => (await Run(args)).ExitCode;

    /// <summary>Runs it to completion; in a separate process if its output cannot be captured.</summary>
    public static Task<(int ExitCode, string Output, string Error)> Run(params string[] args) =>
        InProcess.IsPossible ? InProcess.Run(Root, args) : TrainerProcess.Run(args);

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

    private static RootCommand Root() => new()
    {
        TrainCommand.Create(), EvaluateCommand.Create(), CalibrateCommand.Create(), CombineCommand.Create(), ExportCommand.Create(), AdoptCommand.Create(), SamplesCommand.Create(),
        GenerateCommand.Create(), BenchmarkCommand.Create(),
    };
}
