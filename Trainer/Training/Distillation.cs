using System.Security.Cryptography;
using System.Text.Json.Serialization;
using MlNetEmotion.Trainer.Export;
using MlNetEmotion.Trainer.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetEmotion.Trainer.Training;

/// <summary>A trained network, or a model with several, used as a teacher.</summary>
/// <param name="File">The absolute path of the checkpoint or model.</param>
/// <param name="Hash">SHA-256 of the file, so that a resumed run uses the same teacher.</param>
public sealed record Teacher(string File, string Hash)
{
    /// <summary>Whether the file is a model and not a checkpoint.</summary>
    [JsonIgnore]
    public bool IsModel => Path.GetExtension(File).Equals(".onnx", StringComparison.OrdinalIgnoreCase);

    /// <summary>Names a teacher and hashes its file.</summary>
    /// <param name="file">A checkpoint, a model, or a run's folder, which stands for the run's best checkpoint.</param>
    /// <exception cref="UsageException">The file does not exist.</exception>
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

/// <summary>Knowledge distillation (Hinton et al. 2015, https://arxiv.org/abs/1503.02531): mixes the mean probabilities of trained networks into the
/// targets. Teachers see each face as the student does, augmented and mixed (Beyer et al. 2022, https://arxiv.org/abs/2106.05237).</summary>
/// <param name="members">At least one teacher; disposed with this object.</param>
internal sealed class Distillation(IReadOnlyList<EmotionNetwork> members, Compute compute) : IDisposable
{
    /// <summary>Loads one or more teachers.</summary>
    /// <exception cref="UsageException">A teacher's file has changed since the run began.</exception>
    public static Distillation Load(IReadOnlyList<Teacher> teachers, Compute compute)
    {
        if (teachers.FirstOrDefault(teacher => Teacher.Of(teacher.File) != teacher) is { } changed)
        {
            throw new UsageException($"{changed.File}: the teacher's file has changed since the run began, so the run cannot be resumed; start a new one");
        }

        var members = new List<EmotionNetwork>();
        try
        {
            foreach (Teacher teacher in teachers)
            {
                members.AddRange(teacher.IsModel
                    ? OnnxWeights.All(teacher.File).Select(weights => weights.ToNetwork(compute.Device))
                    : [Checkpoint.LoadNetwork(teacher.File, compute)]);
            }

            return new Distillation(members, compute);
        }
        catch
        {
            members.ForEach(member => member.Dispose());
            throw;
        }
    }

    /// <summary>Replaces a share of the targets by the teachers' mean probabilities, in place; all of a target of zeros. If no teacher has a vote head, vote
    /// targets stay unchanged.</summary>
    /// <param name="images">float32 [N, 1, 48, 48], each in [0, 255].</param>
    /// <param name="targets">float32 [N, 7], or [N, 14] with votes; each row of 7 sums to 1, or to 0 if the face has no label.</param>
    /// <param name="share">The teachers' share, in [0, 1].</param>
    public void MixTargets(Tensor images, Tensor targets, double share)
    {
        using IDisposable noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor[] logits = [.. members.Select(member => Logits(member, images))];
        for (int head = 0; head < targets.shape[1] / Emotions.Count; head++)
        {
            Tensor[] said = [.. logits.Where(each => each.shape[1] > head * Emotions.Count).Select(each => softmax(each.Head(head), dim: 1))];
            if (said.Length > 0)
            {
                Tensor target = targets.Head(head).mul_(1 - share);
                target.add_(stack(said).mean([0]) * (1 - target.sum(1, keepdim: true)));
            }
        }
    }

    private Tensor Logits(EmotionNetwork member, Tensor images)
    {
        member.eval();
        return member.Logits(images, compute.Bfloat16);
    }

    public void Dispose()
    {
        foreach (EmotionNetwork member in members)
        {
            member.Dispose();
        }
    }
}
