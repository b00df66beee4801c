using Google.Protobuf;
using MlNetEmotion.Programs;
using MlNetEmotion.Tests.Trainer.Data;
using MlNetEmotion.Tests.Trainer.Export;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Export;
using MlNetEmotion.Trainer.Network;
using MlNetEmotion.Trainer.Training;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace MlNetEmotion.Tests.Trainer.Training;

public sealed class PretrainedWeightsTests(ExportedNetworks networks) : IDisposable
{
    private static readonly FaceDataset Faces = SmallNetwork.Faces(30, seed: 5);
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("classic")]
    [InlineData("emonet")]
    public void Load_AModel_AnswersAsTheExportedNetworkDid(string name)
    {
        (EmotionNetwork exported, string path, _) = networks.Get(name);
        using TrainingState state = Load(name, path);
        AssertAnswers(exported, state.Network);

        // Training's first evaluation is of the average, which must not be that of fresh weights.
        using IDisposable average = state.Average.Apply();
        AssertAnswers(exported, state.Network);
    }

    [Fact]
    public void Load_AModel_LearnsTheStatisticsThatWereFoldedAway()
    {
        using TrainingState state = Load("emonet", networks.Get("emonet").Path);

        // By a batch's own statistics, the norms of the residual branches answer as by those that were measured.
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor images = new MlNetEmotion.Trainer.Data.DataLoader(Faces, new DataLoaderOptions { BatchSize = Faces.Count }).Epoch(0).First().ToTensors(CPU).Images;
        state.Network.eval();
        float[] inference = state.Network.Logits(images, bfloat16: false).ToArray();
        state.Network.train();
        state.Network.modules().OfType<Dropout>().ToList().ForEach(dropout => dropout.eval());
        float[] training = state.Network.Logits(images, bfloat16: false).ToArray();
        float scale = inference.Max(Math.Abs);
        Assert.Equal(inference, training, (a, b) => Math.Abs(a - b) < 0.1 * scale);
    }

    [Fact]
    public void Load_AModel_GivesFiltersTheLengthOfFreshOnes()
    {
        using TrainingState state = Load("emonet", networks.Get("emonet").Path);
        Tensor filters = state.Network.State.Single(item => item.Name == "7.residual.0.weight").Tensor; // 32 to 64 channels
        Assert.All(filters.ToArray().Chunk(32 * 9), filter => Assert.Equal(2.0 * 32 / 64, filter.Sum(w => (double)w * w), 4));
    }

    // A nearly dead filter: the variances are about as small as the norm's epsilon, 1e-5.
    [Fact]
    public void Measure_ChannelOfHardlyAnyVariance_KeepsItsAnswer()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        using BatchNorm2d norm = nn.BatchNorm2d(1);
        norm.weight!.CopyFrom([3]);
        norm.bias!.CopyFrom([1]);
        norm.running_mean!.CopyFrom([0.5f]);
        norm.running_var!.CopyFrom([2e-5f]);
        norm.eval();
        Tensor x = Tensors.Of([.. Enumerable.Range(0, 8).Select(i => i % 2 == 0 ? 0.097f : 0.103f)], [2, 1, 2, 2], CPU);
        float[] answers = norm.forward(x).ToArray();

        PretrainedWeights.Measure(norm, x);

        Assert.Equal((0.1, 9e-6 * 8 / 7), (Math.Round(norm.running_mean!.ToArray()[0], 6), norm.running_var!.ToArray()[0]), (a, b) => Math.Abs(a.Item1 - b.Item1) < 1e-6 && Math.Abs(a.Item2 - b.Item2) < 1e-9);
        Assert.Equal(answers, norm.forward(x).ToArray(), (a, b) => Math.Abs(a - b) < 0.01);
        Assert.Equal(3 * -0.403 / Math.Sqrt(3e-5) + 1, answers[0], 0.01);
    }

    [Fact]
    public void Load_OfSeveralNetworks_TakesTheOneThatIsToBeTrained()
    {
        string combined = Path.Combine(folder.Root, "combined.onnx");
        File.WriteAllBytes(combined, OnnxEnsemble.Combine([networks.Get("classic").Path, networks.Get("emonet-small").Path], mirror: true, ExportedNetworks.Probe, combined).Model.ToByteArray());
        using (TrainingState state = Load("emonet-small", combined))
        {
            AssertAnswers(networks.Get("emonet-small").Network, state.Network);
        }

        var error = Assert.Throws<UsageException>(() => Load("emonet", combined));
        Assert.Contains("it holds 'classic', 'emonet-small', but 'emonet' is to be trained", error.Message);
    }

    private static void AssertAnswers(EmotionNetwork expected, EmotionNetwork found)
    {
        float[] logits = expected.Heads(Faces)[0];
        float scale = logits.Max(Math.Abs);
        Assert.Equal(logits, found.Heads(Faces)[0], (a, b) => Math.Abs(a - b) < 1e-4 * scale);
    }

    private static TrainingState Load(string network, string path)
    {
        var state = new TrainingState(TrainingOptions.For(network) with { Seed = 8 }, new Compute(DeviceType.CPU, Bfloat16: false));
        try
        {
            PretrainedWeights.Load(state, path, Faces);
            return state;
        }
        catch
        {
            state.Dispose();
            throw;
        }
    }
}
