using MlNetEmotion.Programs;

namespace MlNetEmotion.Trainer.Training;

/// <summary>What a training run leaves in its folder, and under which names.</summary>
/// <param name="Folder">The run's folder.</param>
internal sealed record RunDirectory(string Folder)
{
    /// <summary>A new folder for a run that was given no name.</summary>
    public static RunDirectory Dated()
    {
        string name = Path.Combine("runs", $"{DateTime.Now:yyyyMMdd-HHmmss}");
        string free = name;
        for (int i = 2; Directory.Exists(free) || File.Exists(OutputLocks.PathOf(free)); i++)
        {
            free = $"{name}-{i}";
        }

        return new RunDirectory(free);
    }

    /// <summary>Keeps other processes out of the folder until it is disposed.</summary>
    /// <exception cref="UsageException">Another process works in there.</exception>
    public IDisposable Lock()
    {
        OutputFiles.CreateFolderOf(Folder);
        return new OutputLocks(Folder);
    }

    /// <summary>Gets the checkpoint from which the run goes on.</summary>
    public string LastCheckpoint => Path.Combine(Folder, "last.safetensors");

    /// <summary>Gets the checkpoint of the best epoch, by <see cref="TrainingPosition.BestOf"/>.</summary>
    public string BestCheckpoint => Path.Combine(Folder, "best.safetensors");

    /// <summary>Gets the exported model.</summary>
    public string Model => Path.Combine(Folder, "emotion.onnx");

    /// <summary>Gets the evaluation of the exported model.</summary>
    public string Evaluation => Path.Combine(Folder, "evaluation.json");

    /// <summary>Gets the report.</summary>
    public string Report => Path.Combine(Folder, "report.html");
}
