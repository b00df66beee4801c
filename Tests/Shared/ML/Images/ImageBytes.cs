using System.IO.Compression;
using static System.Buffers.Binary.BinaryPrimitives;

namespace MlNetEmotion.Tests.Shared.ML.Images;

/// <summary>Builds image files by their formats' specifications, with features that encoders rarely write: each kind of transparency, orientations.</summary>
internal static class ImageBytes
{
    /// <summary>A TIFF directory with the single tag 0x112 (orientation), as in EXIF.</summary>
    public static byte[] Exif(byte orientation) => WebPFile.Exif(orientation);

    /// <summary>A PNG without filters.</summary>
    /// <param name="colorType">0 gray, 2 RGB, 3 palette, 4 gray and alpha, 6 RGBA.</param>
    /// <param name="rows">Samples, 16 bits big-endian.</param>
    /// <param name="chunks">Names and contents of chunks before the pixels.</param>
    public static byte[] Png(int width, int height, byte bits, byte colorType, byte[] rows, params (string Name, byte[] Content)[] chunks)
    {
        int stride = rows.Length / height;
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (int y = 0; y < height; y++)
            {
                zlib.WriteByte(0);
                zlib.Write(rows, y * stride, stride);
            }
        }

        var header = new byte[13];
        WriteInt32BigEndian(header, width);
        WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (bits, colorType);
        return
        [
            0x89, .. "PNG\r\n\u001a\n"u8, .. Chunk("IHDR", header), .. chunks.SelectMany(chunk => Chunk(chunk.Name, chunk.Content)),
            .. Chunk("IDAT", packed.ToArray()), .. Chunk("IEND", []),
        ];
    }

    /// <summary>Adds an orientation to a PNG, after its pixels.</summary>
    public static byte[] WithExifLast(byte[] png, byte orientation) => [.. png[..^12], .. Chunk("eXIf", Exif(orientation)), .. png[^12..]];

    /// <summary>Adds an orientation to a JPEG: an APP1 segment after the start marker.</summary>
    public static byte[] WithExif(byte[] jpeg, byte orientation) => [0xFF, 0xD8, 0xFF, 0xE1, 0, 34, .. "Exif\0\0"u8, .. Exif(orientation), .. jpeg[2..]];

    /// <summary>An uncompressed TIFF of one strip, little-endian.</summary>
    /// <param name="photometric">1 gray, 2 RGB.</param>
    /// <param name="extra">ExtraSamples: 0 unspecified, 1 associated (premultiplied) alpha, 2 unassociated alpha; null for none.</param>
    public static byte[] Tiff(int width, int height, int samples, short bits, short photometric, short? extra, byte orientation, byte[] rows)
    {
        const int First = 8;
        (short Tag, short Type, int Count, int Value)[] tags =
        [
            (256, 3, 1, width), (257, 3, 1, height), (258, 3, samples, bits), (259, 3, 1, 1), (262, 3, 1, photometric), (273, 4, 1, 0), (274, 3, 1, orientation),
            (277, 3, 1, samples), (278, 3, 1, height), (279, 4, 1, rows.Length), (284, 3, 1, 1), .. extra is { } kind ? [(338, (short)3, 1, kind)] : Array.Empty<(short, short, int, int)>(),
        ];
        int end = First + 2 + (12 * tags.Length) + 4;
        byte[] bitsOfAll = samples > 2 ? [.. Enumerable.Repeat(BitConverter.GetBytes(bits), samples).SelectMany(bytes => bytes)] : [];
        IEnumerable<byte> entries = tags.SelectMany(tag => (byte[])
        [
            .. BitConverter.GetBytes(tag.Tag), .. BitConverter.GetBytes(tag.Type), .. BitConverter.GetBytes(tag.Count),
            .. tag.Tag switch
            {
                258 when samples > 2 => BitConverter.GetBytes(end),
                258 when samples == 2 => [.. BitConverter.GetBytes(bits), .. BitConverter.GetBytes(bits)],
                273 => BitConverter.GetBytes(end + bitsOfAll.Length),
                _ => BitConverter.GetBytes(tag.Value),
            },
        ]);
        return [.. "II"u8, 42, 0, First, 0, 0, 0, .. BitConverter.GetBytes((short)tags.Length), .. entries, 0, 0, 0, 0, .. bitsOfAll, .. rows];
    }

    /// <summary>An uncompressed GIF of up to 128 colours.</summary>
    /// <param name="transparent">The transparent colour's index; null for none.</param>
    public static byte[] Gif(int width, int height, byte[] palette, byte[] indices, byte? transparent)
    {
        // 8-bit codes: 128 clears the table before 9-bit codes are needed, 129 ends the data.
        byte[] codes = [.. indices.Chunk(100).SelectMany(part => (byte[])[128, .. part]), 129];
        return
        [
            .. "GIF89a"u8, .. BitConverter.GetBytes((short)width), .. BitConverter.GetBytes((short)height), 0xF6, 0, 0, .. palette, .. new byte[(3 * 128) - palette.Length],
            .. transparent is { } index ? [0x21, 0xF9, 4, 1, 0, 0, index, 0] : Array.Empty<byte>(),
            0x2C, 0, 0, 0, 0, .. BitConverter.GetBytes((short)width), .. BitConverter.GetBytes((short)height), 0, 7,
            .. codes.Chunk(255).SelectMany(part => (byte[])[(byte)part.Length, .. part]), 0, 0x3B,
        ];
    }

    /// <summary>A BMP of 32 bits, top row first.</summary>
    /// <param name="hasAlpha">Whether its header (version 4) declares the fourth byte as alpha.</param>
    public static byte[] Bmp(int width, int height, byte[] bgra, bool hasAlpha)
    {
        int header = hasAlpha ? 108 : 40;
        var file = new byte[14 + header];
        "BM"u8.CopyTo(file);
        WriteInt32LittleEndian(file.AsSpan(2), file.Length + bgra.Length);
        WriteInt32LittleEndian(file.AsSpan(10), file.Length);
        WriteInt32LittleEndian(file.AsSpan(14), header);
        WriteInt32LittleEndian(file.AsSpan(18), width);
        WriteInt32LittleEndian(file.AsSpan(22), -height);
        WriteInt16LittleEndian(file.AsSpan(26), 1);
        WriteInt16LittleEndian(file.AsSpan(28), 32);
        WriteInt32LittleEndian(file.AsSpan(34), bgra.Length);
        if (hasAlpha)
        {
            file[30] = 3;    // by masks: red, green, blue, alpha
            WriteUInt32LittleEndian(file.AsSpan(54), 0x00FF0000);
            WriteUInt32LittleEndian(file.AsSpan(58), 0x0000FF00);
            WriteUInt32LittleEndian(file.AsSpan(62), 0x000000FF);
            WriteUInt32LittleEndian(file.AsSpan(66), 0xFF000000);
            "BGRs"u8.CopyTo(file.AsSpan(70));
        }

        return [.. file, .. bgra];
    }

    /// <summary>The bitwise definition of ISO 3309's CRC-32.</summary>
    public static uint Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }

        return ~crc;
    }

    private static byte[] Chunk(string name, byte[] content)
    {
        byte[] named = [.. System.Text.Encoding.ASCII.GetBytes(name), .. content];
        var (length, checksum) = (new byte[4], new byte[4]);
        WriteInt32BigEndian(length, content.Length);
        WriteUInt32BigEndian(checksum, Crc(named));
        return [.. length, .. named, .. checksum];
    }
}
