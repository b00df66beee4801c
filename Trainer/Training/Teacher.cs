using System.Security.Cryptography;
using MlNetEmotion.CommandLine;

namespace MlNetEmotion.Trainer.Training;

/// <summary>A trained network that another learns from.</summary>
/// <param name="Checkpoint">The absolute path of its checkpoint.</param>
/// <param name="Hash">SHA-256 of that file, so that a resumed run learns from the same.</param>
internal sealed record Teacher(string Checkpoint, string Hash)
{
    /// <summary>Takes a checkpoint as it is now.</summary>
    /// <param name="checkpoint">Its path, or the folder of a run, for the run's best.</param>
    /// <exception cref="UsageException">There is no such file.</exception>
    public static Teacher Of(string checkpoint)
    {
        string path = Path.GetFullPath(Directory.Exists(checkpoint) ? new RunDirectory(checkpoint).BestCheckpoint : checkpoint);
        if (!File.Exists(path))
        {
            throw new UsageException($"--teacher {checkpoint}: no checkpoint there; name a run's folder, or its best.safetensors");
        }

        using FileStream file = File.OpenRead(path);
        return new Teacher(path, Convert.ToHexStringLower(SHA256.HashData(file)));
    }
}
