using static System.Buffers.Binary.BinaryPrimitives;

namespace MlNetEmotion.Pictures;

/// <summary>Detects image formats and reads the header fields that decoders ignore.</summary>
internal static class PictureFormat
{
    // A progressive JPEG has about ten scans. Each takes the time of decoding the whole picture, however small the scan is.
    private const int MaxJpegScans = 50;

    /// <summary>Returns a message on a picture in a format that is not supported, and the remedy; null for any other file.</summary>
    public static string? Unreadable(ReadOnlySpan<byte> file) => file switch
    {
        // ISO 14496-12: the box 'ftyp' begins with the major brand.
        [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', (byte)'a', (byte)'v', (byte)'i', ..] => Still("AVIF"),
        [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', (byte)'h', (byte)'e', ..]
            or [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', (byte)'m', (byte)'i' or (byte)'s', (byte)'f', (byte)'1', ..] => Still("HEIC"),
        [0, 0, 0, 12, (byte)'J', (byte)'X', (byte)'L', (byte)' ', ..] or [0xFF, 0x0A, ..] => Still("JPEG XL"),
        _ when IsJpeg2000(file) => Still("JPEG 2000"),
        _ when IsWebP(file) && file.Length > 20 && file[15] == 'X' && (file[20] & 2) != 0 =>
            "an animated WebP, which is not read; save it as a video, or its pictures as PNG, first",
        _ => null,
    };

    public static bool IsTiff(ReadOnlySpan<byte> file) => file is [(byte)'I', (byte)'I', 42, 0, ..] or [(byte)'M', (byte)'M', 0, 42, ..];

    /// <summary>Rejects files that would take far more time or memory to decode than their size suggests.</summary>
    /// <exception cref="InvalidDataException">A JPEG has too many scans; a PNG claims too many pixels, or a chunk longer than the file.</exception>
    public static void Check(ReadOnlySpan<byte> file, int maxMegapixels)
    {
        if (file is [0xFF, 0xD8, ..] && file.Count((ReadOnlySpan<byte>)[0xFF, 0xDA]) is var scans && scans > MaxJpegScans)
        {
            throw new InvalidDataException($"JPEG of {scans} scans, more than the limit of {MaxJpegScans}");
        }

        if (IsPng(file))
        {
            ImageFile.CheckSize(ReadInt32BigEndian(file[16..]), ReadInt32BigEndian(file[20..]), "PNG", maxMegapixels);
            CheckPng(file);
        }
    }

    // W3C's PNG, 5.3: chunks of a length, a name, data and a checksum.
    private static void CheckPng(ReadOnlySpan<byte> file)
    {
        long end = 8;
        bool isLast = false;
        while (!isLast && end + 8 <= file.Length)
        {
            ReadOnlySpan<byte> chunk = file[(int)end..];
            isLast = chunk[4..8].SequenceEqual("IEND"u8);
            end += 12 + ReadUInt32BigEndian(chunk);
        }

        if (end > file.Length)
        {
            throw new InvalidDataException($"damaged or truncated PNG: a part ends at byte {end}, the file after {file.Length}");
        }
    }

    // ITU-T T.800: a raw codestream, or one in boxes.
    private static bool IsJpeg2000(ReadOnlySpan<byte> file) => file.StartsWith("\0\0\0\x0CjP  \r\n"u8) || file is [0xFF, 0x4F, 0xFF, 0x51, ..];

    public static bool IsWebP(ReadOnlySpan<byte> file) => file.StartsWith("RIFF"u8) && file.Length > 16 && file[8..].StartsWith("WEBP"u8);

    public static bool IsPng(ReadOnlySpan<byte> file) => file is [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..];

    /// <summary>Returns the EXIF orientation, from 1 to 8, of PNG and WebP files, in which not every decoder reads it; 1, upright, if the file states none. Null
    /// for other formats.</summary>
    public static int? Orientation(ReadOnlySpan<byte> file) => IsWebP(file) ? WebPOrientation(file) : IsPng(file) ? PngOrientation(file) : null;

    // W3C's PNG, third edition, 11.3.2.6: 'eXIf' may precede or follow the pixels.
    private static int PngOrientation(ReadOnlySpan<byte> file) => PngChunk(file, "eXIf"u8, pastPixels: true) is { IsEmpty: false } exif ? TiffOrientation(exif) : 1;

    private static int WebPOrientation(ReadOnlySpan<byte> file)
    {
        // RFC 9649: chunks of a name, a length and data, padded to an even length.
        long position = 12;
        while (position + 8 <= file.Length)
        {
            ReadOnlySpan<byte> chunk = file[(int)position..];
            uint length = ReadUInt32LittleEndian(chunk[4..]);
            if (chunk.StartsWith("EXIF"u8))
            {
                ReadOnlySpan<byte> exif = chunk[8..];
                return TiffOrientation(exif.StartsWith("Exif\0\0"u8) ? exif[6..] : exif);
            }

            position += 8 + length + (length & 1);
        }

        return 1;
    }

    /// <summary>Returns the orientation of a TIFF's first picture, from 1 to 8; 1 if the file states none. EXIF data are a TIFF too.</summary>
    public static int TiffOrientation(ReadOnlySpan<byte> tiff) => TiffValue(tiff, 0x112) is long value and >= 1 and <= 8 ? (int)value : 1;

    /// <summary>Returns a short or long of a TIFF's first directory; null if the tag is missing.</summary>
    public static long? TiffValue(ReadOnlySpan<byte> tiff, int tag)
    {
        try
        {
            var reader = new TiffReader(tiff);
            return reader.Value(reader.First, tag);
        }
        catch (ArgumentOutOfRangeException)
        {
            return null;    // truncated
        }
    }

    /// <summary>Whether a picture may have transparent parts, by its header. Its pixels are checked only if so.</summary>
    public static bool MayBeTransparent(ReadOnlySpan<byte> file)
    {
        try
        {
            return file switch
            {
                _ when IsPng(file) => (file[25] & 4) != 0 || !PngChunk(file, "tRNS"u8, pastPixels: false).IsEmpty,
                _ when IsWebP(file) => file[15] switch { (byte)'L' => (file[24] & 0x10) != 0, (byte)'X' => (file[20] & 0x10) != 0, _ => false },
                [(byte)'G', (byte)'I', (byte)'F', (byte)'8', ..] => IsGifTransparent(file),
                _ when IsTiff(file) => HasTiffAlpha(file),

                // A header of version 3 or later, with bit masks of the colours and of alpha.
                [(byte)'B', (byte)'M', ..] => ReadInt32LittleEndian(file[14..]) >= 56 && file[28] == 32 && file[30] == 3 && ReadUInt32LittleEndian(file[66..]) != 0,
                _ => false,
            };
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            return false;    // truncated, which the decoder reports
        }
    }

    /// <summary>Whether a TIFF's first picture has alpha, premultiplied or not. TIFF 6.0: ExtraSamples (338), whose value 0 means unspecified data.</summary>
    public static bool HasTiffAlpha(ReadOnlySpan<byte> tiff) => TiffValue(tiff, 338) is 1 or 2;

    // GIF89a: checks the blocks up to the first picture, which may have a transparent colour or leave a part of the screen uncovered.
    private static bool IsGifTransparent(ReadOnlySpan<byte> file)
    {
        int position = 13 + ((file[10] & 0x80) == 0 ? 0 : 3 << ((file[10] & 7) + 1));
        for (; file[position] == 0x21; position++)
        {
            if (file[position + 1] == 0xF9 && (file[position + 3] & 1) != 0)
            {
                return true;
            }

            for (position += 2; file[position] > 0; position += 1 + file[position])
            {
            }
        }

        return ReadInt32LittleEndian(file[(position + 1)..]) != 0 || !file.Slice(position + 5, 4).SequenceEqual(file[6..10]);
    }

    // Finds the data of a chunk; empty if it is missing.
    private static ReadOnlySpan<byte> PngChunk(ReadOnlySpan<byte> file, ReadOnlySpan<byte> name, bool pastPixels)
    {
        for (long position = 8; position + 8 <= file.Length;)
        {
            ReadOnlySpan<byte> chunk = file[(int)position..];
            uint length = ReadUInt32BigEndian(chunk);
            if (chunk[4..8].SequenceEqual(name))
            {
                return chunk.Slice(8, (int)Math.Min(length, (uint)chunk.Length - 8));
            }

            if (!pastPixels && chunk[4..8].SequenceEqual("IDAT"u8))
            {
                break;
            }

            position += 12 + length;
        }

        return [];
    }

    private static string Still(string format) => $"a picture in the format {format}, which is not read; save it as JPEG or PNG first";
}

/// <summary>Reads a TIFF's directories (TIFF 6.0, section 2). Throws <see cref="ArgumentOutOfRangeException"/> if the file is truncated.</summary>
internal readonly ref struct TiffReader(ReadOnlySpan<byte> tiff)
{
    private readonly ReadOnlySpan<byte> tiff = tiff;
    private readonly bool isLittleEndian = tiff is [(byte)'I', ..];

    /// <summary>The offset of the first directory.</summary>
    public long First => Long(tiff[4..]);

    public int Short(ReadOnlySpan<byte> bytes) => isLittleEndian ? ReadUInt16LittleEndian(bytes) : ReadUInt16BigEndian(bytes);

    public uint Long(ReadOnlySpan<byte> bytes) => isLittleEndian ? ReadUInt32LittleEndian(bytes) : ReadUInt32BigEndian(bytes);

    /// <summary>Returns the offset of the next directory; 0 after the last.</summary>
    public long Next(long directory)
    {
        ReadOnlySpan<byte> entries = From(directory);
        return Long(entries[(2 + (12 * Short(entries)))..]);
    }

    /// <summary>Returns the first value of a tag of type short or long; null if the tag is missing.</summary>
    public long? Value(long directory, int tag) => Field(directory, tag) is not [_, _, ..] field ? null : (long?)Number(field);

    /// <summary>Returns the first value of a tag of any numeric type; null if the tag is missing.</summary>
    public double? Real(long directory, int tag)
    {
        ReadOnlySpan<byte> field = Field(directory, tag);
        return field.IsEmpty ? null : Short(field[2..]) switch
        {
            1 => field[8],
            6 => (sbyte)field[8],
            8 => (short)Number(field),
            9 => (int)Long(field[8..]),
            11 => BitConverter.UInt32BitsToSingle(Long(field[8..])),
            12 => BitConverter.UInt64BitsToDouble(isLittleEndian ? ReadUInt64LittleEndian(From(Long(field[8..]))) : ReadUInt64BigEndian(From(Long(field[8..])))),
            _ => Number(field),
        };
    }

    // Up to two shorts are stored in the field itself, longer data at an offset.
    private long Number(ReadOnlySpan<byte> field) => Short(field[2..]) is 3 or 8
        ? Short(Long(field[4..]) <= 2 ? field[8..] : From(Long(field[8..])))
        : Long(field[8..]);

    private ReadOnlySpan<byte> Field(long directory, int tag)
    {
        ReadOnlySpan<byte> entries = From(directory);
        for (int entry = Short(entries); entry > 0; entry--)
        {
            ReadOnlySpan<byte> field = entries.Slice(2 + (12 * (entry - 1)), 12);
            if (Short(field) == tag)
            {
                return field;
            }
        }

        return [];
    }

    private ReadOnlySpan<byte> From(long position) => tiff[(int)Math.Min(position, int.MaxValue)..];
}
