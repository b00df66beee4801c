using MlNetEmotion.Programs;
using MlNetEmotion.Native.Torch;
using MlNetEmotion.Tests.Native.Torch;
using MlNetEmotion.Tests.Trainer.Data;
using MlNetEmotion.Tests.Trainer.Export;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Export;
using MlNetEmotion.Trainer.Network;
using MlNetEmotion.Trainer.Training;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Training;

[Collection(nameof(TorchCollection))]
public sealed class PretrainedWeightsTests(ExportedNetworks networks) : IClassFixture<ExportedNetworks>, IDisposable
{
    private static readonly FaceDataset Faces = SmallNetwork.Faces(30, seed: 5);
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("seed")]
    [InlineData("emonet")]
    public void Load_AModel_AnswersAsTheExportedNetworkDid(string name)
    {
        (Module exported, string path, _) = networks.Get(name);
        using TrainingSession session = Load(name, path);
        AssertAnswers(exported, session.Network);

        // Training's first evaluation is of the average, which must not be that of fresh weights.
        using IDisposable average = session.Average.Apply();
        AssertAnswers(exported, session.Network);
    }

    [Fact]
    public void Load_AModel_LearnsTheStatisticsThatWereFoldedAway()
    {
        using TrainingSession session = Load("emonet", networks.Get("emonet").Path);

        // By a batch's own statistics, the norms of the residual branches answer as by those that were measured.
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable noGrad = torch.no_grad();
        Tensor images = new DataLoader(Faces, new DataLoaderOptions { BatchSize = Faces.Count }).Epoch(0).First().ToTensors(DeviceType.CPU).Images;
        session.Network.train(false);
        float[] inference = session.Network.forward(images).ToArray();
        session.Network.train(true);
        session.Network.Modules().OfType<Dropout>().ToList().ForEach(dropout => dropout.train(false));
        float[] training = session.Network.forward(images).ToArray();
        float scale = inference.Max(Math.Abs);
        Assert.Equal(inference, training, (a, b) => Math.Abs(a - b) < 0.1 * scale);
    }

    [Fact]
    public void Load_AModel_GivesFiltersTheLengthOfFreshOnes()
    {
        using TrainingSession session = Load("emonet", networks.Get("emonet").Path);
        Parameter filters = session.Network.Parameters().Single(parameter => parameter.Name == "7.residual.0.weight"); // 32 to 64 channels
        Assert.All(filters.Value.ToArray().Chunk(32 * 9), filter => Assert.Equal(2.0 * 32 / 64, filter.Sum(w => (double)w * w), 4));
    }

    [Fact]
    public void Load_OfSeveralNetworks_TakesTheOneThatIsToBeTrained()
    {
        string combined = Path.Combine(folder.Root, "combined.onnx");
        OnnxEnsemble.Write([networks.Get("seed").Path, networks.Get("emonet-small").Path], combined, mirror: true, ExportedNetworks.Probe);
        using (TrainingSession session = Load("emonet-small", combined))
        {
            AssertAnswers(networks.Get("emonet-small").Network, session.Network);
        }

        var error = Assert.Throws<UsageException>(() => Load("emonet", combined));
        Assert.Contains("it holds 'seed', 'emonet-small', but 'emonet' is to be trained", error.Message);
    }

    private static void AssertAnswers(Module expected, Module found)
    {
        float[] logits = Logits.Of(expected, Faces, DeviceType.CPU);
        float scale = logits.Max(Math.Abs);
        Assert.Equal(logits, Logits.Of(found, Faces, DeviceType.CPU), (a, b) => Math.Abs(a - b) < 1e-4 * scale);
    }

    private static TrainingSession Load(string network, string path)
    {
        var session = new TrainingSession(TrainingOptions.For(network) with { Seed = 8 }, new Compute(DeviceType.CPU, Bfloat16: false));
        try
        {
            PretrainedWeights.Load(session, path, Faces);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }
}
