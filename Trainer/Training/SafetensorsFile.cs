using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using MlNetEmotion.Trainer.Network;
using static TorchSharp.torch;

namespace MlNetEmotion.Trainer.Training;

/// <summary>Named float32 tensors and text in one file, in the safetensors format: an 8-byte header length, a JSON header, raw little-endian data
/// (https://github.com/huggingface/safetensors#format).</summary>
internal sealed class SafetensorsFile(string path, Dictionary<string, JsonElement> header, byte[] data)
{
    private const string MetadataKey = "__metadata__";
    private const string Float32 = "F32";
    private const int MaxHeaderBytes = 100_000_000;    // the format's own limit

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
    };

    private readonly Dictionary<string, string> metadata = header.TryGetValue(MetadataKey, out JsonElement texts) ? texts.Deserialize<Dictionary<string, string>>(Json) ?? [] : [];
    private readonly Dictionary<string, Entry> entries = header.Where(e => e.Key != MetadataKey)
        .ToDictionary(e => e.Key, e => e.Value.Deserialize<Entry>(Json) ?? throw new JsonException($"'{e.Key}' is null"));

    public IEnumerable<string> Names => entries.Keys;

    /// <summary>Writes a file atomically, replacing an existing one. Tensors are stored as float32.</summary>
    public static void Write(string path, IReadOnlyDictionary<string, string> metadata, IEnumerable<(string Name, Tensor Tensor)> tensors)
    {
        var header = new Dictionary<string, object> { [MetadataKey] = metadata };
        using var data = new MemoryStream();
        foreach ((string name, Tensor tensor) in tensors)
        {
            long begin = data.Length;
            data.Write(MemoryMarshal.AsBytes<float>(tensor.ToArray()));
            header[name] = new Entry(Float32, tensor.shape, [begin, data.Length]);
        }

        byte[] text = JsonSerializer.SerializeToUtf8Bytes(header, Json);
        AtomicFile.Write(path, file =>
        {
            Span<byte> length = stackalloc byte[sizeof(long)];
            BinaryPrimitives.WriteInt64LittleEndian(length, text.Length);
            file.Write(length);
            file.Write(text);
            data.WriteTo(file);
        });
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">The file is truncated or not a safetensors file.</exception>
    public static SafetensorsFile Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        long length = bytes.Length < sizeof(long) ? -1 : BinaryPrimitives.ReadInt64LittleEndian(bytes);
        if (length is < 2 or > MaxHeaderBytes || length > bytes.Length - sizeof(long))
        {
            throw new InvalidDataException($"{path}: not a checkpoint, or cut short ({bytes.Length} bytes)");
        }

        try
        {
            var header = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(bytes.AsSpan(sizeof(long), (int)length), Json);
            var file = new SafetensorsFile(path, header ?? throw new JsonException("it is null"), bytes[(sizeof(long) + (int)length)..]);
            file.RequireWhole();
            return file;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: not a safetensors header ({e.Message})", e);
        }
    }

    /// <summary>Returns a metadata value.</summary>
    /// <exception cref="InvalidDataException">The key is missing.</exception>
    public string Metadata(string key) => metadata.GetValueOrDefault(key)
        ?? throw new InvalidDataException($"{path}: no '{key}' in the metadata; it was not written by Trainer");

    /// <summary>Copies a tensor's values into a tensor of the same shape.</summary>
    /// <exception cref="InvalidDataException">The file has no tensor of this name, or its shape differs.</exception>
    public void CopyTo(string name, Tensor destination)
    {
        if (!entries.TryGetValue(name, out Entry? entry))
        {
            throw new InvalidDataException($"{path}: no tensor '{name}'; it is a checkpoint of another network");
        }

        if (!entry.Shape.SequenceEqual(destination.shape))
        {
            throw new InvalidDataException(
                $"{path}: tensor '{name}' is [{string.Join(", ", entry.Shape)}], expected [{string.Join(", ", destination.shape)}]; it is a checkpoint of another network");
        }

        destination.CopyFrom(MemoryMarshal.Cast<byte, float>(data.AsSpan((int)entry.DataOffsets[0]..(int)entry.DataOffsets[1])));
    }

    private void RequireWhole()
    {
        if (entries.FirstOrDefault(named => !named.Value.IsPlausible) is (string name, Entry entry))
        {
            throw new InvalidDataException(
                $"{path}: tensor '{name}' is {entry.Dtype} [{string.Join(", ", entry.Shape)}] at bytes {string.Join(" to ", entry.DataOffsets)}, "
                + $"expected {Float32} with a place for each element; it was not written by Trainer");
        }

        long expected = entries.Values.Select(entry => entry.DataOffsets[1]).DefaultIfEmpty().Max();
        if (expected != data.Length)
        {
            throw new InvalidDataException($"{path}: its tensors take {expected} bytes, found {data.Length}: the file was cut short");
        }
    }

    /// <summary>A tensor's header entry, with the format's own names.</summary>
    private sealed record Entry(string Dtype, long[] Shape, long[] DataOffsets)
    {
        [JsonIgnore]
        public bool IsPlausible => Dtype == Float32 && Shape.All(size => size >= 0) && DataOffsets is [>= 0 and long begin, long end]
            && end - begin == Shape.Aggregate((long)sizeof(float), (product, size) => product * size);
    }
}
