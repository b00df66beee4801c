using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Augmentation;
using MlNetEmotion.Trainer.Network;

namespace MlNetEmotion.Trainer.Training;

/// <summary>What moves the weights.</summary>
public enum OptimizerKind
{
    /// <summary>Stochastic gradient descent with Nesterov momentum (Sutskever et al. 2013, https://proceedings.mlr.press/v28/sutskever13.html).</summary>
    Sgd,

    /// <summary>Adam with decoupled weight decay (Loshchilov and Hutter 2019, https://arxiv.org/abs/1711.05101).</summary>
    Adam,
}

/// <summary>Everything that decides a training run's result, but for the data; kept in its checkpoints. A setting's line is its option too.</summary>
public sealed record TrainingOptions
{
    private static readonly TrainingOptions Usual = new();

#pragma warning disable CS1591 // what a setting is stands in its help, once
    /// <summary>Gets the network's name, one of <see cref="Networks"/>.</summary>
    public string Network { get; init; } = "emonet";

    /// <summary>Gets the model file that the weights come from at the start; null for fresh ones.</summary>
    public string? From { get; init; }

    /// <summary>Gets the networks that this one learns from beside the labels; none for labels alone.</summary>
    public IReadOnlyList<Teacher> Teachers { get; init; } = [];

    /// <summary>Gets the files of people's votes that a second head learns from; none for labels alone.</summary>
    public IReadOnlyList<string> Votes { get; init; } = [];

    [Setting("Passes over the training images", Min = 1)] public int Epochs { get; init; } = 60;

    [Setting("Images a step", Min = 2)] public int BatchSize { get; init; } = 128;

    [Setting("What moves the weights")] public OptimizerKind Optimizer { get; init; } = OptimizerKind.Sgd;

    [Setting("The highest learning rate", Min = 0, Max = 100)] public double LearningRate { get; init; } = 0.1;

    [Setting("Epochs in which the learning rate rises", Min = 0, Max = 1000)] public double WarmupEpochs { get; init; } = 1;

    [Setting("SGD's momentum", Min = 0, Max = 1)] public double Momentum { get; init; } = 0.9;

    [Setting("Pull of weights to zero", Min = 0, Max = 1)] public double WeightDecay { get; init; } = 5e-4;

    [Setting("Share of a target that is spread over all classes", Min = 0, Max = 1)] public double LabelSmoothing { get; init; } = 0.1;

    [Setting("Sharpness-aware steps of this radius, in twice the time; 0 for plain steps", Min = 0, Max = 10)] public double SharpnessRadius { get; init; }

    [Setting("How far an epoch evens out the classes' shares, from 0 to 1", Min = 0, Max = 1)] public double Balance { get; init; }

    [Setting("The teachers' share of what is to be learned; the labels have the rest", Min = 0, Max = 1)] public double TeacherShare { get; init; } = 0.7;

    [Setting("The votes' share of what is to be learned; labels and teachers have the rest", Min = 0, Max = 1)] public double VoteShare { get; init; } = 0.5;

    [Setting("What a model that learned votes answers with: as images are labelled, as people vote, or the mean; auto for the best on the validation images")]
    public Answer Answer { get; init; }

    [Setting("Share of the weight average that stays at a step; 0 for no average", Min = 0, Max = 1)] public double EmaDecay { get; init; } = 0.998;

    [Setting("Stop after so many epochs without a better validation accuracy; 0 for never", Min = 0)] public int Patience { get; init; }

    [Setting("Decides initial weights, order, augmentation and dropout")] public int Seed { get; init; } = 1;

    [Setting("What convolutions compute in")] public Precision Precision { get; init; }

    [Setting("Where to compute: auto, cpu or cuda", OneOf = ["auto", "cpu", "cuda"])] public string Device { get; init; } = "auto";

    /// <summary>Gets how faces vary from epoch to epoch.</summary>
    public AugmentationOptions Augmentation { get; init; } = new();

    /// <summary>Checks all settings, those of the augmentation too, against the ranges that the command line has for them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range; the message names both.</exception>
    /// <exception cref="ArgumentException">A setting was changed that has no effect without another.</exception>
    internal void Validate()
    {
        Require(Teachers is not null, Teachers, nameof(Teachers), "a list, which may be empty");
        Require(Votes is not null, Votes, nameof(Votes), "a list, which may be empty");
        Require(Augmentation is not null, Augmentation, nameof(Augmentation), $"some, or {nameof(AugmentationOptions)}.{nameof(AugmentationOptions.None)}");
        Require(Network is not null && Networks.Find(Network) is not null, Network, nameof(Network), $"one of {string.Join(", ", Networks.Names)}");
        SettingAttribute.Check(this);
        Augmentation!.Validate();
        RequireEffect(TeacherShare.Equals(Usual.TeacherShare) || Teachers!.Count > 0, nameof(TeacherShare), TeacherShare, $"a teacher in {nameof(Teachers)}");
        RequireEffect(VoteShare.Equals(Usual.VoteShare) || Votes!.Count > 0, nameof(VoteShare), VoteShare, $"a file in {nameof(Votes)}");
        RequireEffect(Answer == Usual.Answer || Votes!.Count > 0, nameof(Answer), Answer, $"a file in {nameof(Votes)}");
        RequireEffect(Momentum.Equals(Usual.Momentum) || Optimizer == OptimizerKind.Sgd, nameof(Momentum), Momentum, $"{nameof(Optimizer)} = {nameof(OptimizerKind)}.{OptimizerKind.Sgd}");

        static void RequireEffect(bool hasEffect, string name, object value, string needed)
        {
            if (!hasEffect)
            {
                throw new ArgumentException(FormattableString.Invariant($"{name} is {value}, which has no effect without {needed}: add that, or leave it out"), name);
            }
        }

        static void Require(bool holds, object? value, string name, string expected)
        {
            if (!holds)
            {
                throw new ArgumentOutOfRangeException(name, value, $"{name} is {value ?? "null"}, but must be {expected}");
            }
        }
    }

    /// <summary>The settings that were found to suit a network; a command line changes what it names.</summary>
    /// <param name="network">The network's name.</param>
    public static TrainingOptions For(string network) => network == "classic"
        ? new TrainingOptions
        {
            Network = network,
            Epochs = 12,
            BatchSize = 64,
            Optimizer = OptimizerKind.Adam,
            LearningRate = 1e-3,
            WeightDecay = 1e-2,
            LabelSmoothing = 0,
            Augmentation = new AugmentationOptions { RotationDegrees = 5, Shift = 0.05f, Scale = 0.05f, ErasingProbability = 0 },
        }
        : new TrainingOptions { Network = network };
}
