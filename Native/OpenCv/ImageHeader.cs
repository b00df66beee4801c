using System.Buffers.Binary;

namespace MlNetEmotion.Native.OpenCv;

/// <summary>
/// What an image file says about itself, read before a decoder sees it: the decoders allocate what the header claims, fill
/// up truncated files with gray, and print to standard error.
/// </summary>
/// <param name="Format">The format's name.</param>
/// <param name="Width">Pixels across, as stored (before an EXIF orientation).</param>
/// <param name="Height">Pixels down, as stored.</param>
internal readonly record struct ImageHeader(string Format, int Width, int Height)
{
    private static readonly uint[] CrcTable = MakeCrcTable();

    /// <summary>Recognises the format by its first bytes, reads the size and checks that the file is whole.</summary>
    /// <param name="file">The whole file.</param>
    /// <exception cref="InvalidDataException">Empty, of no known format, truncated, or inconsistent.</exception>
    public static ImageHeader Read(ReadOnlySpan<byte> file)
    {
        if (file.IsEmpty)
        {
            throw new InvalidDataException("the image file is empty");
        }

        ImageHeader header = file switch
        {
            [0xFF, 0xD8, ..] => ReadJpeg(file),
            [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => ReadPng(file),
            [(byte)'B', (byte)'M', ..] => ReadBmp(file),
            [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => ReadWebP(file),
            [(byte)'I', (byte)'I', 42, 0, ..] or [(byte)'M', (byte)'M', 0, 42, ..] => ReadTiff(file),
            [(byte)'P', >= (byte)'1' and <= (byte)'6', ..] => ReadPnm(file),
            _ => throw new InvalidDataException("not an image of a known format (BMP, JPEG, PNG, PNM, TIFF, WebP)"),
        };
        return header.Width > 0 && header.Height > 0
            ? header
            : throw new InvalidDataException($"{header.Format} header claims {header.Width}x{header.Height} pixels");
    }

    // ITU-T T.81, annex B: segments up to a scan, entropy-coded bytes up to the next marker, and so on until EOI.
    private static ImageHeader ReadJpeg(ReadOnlySpan<byte> file)
    {
        ImageHeader header = new("JPEG", 0, 0);
        int position = 2;
        while (true)
        {
            if (Slice(file, position, 1, "JPEG")[0] != 0xFF)
            {
                throw new InvalidDataException($"damaged JPEG: no marker at byte {position}");
            }

            while (Slice(file, position, 1, "JPEG")[0] == 0xFF)
            {
                position++;
            }

            byte marker = file[position++];
            if (marker == 0xD9)
            {
                return header;
            }

            if (marker is 0x01 or (>= 0xD0 and <= 0xD7))
            {
                continue;
            }

            int length = BinaryPrimitives.ReadUInt16BigEndian(Slice(file, position, 2, "JPEG"));
            ReadOnlySpan<byte> segment = Slice(file, position, length, "JPEG");
            position += length;
            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC) && length >= 8)
            {
                header = new("JPEG", BinaryPrimitives.ReadUInt16BigEndian(segment[5..]), BinaryPrimitives.ReadUInt16BigEndian(segment[3..]));
            }
            else if (marker == 0xDA)
            {
                position = EndOfScan(file, position);
            }
        }
    }

    private static int EndOfScan(ReadOnlySpan<byte> file, int position)
    {
        while (true)
        {
            int found = file[position..].IndexOf((byte)0xFF);
            if (found < 0 || position + found + 1 >= file.Length)
            {
                throw Truncated("JPEG", file.Length);
            }

            position += found;
            if (file[position + 1] is not (0x00 or (>= 0xD0 and <= 0xD7)))
            {
                return position;
            }

            position += 2;
        }
    }

    // PNG specification, third edition, section 5: length, type, data, CRC.
    private static ImageHeader ReadPng(ReadOnlySpan<byte> file)
    {
        ImageHeader header = new("PNG", 0, 0);
        int position = 8;
        while (true)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(Slice(file, position, 8, "PNG"));
            ReadOnlySpan<byte> chunk = Slice(file, position + 4L, length + 8L, "PNG");
            ReadOnlySpan<byte> type = chunk[..4];
            ReadOnlySpan<byte> content = chunk[..^4];
            if (Crc(content) != BinaryPrimitives.ReadUInt32BigEndian(chunk[^4..]))
            {
                throw new InvalidDataException($"damaged PNG: the checksum of the chunk at byte {position} is wrong");
            }

            if (type.SequenceEqual("IHDR"u8) && length >= 8)
            {
                header = new("PNG", BinaryPrimitives.ReadInt32BigEndian(content[4..]), BinaryPrimitives.ReadInt32BigEndian(content[8..]));
            }
            else if (type.SequenceEqual("IEND"u8))
            {
                return header;
            }

            position += (int)length + 12;
        }
    }

    private static ImageHeader ReadBmp(ReadOnlySpan<byte> file)
    {
        ReadOnlySpan<byte> start = Slice(file, 0, 34, "BMP");
        if (BinaryPrimitives.ReadInt32LittleEndian(start[14..]) == 12)
        {
            return new("BMP", BinaryPrimitives.ReadUInt16LittleEndian(start[18..]), BinaryPrimitives.ReadUInt16LittleEndian(start[20..]));
        }

        int width = BinaryPrimitives.ReadInt32LittleEndian(start[18..]);
        int height = BinaryPrimitives.ReadInt32LittleEndian(start[22..]);
        height = height == int.MinValue ? 0 : Math.Abs(height);    // negative: the top row comes first
        bool isRunLength = BinaryPrimitives.ReadInt32LittleEndian(start[30..]) is 1 or 2;
        if (!isRunLength && width > 0 && (long)width * height <= Mat.MaxDecodedPixels)
        {
            long rowBytes = (((long)width * BinaryPrimitives.ReadUInt16LittleEndian(start[28..])) + 31) / 32 * 4;
            _ = Slice(file, BinaryPrimitives.ReadUInt32LittleEndian(start[10..]), rowBytes * height, "BMP");
        }

        return new("BMP", width, height);
    }

    // RFC 9649.
    private static ImageHeader ReadWebP(ReadOnlySpan<byte> file)
    {
        _ = Slice(file, 8, BinaryPrimitives.ReadUInt32LittleEndian(file[4..]), "WebP");
        ReadOnlySpan<byte> chunk = Slice(file, 12, 18, "WebP");
        ReadOnlySpan<byte> data = chunk[8..];
        uint bits = BinaryPrimitives.ReadUInt32LittleEndian(data[1..]);
        return chunk[3] switch
        {
            (byte)' ' => new("WebP", BinaryPrimitives.ReadUInt16LittleEndian(data[6..]) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(data[8..]) & 0x3FFF),
            (byte)'L' => new("WebP", (int)(bits & 0x3FFF) + 1, (int)((bits >> 14) & 0x3FFF) + 1),
            (byte)'X' => new("WebP", (data[4] | (data[5] << 8) | (data[6] << 16)) + 1, (data[7] | (data[8] << 8) | (data[9] << 16)) + 1),
            _ => throw new InvalidDataException("damaged WebP: its first chunk is no image"),
        };
    }

    // TIFF 6.0, section 2: the first directory's tags 256 (width) and 257 (height), each a short or a long.
    private static ImageHeader ReadTiff(ReadOnlySpan<byte> file)
    {
        bool little = file[0] == (byte)'I';
        long directory = UInt(Slice(file, 4, 4, "TIFF"));
        int count = UShort(Slice(file, directory, 2, "TIFF"));
        ReadOnlySpan<byte> entries = Slice(file, directory + 2, count * 12L, "TIFF");
        int width = 0;
        int height = 0;
        for (int i = 0; i < entries.Length; i += 12)
        {
            ReadOnlySpan<byte> entry = entries[i..];
            int value = UShort(entry[2..]) == 3 ? UShort(entry[8..]) : (int)Math.Min(UInt(entry[8..]), int.MaxValue);
            (width, height) = UShort(entry) switch
            {
                256 => (value, height),
                257 => (width, value),
                _ => (width, height),
            };
        }

        return new("TIFF", width, height);

        uint UInt(ReadOnlySpan<byte> bytes) => little ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
        ushort UShort(ReadOnlySpan<byte> bytes) => little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);
    }

    // Netpbm: 'P1' to 'P6', width, height and (but for bitmaps) the maximum, as text with comments, then the raster.
    private static ImageHeader ReadPnm(ReadOnlySpan<byte> file)
    {
        int kind = file[1] - '0';
        int position = 2;
        int width = Number(file);
        int height = Number(file);
        int sampleBytes = kind is 1 or 4 ? 0 : Number(file) > 255 ? 2 : 1;
        if ((long)width * height <= Mat.MaxDecodedPixels)
        {
            long rasterBytes = kind switch
            {
                4 => (width + 7L) / 8 * height,
                5 => (long)width * height * sampleBytes,
                6 => 3L * width * height * sampleBytes,
                _ => 0,    // text: the decoder notices missing numbers
            };
            _ = Slice(file, position + 1L, rasterBytes, "PNM");
        }

        return new("PNM", width, height);

        int Number(ReadOnlySpan<byte> bytes)
        {
            bool isComment = false;
            for (; position < bytes.Length && (isComment || !char.IsAsciiDigit((char)bytes[position])); position++)
            {
                isComment = bytes[position] == '#' || (isComment && bytes[position] != '\n');
            }

            long value = 0;
            for (; position < bytes.Length && char.IsAsciiDigit((char)bytes[position]); position++)
            {
                value = Math.Min((value * 10) + (bytes[position] - '0'), int.MaxValue);
            }

            return (int)value;
        }
    }

    private static ReadOnlySpan<byte> Slice(ReadOnlySpan<byte> file, long start, long length, string format) =>
        start + length <= file.Length ? file.Slice((int)start, (int)length) : throw Truncated(format, file.Length);

    private static InvalidDataException Truncated(string format, int length) =>
        new($"truncated {format}: the file ends after {length} bytes");

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc = CrcTable[(byte)(crc ^ value)] ^ (crc >> 8);
        }

        return ~crc;
    }

    private static uint[] MakeCrcTable()
    {
        var table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            uint value = i;
            for (int bit = 0; bit < 8; bit++)
            {
                value = (value & 1) != 0 ? 0xEDB88320 ^ (value >> 1) : value >> 1;
            }

            table[i] = value;
        }

        return table;
    }
}
