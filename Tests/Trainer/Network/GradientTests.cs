using MlNetEmotion.Native.Torch;
using MlNetEmotion.Tests.Native.Torch;
using MlNetEmotion.Trainer.Network;
using Xunit;
using static MlNetEmotion.Native.Torch.torch.nn;

namespace MlNetEmotion.Tests.Trainer.Network;

/// <summary>
/// What backward computes against central differences of what forward computes, for the loss Σ wᵢ yᵢ with random w. The loss is
/// summed in double precision, but y is float32: with this step and up to 300 values of up to 10, a derivative is known to
/// some 0.0005. A wrong gradient is wrong by its own size.
/// </summary>
[Collection(nameof(TorchCollection))]
public sealed class GradientTests
{
    private const float Step = 1f / 128;
    private const double Tolerance = 1e-2;

    public GradientTests() => torch.set_num_threads(1); // thousands of tiny operations

    public static TheoryData<string> Cases => [.. LayerCase.All.Select(layer => layer.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Backward_OfALayer_IsWhatDifferencesShow(string name)
    {
        LayerCase layerCase = LayerCase.All.Single(layer => layer.Name == name);
        using FlatParameters parameters = layerCase.Build(out Module layer);
        using DisposeScope scope = torch.NewDisposeScope();
        Tensor input = torch.tensor(layerCase.Input(), layerCase.InputShape).requires_grad_();
        float[] weights = Weights(Forward(layer, input));

        Tensor y = Forward(layer, input);
        Sum(functional.mul(y, torch.tensor(weights, y.shape))).backward();

        AssertGradient("input", input);
        foreach (Parameter parameter in parameters.All.Where(p => !p.IsBuffer))
        {
            AssertGradient(parameter.Name, parameter.Value);
        }

        void AssertGradient(string of, Tensor variable)
        {
            float[] found = variable.grad!.ToArray();
            double[] expected = Differences(variable, () => Loss(Forward(layer, input), weights));
            double largest = expected.Max(Math.Abs);
            for (int i = 0; i < found.Length; i++)
            {
                Assert.True(Math.Abs(expected[i] - found[i]) <= Tolerance * Math.Max(largest, 0.2), $"{of}[{i}]: {found[i]}, expected {expected[i]} (largest {largest})");
            }
        }
    }

    [Fact]
    public void Cases_HaveEveryLayer()
    {
        IEnumerable<Type> layers = typeof(Module).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Module)) && !type.IsAbstract);
        Assert.Empty(layers.Except(LayerCase.All.Select(layer => layer.Create().GetType())));
    }

    // Dropout drops the same elements each time. The product keeps ReLU from overwriting the variable itself.
    private static Tensor Forward(Module layer, Tensor input)
    {
        torch.manual_seed(4);
        return layer.forward(functional.mul(input, 1));
    }

    private static float[] Weights(Tensor y)
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, (int)y.numel()).Select(_ => (2 * random.NextSingle()) - 1)];
    }

    private static Tensor Sum(Tensor y) => functional.mul(functional.mean(y, [.. Enumerable.Range(0, y.shape.Length)]), y.numel());

    private static double Loss(Tensor y, float[] weights) => y.ToArray().Zip(weights, (value, weight) => (double)value * weight).Sum();

    private static double[] Differences(Tensor variable, Func<double> loss)
    {
        using IDisposable noGrad = torch.no_grad();
        float[] values = variable.ToArray();
        var differences = new double[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            (float below, float above) = (values[i] - Step, values[i] + Step);
            differences[i] = (At(above) - At(below)) / ((double)above - below);

            double At(float value)
            {
                using DisposeScope scope = torch.NewDisposeScope();
                variable.CopyFrom([.. values[..i], value, .. values[(i + 1)..]]);
                return loss();
            }
        }

        variable.CopyFrom(values);
        return differences;
    }
}
