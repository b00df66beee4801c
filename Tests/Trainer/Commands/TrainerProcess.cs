namespace MlNetEmotion.Tests.Trainer.Commands;

/// <summary>The Trainer as a user starts it.</summary>
internal sealed class TrainerProcess(params string[] args) : ProgramProcess(Beside("Trainer", args))
{
    public static async Task<(int ExitCode, string Output, string Error)> Run(params string[] args)
    {
        using var trainer = new TrainerProcess(args);
        return await trainer.Exit();
    }
}
