using System.Text.Json;
using System.Text.Json.Serialization;
using MlNetEmotion.Native.Torch;
using MlNetEmotion.Trainer.Network;

namespace MlNetEmotion.Trainer.Training;

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
        TrainingOptions options = Read<TrainingOptions>(file, path, OptionsKey);
        if (!Networks.Names.Contains(options.Network, StringComparer.OrdinalIgnoreCase))
        {
            throw new InvalidDataException(
                $"{path}: its network is '{options.Network}', expected one of {string.Join(", ", Networks.Names)}; it was written by another version of Trainer");
        }

        var session = new TrainingSession(options, compute ?? Compute.Resolve(options.Device, options.Precision))
        {
            Position = Read<TrainingPosition>(file, path, PositionKey),
        };
        try
        {
            session.Optimizer.StepCount = Read<long>(file, path, StepKey);
            foreach ((string name, Tensor tensor) in session.NamedTensors())
            {
                using Tensor owned = tensor;
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
