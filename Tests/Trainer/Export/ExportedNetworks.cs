using MlNetEmotion.Native.Torch;
using MlNetEmotion.Tests.Trainer.Data;
using MlNetEmotion.Tests.Trainer.Network;
using MlNetEmotion.Tests.Trainer.Training;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Export;
using MlNetEmotion.Trainer.Network;

namespace MlNetEmotion.Tests.Trainer.Export;

/// <summary>Whole networks, with weights and running statistics that are not those of the start, and files of them.</summary>
public sealed class ExportedNetworks : IDisposable
{
    internal const double Temperature = 3;
    private readonly TemporaryFolder folder = new();
    private readonly Dictionary<string, (Module Network, FlatParameters Parameters)> networks = [];

    internal static FaceDataset Probe { get; } = SmallNetwork.Faces(7, seed: 1);

    internal static ModelMetadata Metadata { get; } = new()
    {
        TrainingData = "hand-made", Version = "1.2.3", Figures = new Dictionary<string, double> { ["validationAccuracy"] = 0.5 },
    };

    public void Dispose()
    {
        networks.Values.ToList().ForEach(network => network.Parameters.Dispose());
        folder.Dispose();
    }

    /// <summary>A network, its file, and its file for a batch of one.</summary>
    internal (Module Network, string Path, string FixedPath) Get(string name)
    {
        (string path, string fixedPath) = (Path.Combine(folder.Root, $"{name}.onnx"), Path.Combine(folder.Root, $"{name}-fixed.onnx"));
        if (!networks.TryGetValue(name, out (Module Network, FlatParameters Parameters) made))
        {
            Module network = Networks.Create(name);
            networks[name] = made = (network, new FlatParameters(network, new Random(1), DeviceType.CPU));
            RandomParameters.Fill(made.Parameters, new Random(2), shift: 0.5f);
            OnnxExporter.Export(path, network, Temperature, Metadata with { Network = name }, Probe, DeviceType.CPU);
            OnnxExporter.Rebatch(path, fixedPath, batchSize: 1, Probe);
        }

        return (made.Network, path, fixedPath);
    }
}
