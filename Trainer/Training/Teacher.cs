using System.Security.Cryptography;
using System.Text.Json.Serialization;
using MlNetEmotion.Programs;

namespace MlNetEmotion.Trainer.Training;

/// <summary>A trained network that another learns from, or several in one model.</summary>
/// <param name="File">The absolute path of its checkpoint or of its model.</param>
/// <param name="Hash">SHA-256 of that file, so that a resumed run learns from the same.</param>
internal sealed record Teacher(string File, string Hash)
{
    /// <summary>Gets whether it is a model rather than a checkpoint.</summary>
    [JsonIgnore]
    public bool IsModel => Path.GetExtension(File).Equals(".onnx", StringComparison.OrdinalIgnoreCase);

    /// <summary>Takes a teacher as it is now.</summary>
    /// <param name="file">The path of a checkpoint or a model, or the folder of a run, for the run's best checkpoint.</param>
    /// <exception cref="UsageException">There is no such file.</exception>
    public static Teacher Of(string file)
    {
        string path = Path.GetFullPath(Directory.Exists(file) ? new RunDirectory(file).BestCheckpoint : file);
        if (!System.IO.File.Exists(path))
        {
            throw new UsageException($"--teacher {file}: no checkpoint there; name a run's folder, its best.safetensors, or a model's file");
        }

        using FileStream content = System.IO.File.OpenRead(path);
        return new Teacher(path, Convert.ToHexStringLower(SHA256.HashData(content)));
    }
}
