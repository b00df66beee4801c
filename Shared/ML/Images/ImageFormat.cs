using static System.Buffers.Binary.BinaryPrimitives;

namespace MlNetEmotion.Images;

/// <summary>Detects image formats and reads the header fields that decoders ignore.</summary>
internal static class ImageFormat
{
    // A progressive JPEG has about ten scans. Each takes the time of decoding the whole image, however small the scan is.
    private const int MaxJpegScans = 50;

    /// <summary>Returns a message on an image in a format that is not supported, and the remedy; null for any other file.</summary>
    public static string? Unreadable(ReadOnlySpan<byte> file) => file switch
    {
        // ISO 14496-12: the box 'ftyp' begins with the major brand.
        [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', (byte)'a', (byte)'v', (byte)'i', ..] => Still("AVIF"),
        [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', (byte)'h', (byte)'e', ..]
            or [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', (byte)'m', (byte)'i' or (byte)'s', (byte)'f', (byte)'1', ..] => Still("HEIC"),
        [0, 0, 0, 12, (byte)'J', (byte)'X', (byte)'L', (byte)' ', ..] or [0xFF, 0x0A, ..] => Still("JPEG XL"),
        _ when IsJpeg2000(file) => Still("JPEG 2000"),
        _ when IsWebP(file) && file.Length > 20 && file[15] == 'X' && (file[20] & 2) != 0 =>
            "an animated WebP, which is not read; save it as a video, or its images as PNG, first",
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
            var chunks = new PngChunks(file);
            while (chunks.MoveNext())
            {
            }

            if (chunks.End > file.Length)
            {
                throw new InvalidDataException($"damaged or truncated PNG: a part ends at byte {chunks.End}, the file after {file.Length}");
            }
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
    private static int PngOrientation(ReadOnlySpan<byte> file) => PngChunks.Find(file, "eXIf"u8, pastPixels: true) is { IsEmpty: false } exif ? TiffOrientation(exif) : 1;

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

    /// <summary>Returns the orientation of a TIFF's first image, from 1 to 8; 1 if the file states none. EXIF data are a TIFF too.</summary>
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

    /// <summary>Whether a PNG or TIFF may have transparent parts, by its header.</summary>
    public static bool MayBeTransparent(ReadOnlySpan<byte> file) =>
        IsPng(file) ? (file[25] & 4) != 0 || !PngChunks.Find(file, "tRNS"u8, pastPixels: false).IsEmpty : IsTiff(file) && HasTiffAlpha(file);

    /// <summary>Whether a TIFF's first image has alpha, premultiplied or not. TIFF 6.0: ExtraSamples (338), whose value 0 means unspecified data.</summary>
    public static bool HasTiffAlpha(ReadOnlySpan<byte> tiff) => TiffValue(tiff, 338) is 1 or 2;

    private static string Still(string format) => $"an image in the format {format}, which is not read; save it as JPEG or PNG first";
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
