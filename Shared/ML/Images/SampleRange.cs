namespace MlNetEmotion.Images;

/// <summary>A closed range of values.</summary>
internal readonly record struct SampleRange(double From, double To)
{
    private static readonly SampleRange[] UsualFloatRanges = [new(0, 1), new(0, byte.MaxValue), new(0, ushort.MaxValue)];

    public double Width => To - From;

    /// <summary>Whether another range is within this one, with a tolerance of 1 % for rounding.</summary>
    public bool Contains(SampleRange other) => other.From >= From - (Width / 100) && other.To <= To + (Width / 100);

    /// <summary>Returns the ranges that a file's values may be meant to fill, by its header; none for files of 8 bits or fewer per value, which decoders read
    /// correctly. PNG's sBIT is ignored: by the standard, values fill the range whatever their original number of bits.</summary>
    public static SampleRange[] Of(ReadOnlySpan<byte> file)
    {
        try
        {
            return file switch
            {
                _ when ImageFormat.IsPng(file) => OfBits(file[24]),
                _ when ImageFormat.IsTiff(file) => OfTiff(file),
                _ when PnmImage.Is(file) => OfPnm(file),
                _ => [],
            };
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            return [];    // truncated, which the decoder reports
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
            3 => UsualFloatRanges,
            _ => OfBits((int)bits),
        };
    }

    private static SampleRange[] OfPnm(ReadOnlySpan<byte> file) =>
        PnmImage.MaximumOf(file) is var maximum && (maximum == byte.MaxValue || file[1] is (byte)'1' or (byte)'4') ? [] : [new(0, maximum)];
}
