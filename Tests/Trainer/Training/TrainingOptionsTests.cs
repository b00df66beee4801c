using Microsoft.ML;
using MlNetEmotion.Trainer;
using MlNetEmotion.Trainer.Augmentation;
using MlNetEmotion.Trainer.Network;
using MlNetEmotion.Trainer.Training;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Training;

public sealed class TrainingOptionsTests
{
    private static readonly MLContext Ml = new();

    public static TheoryData<TrainingOptions, string> Wrong => new()
    {
        { new() { Epochs = 0 }, "Epochs is 0, but must be at least 1" },
        { new() { Epochs = -1 }, "Epochs is -1, but must be at least 1" },
        { new() { BatchSize = 1 }, "BatchSize is 1, but must be at least 2" },
        { new() { Patience = -1 }, "Patience is -1, but must be at least 0" },
        { new() { EmaDecay = 1.5 }, "EmaDecay is 1.5, but must be between 0 and 1" },
        { new() { LearningRate = double.NaN }, "LearningRate is NaN, but must be between 0 and 100" },
        { new() { LearningRate = double.PositiveInfinity }, "LearningRate is Infinity, but must be between 0 and 100" },
        { new() { Device = "tpu" }, "Device is tpu, but must be one of auto, cpu, cuda" },
        { new() { Device = null! }, "Device is null, but must be one of auto, cpu, cuda" },
        { new() { Optimizer = (OptimizerKind)7 }, "Optimizer is 7, but must be one of Sgd, Adam" },
        { new() { Network = "resnet" }, "Network is resnet, but must be one of " },
        { new() { Augmentation = new AugmentationOptions { RotationDegrees = 500 } }, "RotationDegrees is 500, but must be between 0 and 180" },
        { new() { Augmentation = new AugmentationOptions { Scale = 0.91f } }, "Scale is 0.91, but must be between 0 and 0.9" },
        { new() { Augmentation = new AugmentationOptions { Crop = 49 } }, "Crop is 49, but must be between 0 and 48" },
        { new() { Augmentation = new AugmentationOptions { FlipProbability = 2 } }, "FlipProbability is 2, expected 0 to 1" },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void EmotionCnn_SettingOutOfItsRange_NamesSettingAndRange(TrainingOptions options, string expected)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => Ml.MulticlassClassification.Trainers.EmotionCnn(options));

        Assert.StartsWith(expected, error.Message, StringComparison.Ordinal);
        Assert.Equal(expected.Split(' ')[0], error.ParamName);
    }

    public static TheoryData<TrainingOptions, string> WithoutEffect => new()
    {
        { new() { VoteWeight = 0.3 }, "VoteWeight is 0.3, which has no effect without a file in Votes: add that, or leave it out" },
        { new() { OutputHead = OutputHead.Mean }, "OutputHead is Mean, which has no effect without a file in Votes: add that, or leave it out" },
        { new() { DistillationWeight = 0.5 }, "DistillationWeight is 0.5, which has no effect without a teacher in Teachers: add that, or leave it out" },
        { TrainingOptions.For("classic") with { Momentum = 0.5 }, "Momentum is 0.5, which has no effect without Optimizer = OptimizerKind.Sgd: add that, or leave it out" },
    };

    [Theory]
    [MemberData(nameof(WithoutEffect), DisableDiscoveryEnumeration = true)]
    public void EmotionCnn_SettingWithoutWhatItNeeds_IsRefused(TrainingOptions options, string expected)
    {
        var error = Assert.Throws<ArgumentException>(() => Ml.MulticlassClassification.Trainers.EmotionCnn(options));

        Assert.StartsWith(expected, error.Message, StringComparison.Ordinal);
        Assert.Equal(expected.Split(' ')[0], error.ParamName);
    }

    [Fact]
    public void EmotionCnn_SettingWithWhatItNeeds_IsTaken() => Assert.NotNull(Ml.MulticlassClassification.Trainers.EmotionCnn(new()
    {
        Votes = ["votes.csv"], VoteWeight = 0.3, OutputHead = OutputHead.Mean, Teachers = [new Teacher("run", "")], DistillationWeight = 0.5, Momentum = 0.5,
    }));

    [Fact]
    public void EmotionCnn_SettingsAtTheirBounds_AreTaken() => Assert.NotNull(Ml.MulticlassClassification.Trainers.EmotionCnn(new()
    {
        Epochs = 1, BatchSize = 2, EmaDecay = 1, LearningRate = 100, Device = "cpu", Augmentation = new AugmentationOptions { Scale = 0.9f, Crop = 48 },
    }));

    [Fact]
    public void TrainingDivergedException_OfALoss_CanBeCaughtByItsType() => Assert.True(typeof(TrainingDivergedException).IsPublic);
}
