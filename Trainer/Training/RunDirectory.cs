namespace MlNetEmotion.Trainer.Training;

/// <summary>The files of a training run in its folder.</summary>
internal sealed record RunDirectory(string Folder)
{
    /// <summary>Returns a folder that does not exist yet, named by date and time.</summary>
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

    /// <summary>Locks the folder against other processes until the result is disposed.</summary>
    /// <exception cref="UsageException">Another process uses the folder.</exception>
    public IDisposable Lock()
    {
        OutputFiles.CreateFolderOf(Folder);
        return new OutputLocks(Folder);
    }

    /// <summary>The latest checkpoint, from which the run is resumed.</summary>
    public string LastCheckpoint => Path.Combine(Folder, "last.safetensors");

    /// <summary>The checkpoint of the best epoch, as <see cref="TrainingProgress.BestOf"/> defines it.</summary>
    public string BestCheckpoint => Path.Combine(Folder, "best.safetensors");

    /// <summary>The boxes in which the detector found the training faces, if the run uses them.</summary>
    public string DetectorBoxes => Path.Combine(Folder, "boxes.safetensors");

    public string Model => Path.Combine(Folder, "emotion.onnx");

    public string Evaluation => Path.Combine(Folder, "evaluation.json");

    public string Report => Path.Combine(Folder, "report.html");
}
