using System.Text.Json.Serialization;
using MlNetEmotion.Trainer.Augmentation;
using MlNetEmotion.Trainer.Network;

namespace MlNetEmotion.Trainer.Training;

/// <summary>The optimization algorithm.</summary>
public enum OptimizerKind
{
    /// <summary>Stochastic gradient descent with Nesterov momentum (Sutskever et al. 2013, https://proceedings.mlr.press/v28/sutskever13.html).</summary>
    Sgd,

    /// <summary>Adam with decoupled weight decay (Loshchilov and Hutter 2019, https://arxiv.org/abs/1711.05101).</summary>
    Adam,
}

/// <summary>The settings of a training run: everything but the data that decides its result. They are stored in checkpoints, and most are command-line
/// options.</summary>
public sealed record TrainingOptions
{
    private static readonly TrainingOptions Usual = new();

#pragma warning disable CS1591 // a setting is documented by its help text
    /// <summary>The network's name, one of <see cref="Networks"/>.</summary>
    public string Network { get; init; } = "emonet";

    /// <summary>The model file to start from; null for random initial weights.</summary>
    public string? From { get; init; }

    /// <summary>The teachers for distillation; empty for none.</summary>
    public IReadOnlyList<Teacher> Teachers { get; init; } = [];

    /// <summary>The files of people's votes, which train a second head; empty for none.</summary>
    public IReadOnlyList<string> Votes { get; init; } = [];

    [Setting("Passes over the training images", Min = 1)] public int Epochs { get; init; } = 60;

    [Setting("Images per step", Min = 2)] public int BatchSize { get; init; } = 128;

    [Setting("The optimization algorithm")] public OptimizerKind Optimizer { get; init; } = OptimizerKind.Sgd;

    [Setting("The highest learning rate", Min = 0, Max = 100)] public double LearningRate { get; init; } = 0.1;

    [Setting("Epochs in which the learning rate rises", Min = 0, Max = 1000)] public double WarmupEpochs { get; init; } = 1;

    [Setting("SGD's momentum", Min = 0, Max = 1)] public double Momentum { get; init; } = 0.9;

    [Setting("Weight decay, which pulls weights towards zero", Min = 0, Max = 1)] public double WeightDecay { get; init; } = 5e-4;

    [Setting("Share of each target that is spread over all classes", Min = 0, Max = 1)] public double LabelSmoothing { get; init; } = 0.1;

    [Setting("Radius of sharpness-aware steps (SAM), which take twice the time; 0 for plain steps", Min = 0, Max = 10, Name = "--sharpness-radius")]
    [JsonPropertyName("sharpnessRadius")] public double SamRho { get; init; }

    [Setting("How far each epoch evens out the classes' shares, from 0 to 1", Min = 0, Max = 1, Name = "--balance")]
    [JsonPropertyName("balance")] public double ClassBalancing { get; init; }

    [Setting("Keep the other answers of the model that training starts from: it teaches on generated faces, and its early layers, head and calibration stay. Then 8 epochs and a learning rate of 0.007 are the default")] public bool Rehearse { get; init; }

    [Setting("The teachers' share of the targets; the labels have the rest", Min = 0, Max = 1, Name = "--teacher-share")]
    [JsonPropertyName("teacherShare")] public double DistillationWeight { get; init; } = 0.7;

    [Setting("The votes' share of the loss; labels and teachers have the rest", Min = 0, Max = 1, Name = "--vote-share")]
    [JsonPropertyName("voteShare")] public double VoteWeight { get; init; } = 0.5;

    [Setting("The main output of a model trained on votes: labels, people's votes (as auto) or the mean of both", Name = "--answer")]
    [JsonPropertyName("answer")] public OutputHead OutputHead { get; init; }

    [Setting("Share of the weight average that is kept at each step; 0 for no average", Min = 0, Max = 1)] public double EmaDecay { get; init; } = 0.998;

    [Setting("Stop after this many epochs without a better validation accuracy; 0 for never", Min = 0)] public int Patience { get; init; }

    [Setting("The seed of initial weights, order, augmentation and dropout")] public int Seed { get; init; } = 1;

    [Setting("The precision of convolutions; bf16 is faster on GPUs and on processors with AMX")] public Precision Precision { get; init; }

    [Setting("The device: auto, cpu or cuda", OneOf = ["auto", "cpu", "cuda"])] public string Device { get; init; } = "auto";

    /// <summary>The random variation of training faces.</summary>
    public AugmentationOptions Augmentation { get; init; } = new();

    /// <summary>Checks all settings, including the augmentation's, against the ranges of the command line.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range; the message names the setting and its range.</exception>
    /// <exception cref="ArgumentException">A setting has no effect without another.</exception>
    internal void Validate()
    {
        Require(Teachers is not null, OutOfRange(nameof(Teachers), Teachers, "a list, which may be empty"));
        Require(Votes is not null, OutOfRange(nameof(Votes), Votes, "a list, which may be empty"));
        Require(Augmentation is not null, OutOfRange(nameof(Augmentation), Augmentation, $"some, or {nameof(AugmentationOptions)}.{nameof(AugmentationOptions.None)}"));
        Require(Network is not null && Networks.Find(Network) is not null, OutOfRange(nameof(Network), Network, $"one of {string.Join(", ", Networks.Names)}"));
        SettingAttribute.CheckRanges(this);
        Augmentation!.Validate();
        Require(!Rehearse || From is not null, NoEffect(nameof(Rehearse), Rehearse, $"a model in {nameof(From)}"));
        Require(DistillationWeight.Equals(Usual.DistillationWeight) || Rehearse || Teachers!.Count > 0, NoEffect(nameof(DistillationWeight), DistillationWeight, $"a teacher in {nameof(Teachers)}"));
        Require(VoteWeight.Equals(Usual.VoteWeight) || Votes!.Count > 0, NoEffect(nameof(VoteWeight), VoteWeight, $"a file in {nameof(Votes)}"));
        Require(OutputHead == Usual.OutputHead || Votes!.Count > 0, NoEffect(nameof(OutputHead), OutputHead, $"a file in {nameof(Votes)}"));
        Require(Momentum.Equals(Usual.Momentum) || Optimizer == OptimizerKind.Sgd, NoEffect(nameof(Momentum), Momentum, $"{nameof(Optimizer)} = {nameof(OptimizerKind)}.{OptimizerKind.Sgd}"));
        Require(!Rehearse || Teachers!.Count == 0, NotAlone(nameof(Teachers)));
        Require(!Rehearse || Votes!.Count == 0, NotAlone(nameof(Votes)));

        static void Require(bool holds, ArgumentException otherwise)
        {
            if (!holds)
            {
                throw otherwise;
            }
        }

        static ArgumentOutOfRangeException OutOfRange(string name, object? value, string expected) =>
            new(name, value, $"{name} is {value ?? "null"}, but must be {expected}");

        static ArgumentException NoEffect(string name, object value, string needed) =>
            new(FormattableString.Invariant($"{name} is {value}, which has no effect without {needed}: add that, or leave it out"), name);

        static ArgumentException NotAlone(string name) => new($"{nameof(Rehearse)} teaches by the model in {nameof(From)} alone, and keeps its heads: leave {name} out", name);
    }

    /// <summary>Returns a network's default settings, which the command line overrides one by one.</summary>
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

    /// <summary>Returns the settings for teaching a model a few hundred to some thousand new faces by <see cref="Rehearse"/>.</summary>
    /// <param name="network">The model's network.</param>
    /// <param name="from">The model's file.</param>
    public static TrainingOptions ForRehearsal(string network, string? from) => For(network) with
    {
        From = from,
        Rehearse = true,
        Epochs = 8,
        BatchSize = 64,
        LearningRate = 0.007,
        WeightDecay = 0,
        DistillationWeight = 0.3,
    };
}
