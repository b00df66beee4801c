using System.Security.Cryptography;
using System.Text.Json.Serialization;
using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Export;
using MlNetEmotion.Trainer.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetEmotion.Trainer.Training;

/// <summary>A trained network that another learns from, or several in one model.</summary>
/// <param name="File">The absolute path of its checkpoint or of its model.</param>
/// <param name="Hash">SHA-256 of that file, so that a resumed run learns from the same.</param>
public sealed record Teacher(string File, string Hash)
{
    /// <summary>Whether it is a model rather than a checkpoint.</summary>
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

/// <summary>Networks trained before, whose mean probabilities another learns from (knowledge distillation, Hinton et al. 2015,
/// https://arxiv.org/abs/1503.02531). They see each face as the learner does, augmented and blended (Beyer et al. 2022,
/// https://arxiv.org/abs/2106.05237).</summary>
/// <param name="members">At least one; they belong to the ensemble from now on.</param>
/// <param name="compute">Where they compute.</param>
internal sealed class TeacherEnsemble(IReadOnlyList<EmotionNetwork> members, Compute compute) : IDisposable
{
    /// <summary>Loads teachers.</summary>
    /// <param name="teachers">At least one.</param>
    /// <param name="compute">Where they compute.</param>
    /// <exception cref="UsageException">A file is not what it was when the run began.</exception>
    public static TeacherEnsemble Load(IReadOnlyList<Teacher> teachers, Compute compute)
    {
        if (teachers.FirstOrDefault(teacher => Teacher.Of(teacher.File) != teacher) is { } changed)
        {
            throw new UsageException($"{changed.File}: not the teacher that the run began with, so it cannot go on; train anew");
        }

        var members = new List<EmotionNetwork>();
        try
        {
            foreach (Teacher teacher in teachers)
            {
                if (!teacher.IsModel)
                {
                    members.Add(Checkpoint.LoadNetwork(teacher.File, compute));
                    continue;
                }

                foreach (OnnxWeights weights in OnnxWeights.All(teacher.File))
                {
                    members.Add(Networks.Create(weights.Network, device: compute.Device, votes: weights.HasVotes));
                    weights.CopyTo(members[^1]);
                }
            }

            return new TeacherEnsemble(members, compute);
        }
        catch
        {
            members.ForEach(member => member.Dispose());
            throw;
        }
    }

    /// <summary>Replaces a share of what is to be learned by what the teachers say. Votes stay as they are where no teacher knows of votes.</summary>
    /// <param name="images">float32 [N, 1, 48, 48], each in [0, 255].</param>
    /// <param name="targets">float32 [N, 7], distributions, or with votes [N, 14]; changed in place.</param>
    /// <param name="share">The teachers' share, in [0, 1].</param>
    public void Teach(Tensor images, Tensor targets, double share)
    {
        using IDisposable noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor[] logits = [.. members.Select(member => Answer(member, images))];
        for (int head = 0; head < targets.shape[1] / Emotions.Count; head++)
        {
            Tensor[] said = [.. logits.Where(each => each.shape[1] > head * Emotions.Count).Select(each => softmax(each.Head(head), dim: 1))];
            if (said.Length > 0)
            {
                targets.Head(head).mul_(1 - share).add_(stack(said).mean([0]), alpha: share);
            }
        }
    }

    private Tensor Answer(EmotionNetwork member, Tensor images)
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
