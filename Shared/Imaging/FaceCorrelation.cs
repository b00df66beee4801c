namespace MlNetEmotion.Imaging;

/// <summary>The normalized cross-correlation of two faces (Lewis 1995, "Fast Normalized Cross-Correlation").</summary>
internal static class FaceCorrelation
{
    /// <summary>
    /// The correlation from which on two faces count as the same image. Of about 150 pairs of FER2013 between 0.92 and 0.95, none showed two different
    /// images; below 0.92 some do, and below 0.86 most do.
    /// </summary>
    public const double SameImage = 0.92;

    private const int Size = FacePreprocessor.Size;

    /// <summary>
    /// Returns the highest normalized cross-correlation of two faces over shifts of at most one pixel, in [-1, 1]: 1 if they differ in brightness and
    /// contrast only, 0 if one is blank.
    /// </summary>
    public static double Of(ReadOnlySpan<byte> face, ReadOnlySpan<byte> other)
    {
        double highest = -1;
        for (int shift = 0; shift < 9; shift++)
        {
            highest = Math.Max(highest, At(face, other, (shift % 3) - 1, (shift / 3) - 1));
        }

        return highest;
    }

    private static double At(ReadOnlySpan<byte> face, ReadOnlySpan<byte> other, int shiftX, int shiftY)
    {
        // The border is left out, so that all shifts compare the same number of pixels.
        const int Inner = Size - 2;
        const double Count = Inner * Inner;
        (long a, long b, long aa, long bb, long ab) = (0, 0, 0, 0, 0);
        for (int y = 1; y <= Inner; y++)
        {
            ReadOnlySpan<byte> row = face.Slice((y * Size) + 1, Inner);
            ReadOnlySpan<byte> otherRow = other.Slice(((y + shiftY) * Size) + 1 + shiftX, Inner);
            for (int x = 0; x < Inner; x++)
            {
                (int p, int q) = (row[x], otherRow[x]);
                (a, b, aa, bb, ab) = (a + p, b + q, aa + (p * p), bb + (q * q), ab + (p * q));
            }
        }

        double variances = (aa - (a * a / Count)) * (bb - (b * b / Count));
        return variances > 0 ? (ab - (a * b / Count)) / Math.Sqrt(variances) : 0;
    }
}
