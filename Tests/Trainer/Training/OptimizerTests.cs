using MlNetEmotion.Tests.Trainer.Network;
using MlNetEmotion.Trainer.Network;
using MlNetEmotion.Trainer.Training;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;
using Conv2d = MlNetEmotion.Trainer.Network.Conv2d;
using Linear = MlNetEmotion.Trainer.Network.Linear;

namespace MlNetEmotion.Tests.Trainer.Training;

public sealed class OptimizerTests
{
    private static readonly double[] LearningRates = [0.1, 0.2, 0.05, 0.3, 0.01];

    // The rule for one number: value, gradient, learning rate, state, step from 1 → new value.
    private delegate double Rule(double p, double g, double learningRate, double[] state, int step);

    [Fact]
    public void Sgd_WithNesterovMomentum_FollowsPyTorchsRule() => AssertFollows(OptimizerKind.Sgd, 0.8, (p, g, learningRate, state, step) =>
    {
        state[0] = (0.8 * state[0]) + g;
        return p - (learningRate * (g + (0.8 * state[0])));
    });

    [Fact]
    public void Sgd_WithoutMomentum_FollowsTheGradient() =>
        AssertFollows(OptimizerKind.Sgd, 0, (p, g, learningRate, state, step) => p - (learningRate * g));

    [Fact]
    public void Adam_FollowsPyTorchsRule() => AssertFollows(OptimizerKind.Adam, 0.8, (p, g, learningRate, state, step) =>
    {
        state[0] = (0.9 * state[0]) + (0.1 * g);
        state[1] = (0.999 * state[1]) + (0.001 * g * g);
        double mean = state[0] / (1 - Math.Pow(0.9, step));
        double variance = state[1] / (1 - Math.Pow(0.999, step));
        return p - (learningRate * mean / (Math.Sqrt(variance) + 1e-8));
    });

    // Weight decay pulls the weights of the convolution and the dense layer, nothing else: neither biases nor the norm's weight.
    private static void AssertFollows(OptimizerKind kind, double momentum, Rule rule)
    {
        const double weightDecay = 0.05;
        using var network = new EmotionNetwork("small", new HistogramEqualization(), new Conv2d(2, 3, kernelSize: 2), nn.BatchNorm2d(3), nn.Flatten(), new Linear(3, 4));
        RandomParameters.Fill(network, new Random(3), shift: 1);
        using var optimizer = new Optimizer(new TrainingOptions { Optimizer = kind, Momentum = momentum, WeightDecay = weightDecay }, network);

        (string Name, Parameter Parameter)[] parameters = [.. network.named_parameters()];
        Dictionary<string, double[]> expected = parameters.ToDictionary(p => p.Name, p => Array.ConvertAll(p.Parameter.ToArray(), v => (double)v));
        var state = expected.ToDictionary(p => p.Key, p => p.Value.Select(_ => new double[2]).ToArray());
        var random = new Random(2);
        for (int step = 1; step <= LearningRates.Length; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            double learningRate = LearningRates[step - 1];
            foreach ((string name, Parameter parameter) in parameters)
            {
                double decay = name is "1.weight" or "4.weight" ? weightDecay : 0;
                float[] gradient = [.. Enumerable.Range(0, (int)parameter.numel()).Select(_ => random.NextSingle() - 0.5f)];
                (parameter * Tensors.Of(gradient, parameter.shape, CPU)).sum().backward();
                double[] values = expected[name];
                for (int i = 0; i < values.Length; i++)
                {
                    (double p, double g) = kind == OptimizerKind.Adam
                        ? (values[i] * (1 - (learningRate * decay)), gradient[i])
                        : (values[i], gradient[i] + (decay * values[i]));
                    values[i] = rule(p, g, learningRate, state[name][i], step);
                }
            }

            optimizer.Step(learningRate);
            Assert.All(parameters, p => Assert.All(p.Parameter.grad!.ToArray(), g => Assert.Equal(0, g)));
            Assert.Equal(step, optimizer.StepCount);
        }

        // Five steps of float32 arithmetic on values around 1, and Adam's division by roots around 0.1.
        Assert.All(parameters, p => Assert.Equal(expected[p.Name], p.Parameter.ToArray().Select(v => (double)v), (a, b) => Math.Abs(a - b) < 1e-5));
    }
}
