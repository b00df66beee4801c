using MlNetEmotion.Native.Torch;
using MlNetEmotion.Tests.Native.Torch;
using MlNetEmotion.Trainer.Network;
using Xunit;
using static MlNetEmotion.Native.Torch.torch.nn;

namespace MlNetEmotion.Tests.Trainer.Network;

[Collection(nameof(TorchCollection))]
public sealed class FlatParametersTests : IDisposable
{
    private readonly Module network = new Sequential(new Conv2d(1, 2, kernelSize: 2), new BatchNorm2d(2), new Flatten(), new Linear(2, 3));
    private readonly FlatParameters parameters;

    public FlatParametersTests()
    {
        network.AssignNames("");
        parameters = new FlatParameters(network, new Random(1), DeviceType.CPU);
    }

    public void Dispose() => parameters.Dispose();

    [Fact]
    public void Layout_PutsDecayedWeightsFirstAndStatisticsApart()
    {
        Assert.Equal(["0.weight", "3.weight", "0.bias", "1.weight", "1.bias", "3.bias"], Names(parameters.NamedValues(parameters.Values)));
        Assert.Equal(["1.running_mean", "1.running_var"], Names(parameters.NamedBuffers(parameters.Buffers)));
        Assert.Equal(8 + 6, parameters.DecayedCount);
        Assert.Equal([8 + 6 + 2 + 2 + 2 + 3], parameters.Values.shape);
        Assert.Equal([4], parameters.Buffers.shape);
    }

    [Fact]
    public void Values_ChangedInTheFlatTensor_ChangeInTheLayers()
    {
        using (torch.no_grad())
        {
            parameters.Values.CopyFrom([.. Enumerable.Range(0, 23).Select(i => (float)i)]);
        }

        Assert.Equal([8, 9, 10, 11, 12, 13], Value("3.weight"));
        Assert.Equal([20, 21, 22], Value("3.bias"));

        // A 2×1×2×2 kernel stored channels-last: with one channel the order is the same.
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7], Value("0.weight"));
    }

    [Fact]
    public void Backward_OfTheNetwork_FillsTheFlatGradients()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        Tensor y = network.forward(torch.tensor([1f, 2, 3, 4, 4, 3, 2, 2], [2, 1, 2, 2]));
        functional.cross_entropy(y, torch.tensor([1f, 0, 0, 0, 0, 1], [2, 3])).backward();
        float[] gradients = parameters.Gradients.ToArray();
        Assert.Contains(gradients[..8], g => g != 0);
        Assert.Equal(parameters.All.Single(p => p.Name == "3.bias").Value.grad!.ToArray(), gradients[20..]);
        Assert.NotEqual(0, gradients[20]);
    }

    [Fact]
    public void Initialization_OfOneSeed_IsTheSame()
    {
        using FlatParameters again = Drawn(1), other = Drawn(2);
        Assert.Equal(parameters.Values.ToArray(), again.Values.ToArray());
        Assert.NotEqual(parameters.Values.ToArray(), other.Values.ToArray());
        Assert.Equal([1, 1], Value("1.weight"));
        Assert.Equal([0, 0], Value("1.bias"));
        Assert.Equal([1, 1], Value("1.running_var"));

        FlatParameters Drawn(int seed)
        {
            var same = new Sequential(new Conv2d(1, 2, kernelSize: 2), new BatchNorm2d(2), new Flatten(), new Linear(2, 3));
            same.AssignNames("");
            return new FlatParameters(same, new Random(seed), DeviceType.CPU);
        }
    }

    [Fact]
    public void KaimingNormal_OfManyValues_HasItsMeanAndVariance()
    {
        float[] values = Drawn(Initializer.KaimingNormal(fan: 8));

        // Standard deviation 0.5. Of 100,000 draws the mean errs by 0.0016, the deviation by 0.0011; five of these.
        Assert.Equal(0, values.Average(), 0.008);
        Assert.Equal(0.5, Math.Sqrt(values.Average(value => (double)value * value)), 0.0055);
        Assert.Equal(0.3173, values.Count(value => Math.Abs(value) > 0.5f) / (double)values.Length, 0.0075); // outside of ±σ
    }

    [Fact]
    public void Uniform_OfManyValues_FillsItsRange()
    {
        float[] values = Drawn(Initializer.Uniform(fanIn: 4));
        Assert.InRange(values.Min(), -0.5f, -0.4999f);
        Assert.InRange(values.Max(), 0.4999f, 0.5f);
        Assert.Equal(0, values.Average(), 0.005); // five of 0.289 / √100,000
    }

    private static float[] Drawn(Action<Random, float[]> initialize)
    {
        float[] values = new float[100_000];
        initialize(new Random(1), values);
        return values;
    }

    private float[] Value(string name) => parameters.All.Single(p => p.Name == name).Value.ToArray();

    private static List<string> Names(IEnumerable<(string Name, Tensor View)> views)
    {
        var names = new List<string>();
        foreach ((string name, Tensor view) in views)
        {
            view.Dispose();
            names.Add(name);
        }

        return names;
    }
}
