using static System.Buffers.Binary.BinaryPrimitives;

namespace MlNetEmotion.Images;

/// <summary>Enumerates a PNG's chunks (W3C's PNG, third edition, 5.3: length, name, data and checksum) up to IEND or the end of the file.</summary>
internal ref struct PngChunks(ReadOnlySpan<byte> file)
{
    private readonly ReadOnlySpan<byte> file = file;

    /// <summary>The chunk's four letters.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>The chunk's data, as far as the file has them.</summary>
    public ReadOnlySpan<byte> Data { get; private set; }

    /// <summary>The position in the file after the chunk and its checksum; after the signature before the first chunk.</summary>
    public long End { get; private set; } = 8;

    /// <summary>Finds the data of a chunk; empty if it is missing.</summary>
    public static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> file, ReadOnlySpan<byte> name, bool pastPixels)
    {
        var chunks = new PngChunks(file);
        while (chunks.MoveNext() && (pastPixels || !chunks.Name.SequenceEqual("IDAT"u8)))
        {
            if (chunks.Name.SequenceEqual(name))
            {
                return chunks.Data;
            }
        }

        return [];
    }

    public bool MoveNext()
    {
        if (End + 8 > file.Length || Name.SequenceEqual("IEND"u8))
        {
            return false;
        }

        ReadOnlySpan<byte> chunk = file[(int)End..];
        uint length = ReadUInt32BigEndian(chunk);
        Name = chunk[4..8];
        Data = chunk.Slice(8, (int)Math.Min(length, (uint)chunk.Length - 8));
        End += 12 + length;
        return true;
    }
}
