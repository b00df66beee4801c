using MlNetEmotion.Trainer.Augmentation;

namespace MlNetEmotion.Trainer.Training;

/// <summary>Everything that decides a training run's result, but for the data. Kept in its checkpoints.</summary>
internal sealed record TrainingOptions
{
    /// <summary>The settings that were found to suit a network; a command line changes what it names.</summary>
    /// <param name="network">The network's name.</param>
    public static TrainingOptions For(string network) => network == "seed"
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

    /// <summary>Gets the network's name.</summary>
    public string Network { get; init; } = "emonet";

    /// <summary>Gets the model file that the weights come from at the start; null for fresh ones.</summary>
    public string? From { get; init; }

    /// <summary>Gets the passes over the training data.</summary>
    public int Epochs { get; init; } = 60;

    /// <summary>Gets the faces a step.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>Gets the optimizer.</summary>
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.Sgd;

    /// <summary>Gets the highest learning rate.</summary>
    public double LearningRate { get; init; } = 0.1;

    /// <summary>Gets the epochs in which the learning rate rises.</summary>
    public double WarmupEpochs { get; init; } = 1;

    /// <summary>Gets the optimizer's momentum.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Gets the weight decay.</summary>
    public double WeightDecay { get; init; } = 5e-4;

    /// <summary>Gets the share of the target that is spread over all classes (Szegedy et al. 2016).</summary>
    public double LabelSmoothing { get; init; } = 0.1;

    /// <summary>Gets the networks that this one learns from beside the labels; none for labels alone.</summary>
    public IReadOnlyList<Teacher> Teachers { get; init; } = [];

    /// <summary>Gets the teachers' share of what is to be learned.</summary>
    public double TeacherShare { get; init; } = 0.7;

    /// <summary>Gets how far around the weights a step looks for the worst loss (sharpness-aware minimization), which takes twice the time; 0 for not at all.</summary>
    public double SharpnessRadius { get; init; }

    /// <summary>Gets how far an epoch evens out the classes' shares, from 0 (as they are) to 1 (all alike).</summary>
    public double Balance { get; init; }

    /// <summary>Gets the share of the weight average that stays at each step; 0 for no averaging.</summary>
    public double EmaDecay { get; init; } = 0.998;

    /// <summary>Gets after how many epochs without a better validation accuracy training stops; 0 for never.</summary>
    public int Patience { get; init; }

    /// <summary>Gets the seed of initial weights, order, augmentation and dropout.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Gets the wished precision.</summary>
    public Precision Precision { get; init; }

    /// <summary>Gets the wished device: auto, cpu or cuda.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>Gets how faces vary from epoch to epoch.</summary>
    public AugmentationOptions Augmentation { get; init; } = new();
}
