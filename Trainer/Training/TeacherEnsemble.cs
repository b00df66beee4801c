using MlNetEmotion.Programs;
using MlNetEmotion.Native.Torch;
using MlNetEmotion.Trainer.Export;
using static MlNetEmotion.Native.Torch.torch.nn;

namespace MlNetEmotion.Trainer.Training;

/// <summary>Networks trained before, whose mean probabilities another learns from (knowledge distillation, Hinton et al. 2015,
/// https://arxiv.org/abs/1503.02531). They see each face as the learner does, augmented and blended (Beyer et al. 2022,
/// https://arxiv.org/abs/2106.05237).</summary>
internal sealed class TeacherEnsemble : IDisposable
{
    private readonly IReadOnlyList<TrainingSession> members;

    /// <summary>Makes an ensemble, whose members' averaged weights teach.</summary>
    /// <param name="members">At least one; they belong to the ensemble from now on.</param>
    public TeacherEnsemble(IReadOnlyList<TrainingSession> members)
    {
        this.members = members;
        foreach (TrainingSession member in members)
        {
            member.Average.CopyToNetwork();
            member.Network.train(false);
        }
    }

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

        var members = new List<TrainingSession>();
        try
        {
            foreach (Teacher teacher in teachers)
            {
                members.AddRange(teacher.IsModel
                    ? OnnxWeights.All(teacher.File).Select(member => PretrainedWeights.Session(member.Network, member.Weights, compute))
                    : [Checkpoint.Load(teacher.File, compute).Session]);
            }

            return new TeacherEnsemble(members);
        }
        catch
        {
            members.ForEach(member => member.Dispose());
            throw;
        }
    }

    /// <summary>Replaces a share of what is to be learned by what the teachers say.</summary>
    /// <param name="images">float32 [N, 1, 48, 48], each in [0, 255].</param>
    /// <param name="targets">float32 [N, 7], distributions; changed in place.</param>
    /// <param name="share">The teachers' share, in [0, 1].</param>
    public void Teach(Tensor images, Tensor targets, double share)
    {
        using IDisposable noGrad = torch.no_grad();
        using DisposeScope scope = torch.NewDisposeScope();
        targets.mul_(1 - share);
        foreach (TrainingSession member in members)
        {
            targets.add_(functional.softmax(member.Logits(images), dim: 1), share / members.Count);
        }
    }

    /// <summary>Frees the teachers.</summary>
    public void Dispose()
    {
        foreach (TrainingSession member in members)
        {
            member.Dispose();
        }
    }
}
