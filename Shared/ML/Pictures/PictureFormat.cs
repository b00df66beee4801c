using static System.Buffers.Binary.BinaryPrimitives;

namespace MlNetEmotion.Pictures;

/// <summary>What picture files say of themselves, where their decoders don't look.</summary>
internal static class PictureFormat
{
    /// <summary>What a file is that is a picture, but of a kind that no decoder here reads, and what to do; null for any other.</summary>
    public static string? Unreadable(ReadOnlySpan<byte> file) => file switch
    {
        // ISO 14496-12: a box 'ftyp' begins with the brand.
        [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', (byte)'a', (byte)'v', (byte)'i', ..] => Still("AVIF"),
        [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', (byte)'h', (byte)'e', ..]
            or [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', (byte)'m', (byte)'i' or (byte)'s', (byte)'f', (byte)'1', ..] => Still("HEIC"),
        [0, 0, 0, 12, (byte)'J', (byte)'X', (byte)'L', (byte)' ', ..] or [0xFF, 0x0A, ..] => Still("JPEG XL"),
        _ when IsJpeg2000(file) => Still("JPEG 2000"),
        _ when IsWebP(file) && file.Length > 20 && file[15] == 'X' && (file[20] & 2) != 0 =>
            "an animated WebP, which is not read; save it as a video, or its pictures as PNG, first",
        _ => null,
    };

    /// <summary>Whether a file is a JPEG 2000 picture, bare (ITU-T T.800) or in boxes.</summary>
    public static bool IsJpeg2000(ReadOnlySpan<byte> file) => file.StartsWith("\0\0\0\x0CjP  \r\n"u8) || file is [0xFF, 0x4F, 0xFF, 0x51, ..];

    public static bool IsWebP(ReadOnlySpan<byte> file) => file.StartsWith("RIFF"u8) && file.Length > 16 && file[8..].StartsWith("WEBP"u8);

    /// <summary>Which way up a WebP's picture is stored, from 1 to 8 as EXIF counts; 1, upright, where the file says nothing.</summary>
    public static int WebPOrientation(ReadOnlySpan<byte> file)
    {
        // RFC 9649: chunks of a name, a length and as many bytes, filled up to an even number.
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

    /// <summary>The same of a TIFF, which EXIF is too.</summary>
    public static int TiffOrientation(ReadOnlySpan<byte> tiff) => TiffValue(tiff, 0x112) is long value and >= 1 and <= 8 ? (int)value : 1;

    /// <summary>A number in a TIFF's first directory, a short or a long; null where it is not there.</summary>
    public static long? TiffValue(ReadOnlySpan<byte> tiff, int tag)
    {
        try
        {
            var reader = new TiffReader(tiff);
            return reader.Value(reader.First, tag);
        }
        catch (ArgumentOutOfRangeException)
        {
            return null;    // cut short
        }
    }

    private static string Still(string format) => $"a picture in the format {format}, which is not read; save it as JPEG or PNG first";
}

/// <summary>Reads a TIFF's directories (TIFF 6.0, section 2). What is cut short throws <see cref="ArgumentOutOfRangeException"/>.</summary>
internal readonly ref struct TiffReader(ReadOnlySpan<byte> tiff)
{
    private readonly ReadOnlySpan<byte> tiff = tiff;
    private readonly bool isLittleEndian = tiff is [(byte)'I', ..];

    /// <summary>The offset of the first directory.</summary>
    public long First => Long(tiff[4..]);

    public int Short(ReadOnlySpan<byte> bytes) => isLittleEndian ? ReadUInt16LittleEndian(bytes) : ReadUInt16BigEndian(bytes);

    public uint Long(ReadOnlySpan<byte> bytes) => isLittleEndian ? ReadUInt32LittleEndian(bytes) : ReadUInt32BigEndian(bytes);

    /// <summary>The offset of the directory after another; 0 for none.</summary>
    public long Next(long directory)
    {
        ReadOnlySpan<byte> entries = From(directory);
        return Long(entries[(2 + (12 * Short(entries)))..]);
    }

    /// <summary>A directory's number of a tag, the first of several: a short, or a long; null where it is not there.</summary>
    public long? Value(long directory, int tag) => Field(directory, tag) is not [_, _, ..] field ? null : (long?)Number(field);

    /// <summary>A directory's real number of a tag, the first of several, of any of TIFF's types; null where it is not there.</summary>
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

    // Two shorts fit into the field itself; what is longer lies elsewhere.
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
