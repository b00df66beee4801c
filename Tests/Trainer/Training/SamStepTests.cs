using MlNetEmotion.Trainer.Network;
using MlNetEmotion.Trainer.Training;
using Xunit;
using static TorchSharp.torch;
using Linear = MlNetEmotion.Trainer.Network.Linear;

namespace MlNetEmotion.Tests.Trainer.Training;

public sealed class SamStepTests
{
    [Fact]
    public void Climb_UntilDisposed_IsARadiusUpTheGradient()
    {
        using var layer = new Linear(1, 1);
        using var network = new EmotionNetwork("one", new HistogramEqualization(), layer);
        layer.Weight.CopyFrom([1]);
        layer.Bias.CopyFrom([2]);
        using Tensor loss = (layer.Weight * 3).sum() - (layer.Bias * 4).sum();
        loss.backward();
        using (SamStep.Perturb(network, rho: 0.5))
        {
            Assert.Equal([1.3f, 1.6f], [.. layer.Weight.ToArray(), .. layer.Bias.ToArray()]);       // 0.5 · (3, −4) / 5 further
        }

        Assert.Equal([1f, 2], [.. layer.Weight.ToArray(), .. layer.Bias.ToArray()]);
    }

    [Fact]
    public void Run_WithARadius_StepsAlongTheGradientThere()
    {
        TrainingOptions options = SmallNetwork.Options with { Epochs = 1, Optimizer = OptimizerKind.Sgd, Momentum = 0, WeightDecay = 0, LearningRate = 0.01, EmaDecay = 0 };
        float[] plain = Weights(options), again = Weights(options), sharp = Weights(options with { SamRho = 0.05 });
        Assert.Equal(plain, again);
        Assert.NotEqual(plain, sharp);

        // The two gradients differ by what the loss bends within 0.05, not by their size.
        double distance = Math.Sqrt(plain.Zip(sharp).Sum(pair => Math.Pow(pair.First - pair.Second, 2)));
        double moved = Math.Sqrt(plain.Zip(Weights(options with { LearningRate = 0 })).Sum(pair => Math.Pow(pair.First - pair.Second, 2)));
        Assert.InRange(distance / moved, 1e-4, 0.5);

        static float[] Weights(TrainingOptions options)
        {
            using TrainingState state = SmallNetwork.State(options);
            new TrainingLoop(state, SmallNetwork.Data(train: 7, validation: 1)).Run(_ => { }, TestContext.Current.CancellationToken);
            return [.. state.Network.parameters().SelectMany(parameter => parameter.ToArray())];
        }
    }
}
