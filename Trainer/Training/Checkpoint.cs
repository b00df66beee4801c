using System.Text.Json;
using System.Text.Json.Serialization;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Network;
using static TorchSharp.torch;

namespace MlNetEmotion.Trainer.Training;

/// <summary>A run's data, as selected on the command line, and its identity, by which a resumed run finds and verifies it.</summary>
/// <param name="Source">The folder or CSV file, or null for generated sample faces.</param>
/// <param name="Validation">The folder or CSV file of a separate validation set.</param>
/// <param name="Name">The data's name in model metadata and reports.</param>
/// <param name="TrainHash">SHA-256 of the training faces and labels.</param>
/// <param name="ValidationHash">SHA-256 of the validation faces and labels.</param>
/// <param name="DropDuplicates">Whether training faces with a duplicate in another split are left out; the hash is of the remaining ones.</param>
/// <param name="Classes">The class mapping, as typed for <c>--classes</c>, or null.</param>
internal sealed record DataReference(
    string? Source = null, string? Validation = null, string Name = "", string TrainHash = "", string ValidationHash = "", bool DropDuplicates = false, string? Classes = null)
{
    /// <summary>Returns this selection with the identity of the loaded data, and with absolute paths, so that the run can be resumed from any folder.</summary>
    public DataReference Of(TrainingData data) => this with
    {
        Source = Absolute(Source),
        Validation = Absolute(Validation),
        Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(data.Train.Name))),
        TrainHash = data.Train.ContentHash(),
        ValidationHash = data.Validation.ContentHash(),
    };

    private static string? Absolute(string? path) => path is null ? null : Path.GetFullPath(path);
}

/// <summary>Saves and loads runs: settings, progress and every tensor, so that a resumed run is bit-identical to an uninterrupted one.</summary>
internal static class Checkpoint
{
    private const string OptionsKey = "options";
    private const string ProgressKey = "position";
    private const string StepKey = "step";
    private const string DataKey = "data";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    /// <summary>Writes a checkpoint atomically.</summary>
    public static void Save(string path, TrainingState state, DataReference data) => SafetensorsFile.Write(
        path,
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [OptionsKey] = JsonSerializer.Serialize(state.Options, Json),
            [ProgressKey] = JsonSerializer.Serialize(state.Progress, Json),
            [StepKey] = JsonSerializer.Serialize(state.Optimizer.StepCount, Json),
            [DataKey] = JsonSerializer.Serialize(data, Json),
        },
        state.NamedTensors());

    /// <summary>Reads a checkpoint. The caller disposes the state.</summary>
    /// <param name="compute">Where the resumed run computes; null for the device and precision in the checkpoint's options.</param>
    /// <exception cref="InvalidDataException">The file is truncated or not a checkpoint.</exception>
    public static (TrainingState State, DataReference Data) Load(string path, Compute? compute = null)
    {
        SafetensorsFile file = SafetensorsFile.Read(path);
        TrainingOptions options = Read<TrainingOptions>(file, path, OptionsKey);
        string network = Networks.Find(options.Network) ?? throw new InvalidDataException(
            $"{path}: its network is '{options.Network}', expected one of {string.Join(", ", Networks.Names)}; it was written by another version of Trainer");
        options = options with { Network = network };
        bool hasVotes = file.Names.Any(name => name.EndsWith(".votes.weight", StringComparison.Ordinal));
        var state = new TrainingState(options, compute ?? Compute.Resolve(options.Device, options.Precision), hasVotes);
        try
        {
            state.Progress = Read<TrainingProgress>(file, path, ProgressKey);
            state.Optimizer.StepCount = Read<long>(file, path, StepKey);
            foreach ((string name, Tensor tensor) in state.NamedTensors())
            {
                file.CopyTo(name, tensor);
            }

            return (state, Read<DataReference>(file, path, DataKey));
        }
        catch
        {
            state.Dispose();
            throw;
        }
    }

    /// <summary>Reads the identity of the data that a checkpoint's run learns from.</summary>
    /// <exception cref="InvalidDataException">The file is truncated or not a checkpoint.</exception>
    public static DataReference DataOf(string path) => Read<DataReference>(SafetensorsFile.Read(path), path, DataKey);

    /// <summary>Reads only a checkpoint's network, with the averaged weights.</summary>
    /// <exception cref="InvalidDataException">The file is truncated or not a checkpoint.</exception>
    public static EmotionNetwork LoadNetwork(string path, Compute compute)
    {
        TrainingState state = Load(path, compute).State;
        state.Average.Restore();
        state.Average.Dispose();
        state.Optimizer.Dispose();
        return state.Network;
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
