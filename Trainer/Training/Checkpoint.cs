using System.Text.Json;
using System.Text.Json.Serialization;
using MlNetEmotion.Trainer.Network;
using static TorchSharp.torch;

namespace MlNetEmotion.Trainer.Training;

/// <summary>Which data a run learns from, so that a resumed run finds it and knows it again.</summary>
/// <param name="Source">The folder or CSV file, or null for generated sample faces.</param>
/// <param name="Validation">The folder or CSV file of a separate validation set.</param>
/// <param name="Name">What model metadata and reports call the data.</param>
/// <param name="TrainHash">SHA-256 of the training faces and labels.</param>
/// <param name="ValidationHash">SHA-256 of the validation faces and labels.</param>
/// <param name="DropDuplicates">Whether training faces that stand in another split are left out; the hash is of what is left.</param>
/// <param name="Classes">What the data's names of classes mean, as <c>--classes</c> has it, or null.</param>
internal sealed record DataReference(
    string? Source, string? Validation, string Name, string TrainHash, string ValidationHash, bool DropDuplicates = false, string? Classes = null);

/// <summary>A run on disk: settings, position and every tensor, from which it goes on bit for bit.</summary>
internal static class Checkpoint
{
    private const string OptionsKey = "options";
    private const string PositionKey = "position";
    private const string StepKey = "step";
    private const string DataKey = "data";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    /// <summary>Writes a checkpoint; a reader finds either the old file or the whole new one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="session">The run.</param>
    /// <param name="data">The data's identity.</param>
    public static void Save(string path, TrainingSession session, DataReference data) => SafetensorsFile.Write(
        path,
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [OptionsKey] = JsonSerializer.Serialize(session.Options, Json),
            [PositionKey] = JsonSerializer.Serialize(session.Position, Json),
            [StepKey] = JsonSerializer.Serialize(session.Optimizer.StepCount, Json),
            [DataKey] = JsonSerializer.Serialize(data, Json),
        },
        session.NamedTensors());

    /// <summary>Reads a checkpoint.</summary>
    /// <param name="path">The file.</param>
    /// <param name="compute">Settles where the resumed run computes; null for what the checkpoint's options say.</param>
    /// <returns>The run, to be disposed by the caller, and the data's identity.</returns>
    /// <exception cref="InvalidDataException">The file is cut short or no checkpoint.</exception>
    public static (TrainingSession Session, DataReference Data) Load(string path, Compute? compute = null)
    {
        SafetensorsFile file = SafetensorsFile.Read(path);
        TrainingOptions options = Options(file, path);
        var session = new TrainingSession(options, compute ?? Compute.Resolve(options.Device, options.Precision));
        try
        {
            session.Position = Read<TrainingPosition>(file, path, PositionKey);
            session.Optimizer.StepCount = Read<long>(file, path, StepKey);
            foreach ((string name, Tensor tensor) in session.NamedTensors())
            {
                file.CopyTo(name, tensor);
            }

            return (session, Read<DataReference>(file, path, DataKey));
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Reads which data a checkpoint's run learns from.</summary>
    /// <exception cref="InvalidDataException">The file is cut short or no checkpoint.</exception>
    public static DataReference DataOf(string path) => Read<DataReference>(SafetensorsFile.Read(path), path, DataKey);

    /// <summary>Reads the settings of a checkpoint's run.</summary>
    /// <exception cref="InvalidDataException">The file is cut short or no checkpoint.</exception>
    public static TrainingOptions OptionsOf(string path) => Options(SafetensorsFile.Read(path), path);

    /// <summary>Reads a checkpoint's network alone, with its averaged weights.</summary>
    /// <exception cref="InvalidDataException">The file is cut short or no checkpoint.</exception>
    public static EmotionNetwork LoadNetwork(string path, Compute compute)
    {
        SafetensorsFile file = SafetensorsFile.Read(path);
        TrainingOptions options = Options(file, path);
        EmotionNetwork network = Networks.Create(options.Network, device: compute.Device, votes: options.Votes.Count > 0);
        try
        {
            foreach ((string name, Tensor tensor) in network.State)
            {
                file.CopyTo($"average.{name}", tensor);
            }

            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private static TrainingOptions Options(SafetensorsFile file, string path)
    {
        TrainingOptions options = Read<TrainingOptions>(file, path, OptionsKey);
        string network = Networks.Find(options.Network) ?? throw new InvalidDataException(
            $"{path}: its network is '{options.Network}', expected one of {string.Join(", ", Networks.Names)}; it was written by another version of Trainer");
        return options with { Network = network };
    }

    private static T Read<T>(SafetensorsFile file, string path, string key)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(file.Metadata(key), Json)!;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: '{key}' in the metadata can't be read ({e.Message})", e);
        }
    }
}
