using MlNetEmotion.Trainer.Augmentation;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Network;
using MlNetEmotion.Trainer.Training;
using TorchSharp;
using static TorchSharp.torch;
using Conv2d = MlNetEmotion.Trainer.Network.Conv2d;
using Linear = MlNetEmotion.Trainer.Network.Linear;

namespace MlNetEmotion.Tests.Trainer.Training;

/// <summary>A network of 991 weights with a layer of each kind that trains, and a few faces to train it on.</summary>
internal static class SmallNetwork
{
    public static EmotionNetwork Create(int seed = 1)
    {
        var network = new EmotionNetwork(
            "small",
            new HistogramEqualization(),                                                 // [N, 1, 48, 48]
            new Conv2d(1, 8, kernelSize: 3, stride: 2, padding: 1, bias: false),
            nn.BatchNorm2d(8), nn.ReLU(inplace: true),                      // [N, 8, 24, 24]
            nn.MaxPool2d(2, stride: 2), nn.AvgPool2d(3),                    // [N, 8, 4, 4]
            nn.Flatten(), nn.Dropout(0.1), new Linear(128, 7));             // [N, 7]
        Networks.Initialize(network, seed);
        return network;
    }

    public static TrainingOptions Options { get; } = new()
    {
        Network = "small",
        Epochs = 2,
        BatchSize = 7,
        Optimizer = OptimizerKind.Adam,
        LearningRate = 0.01,
        WarmupEpochs = 0,
        LabelSmoothing = 0,
        Augmentation = AugmentationOptions.None,
    };

    public static TrainingState State(TrainingOptions options) => new(options, new Compute(DeviceType.CPU, Bfloat16: false), network: Create(options.Seed));

    /// <summary>Generated faces; the classes take turns.</summary>
    public static FaceDataset Faces(int count, ulong seed) => FaceDataset.Load(FaceSource.Samples(count, 0, seed));

    public static TrainingData Data(int train, int validation) => new(Faces(train, seed: 1), Faces(validation, seed: 2), IsHeldOut: false);
}
