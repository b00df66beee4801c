using MlNetEmotion.Native.Torch;
using MlNetEmotion.Tests.Native.Torch;
using MlNetEmotion.Trainer.Network;
using MlNetEmotion.Trainer.Training;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Training;

[Collection(nameof(TorchCollection))]
public sealed class SharpnessAscentTests
{
    [Fact]
    public void Climb_UntilDisposed_IsARadiusUpTheGradient()
    {
        var layer = new Linear(1, 1);
        layer.AssignNames("");
        using var parameters = new FlatParameters(layer, new Random(1), DeviceType.CPU);
        parameters.Values.CopyFrom([1, 2]);
        parameters.Gradients.CopyFrom([3, -4]);

        using (SharpnessAscent.Climb(parameters, radius: 0.5))
        {
            Assert.Equal([1.3f, 1.6f], parameters.Values.ToArray());       // 0.5 · (3, −4) / 5 further
            Assert.Equal([0f, 0], parameters.Gradients.ToArray());
        }

        Assert.Equal([1f, 2], parameters.Values.ToArray());
    }

    [Fact]
    public void Run_WithARadius_StepsAlongTheGradientThere()
    {
        TrainingOptions options = SmallNetwork.Options with { Epochs = 1, Optimizer = OptimizerKind.Sgd, Momentum = 0, WeightDecay = 0, LearningRate = 0.01, EmaDecay = 0 };
        float[] plain = Weights(options), again = Weights(options), sharp = Weights(options with { SharpnessRadius = 0.05 });
        Assert.Equal(plain, again);
        Assert.NotEqual(plain, sharp);

        // The two gradients differ by what the loss bends within 0.05, not by their size.
        double distance = Math.Sqrt(plain.Zip(sharp).Sum(pair => Math.Pow(pair.First - pair.Second, 2)));
        double moved = Math.Sqrt(plain.Zip(Weights(options with { LearningRate = 0 })).Sum(pair => Math.Pow(pair.First - pair.Second, 2)));
        Assert.InRange(distance / moved, 1e-4, 0.5);

        static float[] Weights(TrainingOptions options)
        {
            using TrainingSession session = SmallNetwork.Session(options);
            new TrainingLoop(session, SmallNetwork.Data(train: 7, validation: 1), ProgressCallback.None).Run(_ => { }, TestContext.Current.CancellationToken);
            return session.Parameters.Values.ToArray();
        }
    }
}
