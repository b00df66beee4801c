using MlNetEmotion.Native.Torch;
using MlNetEmotion.Tests.Native.Torch;
using MlNetEmotion.Trainer.Network;
using MlNetEmotion.Trainer.Training;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Training;

[Collection(nameof(TorchCollection))]
public sealed class OptimizerTests
{
    private static readonly double[] LearningRates = [0.1, 0.2, 0.05, 0.3, 0.01];

    // The rule for one number: value, gradient, learning rate, state, step from 1 → new value.
    private delegate double Rule(double p, double g, double learningRate, double[] state, int step);

    [Fact]
    public void Sgd_TwoSteps_AreAsComputedByHand()
    {
        using FlatParameters parameters = OneWeight(1);
        using var sgd = Optimizer.Create(OptimizerKind.Sgd, parameters, new OptimizerOptions(Momentum: 0.9, WeightDecay: 0));

        // v = 0.5, step 0.5 + 0.9 · 0.5 = 0.95; then v = 0.95, step 0.5 + 0.9 · 0.95 = 1.355.
        Assert.Equal(1 - 0.095, Step(sgd, parameters, gradient: 0.5f), 1e-6);
        Assert.Equal(1 - 0.095 - 0.1355, Step(sgd, parameters, gradient: 0.5f), 1e-6);
    }

    [Theory]
    [InlineData(0, 0.9)] // any first gradient moves by the learning rate
    [InlineData(0.5, 0.85)] // 1 - 0.1 · 0.5 first
    public void Adam_FirstStep_IsAsComputedByHand(double weightDecay, double expected)
    {
        using FlatParameters parameters = OneWeight(1);
        using var adam = Optimizer.Create(OptimizerKind.Adam, parameters, new OptimizerOptions(WeightDecay: weightDecay));
        Assert.Equal(expected, Step(adam, parameters, gradient: 0.003f), 1e-5);
    }

    [Fact]
    public void Sgd_OfANetwork_FollowsPyTorchsRule() => AssertFollows(OptimizerKind.Sgd, (p, g, learningRate, state, step) =>
    {
        state[0] = (0.8 * state[0]) + g;
        return p - (learningRate * (g + (0.8 * state[0])));
    }, decoupled: false);

    [Fact]
    public void Adam_OfANetwork_FollowsPyTorchsRule() => AssertFollows(OptimizerKind.Adam, (p, g, learningRate, state, step) =>
    {
        state[0] = (0.9 * state[0]) + (0.1 * g);
        state[1] = (0.999 * state[1]) + (0.001 * g * g);
        double mean = state[0] / (1 - Math.Pow(0.9, step));
        double variance = state[1] / (1 - Math.Pow(0.999, step));
        return p - (learningRate * mean / (Math.Sqrt(variance) + 1e-8));
    }, decoupled: true);

    [Fact]
    public void Step_Taken_ClearsGradientsAndCounts()
    {
        using FlatParameters parameters = OneWeight(1);
        using var sgd = Optimizer.Create(OptimizerKind.Sgd, parameters, new OptimizerOptions());
        Step(sgd, parameters, gradient: 1);
        Assert.Equal(0, parameters.Gradients.ToArray()[0]);
        Assert.Equal(1, sgd.StepCount);
    }

    // Weight decay pulls the weights of the convolution and the dense layer, nothing else: neither biases nor the norm's weight.
    private static void AssertFollows(OptimizerKind kind, Rule rule, bool decoupled)
    {
        const double weightDecay = 0.05;
        var network = new Sequential(new Conv2d(2, 3, kernelSize: 2), new BatchNorm2d(3), new Flatten(), new Linear(3, 4));
        network.AssignNames("");
        using var parameters = new FlatParameters(network, new Random(1), DeviceType.CPU);
        RandomParametersOf(parameters);
        using Optimizer optimizer = Optimizer.Create(kind, parameters, new OptimizerOptions(Momentum: 0.8, weightDecay));

        Dictionary<string, double[]> expected = parameters.All.ToDictionary(p => p.Name, p => Array.ConvertAll(p.Value.ToArray(), v => (double)v));
        var state = expected.ToDictionary(p => p.Key, p => p.Value.Select(_ => new double[2]).ToArray());
        var random = new Random(2);
        for (int step = 1; step <= LearningRates.Length; step++)
        {
            double learningRate = LearningRates[step - 1];
            foreach (Parameter parameter in parameters.All.Where(p => !p.IsBuffer))
            {
                double decay = parameter.Name is "0.weight" or "3.weight" ? weightDecay : 0;
                float[] gradient = [.. Enumerable.Range(0, (int)parameter.Count).Select(_ => random.NextSingle() - 0.5f)];
                using Tensor memory = parameter.Value.grad!;
                memory.CopyFrom(gradient);
                double[] values = expected[parameter.Name];
                for (int i = 0; i < values.Length; i++)
                {
                    (double p, double g) = decoupled
                        ? (values[i] * (1 - (learningRate * decay)), gradient[i])
                        : (values[i], gradient[i] + (decay * values[i]));
                    values[i] = rule(p, g, learningRate, state[parameter.Name][i], step);
                }
            }

            optimizer.Step(learningRate);
        }

        // Five steps of float32 arithmetic on values around 1, and Adam's division by roots around 0.1.
        Assert.All(parameters.All, p => Assert.Equal(expected[p.Name], p.Value.ToArray().Select(v => (double)v), (a, b) => Math.Abs(a - b) < 1e-5));
    }

    private static void RandomParametersOf(FlatParameters parameters) => Network.RandomParameters.Fill(parameters, new Random(3), shift: 1);

    private static FlatParameters OneWeight(float value)
    {
        var layer = new Linear(1, 1);
        layer.AssignNames("");
        var parameters = new FlatParameters(layer, new Random(1), DeviceType.CPU);
        parameters.All[0].Value.CopyFrom([value]);
        return parameters;
    }

    private static double Step(Optimizer optimizer, FlatParameters parameters, float gradient)
    {
        parameters.Gradients.CopyFrom([gradient, 0]);
        optimizer.Step(0.1);
        return parameters.Values.ToArray()[0];
    }
}
