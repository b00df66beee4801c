using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MlNetEmotion.Native.Torch;

namespace MlNetEmotion.Trainer.Storage;

/// <summary>Named float32 tensors and text in one file, in the safetensors format: an 8-byte header length, a JSON header, raw
/// little-endian data (https://github.com/huggingface/safetensors#format). Python and others read it too.</summary>
internal sealed class SafetensorsFile
{
    private const string MetadataKey = "__metadata__";
    private const int MaxHeaderBytes = 100_000_000;    // the format's own limit
    private readonly string path;
    private readonly JsonObject header;
    private readonly byte[] data;

    private SafetensorsFile(string path, JsonObject header, byte[] data) => (this.path, this.header, this.data) = (path, header, data);

    /// <summary>Gets the tensors' names.</summary>
    public IEnumerable<string> Names => header.Select(entry => entry.Key).Where(key => key != MetadataKey);

    /// <summary>Writes a file.</summary>
    /// <param name="path">The file; one that exists is replaced.</param>
    /// <param name="metadata">Text by key.</param>
    /// <param name="tensors">Read one after the other; each is disposed once it is written.</param>
    public static void Write(string path, IReadOnlyDictionary<string, string> metadata, IEnumerable<(string Name, Tensor Tensor)> tensors)
    {
        var header = new JsonObject { [MetadataKey] = JsonSerializer.SerializeToNode(metadata) };
        using var data = new MemoryStream();
        foreach ((string name, Tensor tensor) in tensors)
        {
            using Tensor owned = tensor;
            long begin = data.Length;
            data.Write(MemoryMarshal.AsBytes<float>(tensor.ToArray()));
            header[name] = new JsonObject
            {
                ["dtype"] = "F32",
                ["shape"] = new JsonArray([.. tensor.shape.Select(size => (JsonNode)size)]),
                ["data_offsets"] = new JsonArray(begin, data.Length),
            };
        }

        byte[] text = Encoding.UTF8.GetBytes(header.ToJsonString());
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
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">It is cut short or no safetensors file.</exception>
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
            JsonObject header = JsonNode.Parse(bytes.AsSpan(sizeof(long), (int)length))!.AsObject();
            var file = new SafetensorsFile(path, header, bytes[(sizeof(long) + (int)length)..]);
            long expected = file.Names.Max(name => file.Offsets(name).End);
            return expected == file.data.Length
                ? file
                : throw new InvalidDataException($"{path}: its tensors take {expected} bytes, found {file.data.Length}: the file was cut short");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException or FormatException)
        {
            throw new InvalidDataException($"{path}: the header is no safetensors header ({e.Message})", e);
        }
    }

    /// <summary>The text under a key.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public string Metadata(string key) => (string?)header[MetadataKey]?[key]
        ?? throw new InvalidDataException($"{path}: no '{key}' in the metadata; it was not written by Trainer");

    /// <summary>Copies a tensor's values into a tensor in memory.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="destination">Of the same shape.</param>
    /// <exception cref="InvalidDataException">The file has no such tensor, or one of another shape.</exception>
    public void CopyTo(string name, Tensor destination)
    {
        long[] shape = header[name]?["shape"]?.AsArray().Select(size => (long)size!).ToArray()
            ?? throw new InvalidDataException($"{path}: no tensor '{name}'; it is a checkpoint of another network");
        if (!shape.SequenceEqual(destination.shape))
        {
            throw new InvalidDataException(
                $"{path}: tensor '{name}' is [{string.Join(", ", shape)}], expected [{string.Join(", ", destination.shape)}]; it is a checkpoint of another network");
        }

        (long begin, long end) = Offsets(name);
        destination.CopyFrom(MemoryMarshal.Cast<byte, float>(data.AsSpan((int)begin, (int)(end - begin))));
    }

    private (long Begin, long End) Offsets(string name)
    {
        JsonArray offsets = header[name]!["data_offsets"]!.AsArray();
        return ((long)offsets[0]!, (long)offsets[1]!);
    }
}
