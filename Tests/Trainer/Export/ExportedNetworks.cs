using MlNetEmotion.Tests.Trainer.Data;
using MlNetEmotion.Tests.Trainer.Network;
using MlNetEmotion.Tests.Trainer.Training;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Export;
using MlNetEmotion.Trainer.Network;
using Xunit;

[assembly: AssemblyFixture(typeof(MlNetEmotion.Tests.Trainer.Export.ExportedNetworks))]

namespace MlNetEmotion.Tests.Trainer.Export;

/// <summary>Whole networks, with weights and running statistics that are not those of the start, and files of them; each is made once, for all tests.
/// Thread-safe.</summary>
public sealed class ExportedNetworks : IDisposable
{
    internal const double Temperature = 3;
    private readonly TemporaryFolder folder = new();
    private readonly Lock gate = new();
    private readonly Dictionary<string, EmotionNetwork> networks = [];

    internal static FaceDataset Probe { get; } = SmallNetwork.Faces(7, seed: 1);

    internal static ModelMetadata Metadata { get; } = new()
    {
        TrainingData = "hand-made", Version = "1.2.3", Figures = new Dictionary<string, double> { ["validationAccuracy"] = 0.5 },
    };

    public void Dispose()
    {
        networks.Values.ToList().ForEach(network => network.Dispose());
        folder.Dispose();
    }

    /// <summary>A network, its file, and its file for a batch of one.</summary>
    internal (EmotionNetwork Network, string Path, string FixedPath) Get(string name)
    {
        (string path, string fixedPath) = (Path.Combine(folder.Root, $"{name}.onnx"), Path.Combine(folder.Root, $"{name}-fixed.onnx"));
        using Lock.Scope only = gate.EnterScope();
        if (!networks.TryGetValue(name, out EmotionNetwork? network))
        {
            networks[name] = network = Networks.Create(name);
            RandomParameters.Fill(network, new Random(2));
            byte[] model = OnnxExporter.ToOnnx(network, new Calibration(0, Temperature), Metadata with { Network = name }, Probe, path);
            File.WriteAllBytes(path, model);
            File.WriteAllBytes(fixedPath, OnnxExporter.Rebatch(model, fixedPath, batchSize: 1, Probe));
        }

        return (network, path, fixedPath);
    }
}
