using System.Text;
using System.Text.RegularExpressions;
using MlNetEmotion.Pictures;
using static System.Buffers.Binary.BinaryPrimitives;

namespace MlNetEmotion.Detector.Sources;

/// <summary>Values from one to another.</summary>
internal readonly partial record struct SampleRange(double From, double To)
{
    // EXIF and the like may come before: as in PictureDecoder.
    private const int MaxPnmHeader = 1 << 16;

    private static readonly SampleRange[] UsualOfFloats = [new(0, 1), new(0, byte.MaxValue), new(0, ushort.MaxValue)];

    public double Width => To - From;

    /// <summary>Whether another range lies within this one, but for rounding.</summary>
    public bool Contains(SampleRange other) => other.From >= From - (Width / 100) && other.To <= To + (Width / 100);

    /// <summary>The ranges that a file's values may be meant to fill, by what it says of them; none for a file of 8 bits a value or less, which decoders
    /// read as it is meant. PNG's sBIT says nothing of it: by that standard, values fill the range whatever their number of bits was.</summary>
    public static SampleRange[] Of(ReadOnlySpan<byte> file)
    {
        try
        {
            return file switch
            {
                [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => OfBits(file[24]),
                [(byte)'I', (byte)'I', 42, 0, ..] or [(byte)'M', (byte)'M', 0, 42, ..] => OfTiff(file),
                [(byte)'P', (byte)'2' or (byte)'3' or (byte)'5' or (byte)'6', ..] => OfPnm(file),
                _ when PictureFormat.IsJpeg2000(file) => OfJpeg2000(file),
                _ => [],
            };
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            return [];    // cut short, which the decoder reports
        }
    }

    private static SampleRange[] OfBits(int bits) => bits > 8 ? [new(0, Math.Pow(2, bits) - 1)] : [];

    // TIFF 6.0: BitsPerSample (258), SampleFormat (339), SMinSampleValue and SMaxSampleValue (340, 341), MinSampleValue and MaxSampleValue (280, 281).
    private static SampleRange[] OfTiff(ReadOnlySpan<byte> file)
    {
        var tiff = new TiffReader(file);
        long directory = tiff.First;
        long bits = tiff.Value(directory, 258) ?? 1;
        if (bits <= 8)
        {
            return [];
        }

        (double? from, double? to) = (tiff.Real(directory, 340) ?? tiff.Real(directory, 280), tiff.Real(directory, 341) ?? tiff.Real(directory, 281));
        return from < to && double.IsFinite(to.Value - from.Value) ? [new(from.Value, to.Value)] : tiff.Value(directory, 339) switch
        {
            2 => [new(-Math.Pow(2, bits - 1), Math.Pow(2, bits - 1) - 1)],
            3 => UsualOfFloats,
            _ => OfBits((int)bits),
        };
    }

    private static SampleRange[] OfPnm(ReadOnlySpan<byte> file)
    {
        Match header = PnmHeader.Match(Encoding.Latin1.GetString(file[..Math.Min(file.Length, MaxPnmHeader)]));
        return header.Success && int.Parse(header.Groups["maximum"].ValueSpan) is > 0 and not byte.MaxValue and int maximum ? [new(0, maximum)] : [];
    }

    // ITU-T T.800, A.5.1: the marker SIZ, 38 bytes of sizes, then each component's number of bits less 1.
    private static SampleRange[] OfJpeg2000(ReadOnlySpan<byte> file)
    {
        int size = file.IndexOf((ReadOnlySpan<byte>)[0xFF, 0x4F, 0xFF, 0x51]) + 2;
        return size < 2 || ReadUInt16BigEndian(file[(size + 38)..]) == 0 ? [] : OfBits((file[size + 40] & 0x7F) + 1);
    }

    [GeneratedRegex(@"^P[2356](\s|#[^\n]*\n)*\d+(\s|#[^\n]*\n)+\d+(\s|#[^\n]*\n)+(?<maximum>\d{1,5})\s", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PnmHeader { get; }
}
