using System.Globalization;
using System.Numerics;

namespace MlNetEmotion.Detector.Sources;

/// <summary>Pictures of more than 8 bits a value, as thermal cameras and microscopes write them: their values seldom fill the range that they could,
/// and what is reduced to 8 bits then is one gray all over.</summary>
internal static class DeepPicture
{
    // 14 bits in 16 have a quarter. Pictures whose values have more keep what they are.
    private const double LeastShare = 3.0 / 8;

    // Of whole numbers, so few steps are a lens cap's noise.
    private const double LeastSteps = 64;

    // Values of which one in so many is dead, hot or a mark do not count at either end.
    private const int ValuesAnOutlier = 10_000;
    private const int FewestWithOutliers = 1000;

    private const int HalfBits = 16;

    /// <summary>Decodes a picture to 8-bit BGR, its values stretched from the range that the file says, or where they have little of that, from their own.</summary>
    /// <returns>A sentence's part that says so; null, and nothing decoded, where the values are to be reduced to 8 bits as they are.</returns>
    public static string? TryStretch(ReadOnlySpan<byte> file, Mat picture)
    {
        SampleRange[] meant = SampleRange.Of(file);
        if (meant.Length == 0)
        {
            return null;
        }

        using Mat deep = Cv2.ImDecode(file, ImreadModes.AnyDepth | ImreadModes.AnyColor);
        bool isReduced = !deep.Empty() && deep.Depth() == MatType.CV_8U && meant[0].To > byte.MaxValue;    // OpenCV reads some as 8 bits
        if (deep.Empty() || isReduced || Choose(deep, meant) is not { } range)
        {
            return null;
        }

        using Mat stretched = Stretch(deep, range);
        if (stretched.Channels() == 1)
        {
            Cv2.CvtColor(stretched, picture, ColorConversionCodes.GRAY2BGR);
        }
        else
        {
            stretched.CopyTo(picture);
        }

        return string.Create(CultureInfo.InvariantCulture, $"values from {range.From:g6} to {range.To:g6} are stretched to 8 bits");
    }

    // Null for values that are right as decoders reduce them.
    private static SampleRange? Choose(Mat deep, SampleRange[] meant)
    {
        bool areWhole = deep.Depth() is not (MatType.CV_32F or MatType.CV_64F);
        if (Measure(deep) is not { } found || (areWhole && found.Width < LeastSteps && meant[0].To > byte.MaxValue))
        {
            return areWhole ? null : meant[0];
        }

        foreach (SampleRange range in meant)
        {
            if (range.Contains(found) && found.Width >= LeastShare * range.Width)
            {
                bool isReducedSo = range == new SampleRange(0, ushort.MaxValue) && deep.Depth() == MatType.CV_16U;
                return isReducedSo ? null : range;
            }
        }

        return found.Width > 0 ? found : meant.FirstOrDefault(range => range.Contains(found), found with { To = found.From + 1 });
    }

    // The values' own range, but for outliers; null where there are no numbers. Two looks each find a bound exactly: by the upper half of the
    // numbers' bits, which are in the numbers' order, and among those by the lower half.
    private static SampleRange? Measure(Mat deep)
    {
        var upper = new long[1 << HalfBits];
        ForEach(deep, key => upper[key >> HalfBits]++);
        long count = upper.Sum();
        if (count == 0)
        {
            return null;
        }

        long outliers = count < FewestWithOutliers ? 0 : Math.Max(1, count / ValuesAnOutlier);
        return new SampleRange(Find(outliers), Find(count - 1 - outliers));

        double Find(long rank)
        {
            int bin = BinOf(upper, ref rank);
            var lower = new long[1 << HalfBits];
            ForEach(deep, key =>
            {
                if (key >> HalfBits == bin)
                {
                    lower[key & ((1 << HalfBits) - 1)]++;
                }
            });
            return ValueOf((uint)((bin << HalfBits) | BinOf(lower, ref rank)));
        }
    }

    // Where the value of a rank is, and its rank therein.
    private static int BinOf(long[] bins, ref long rank)
    {
        int bin = 0;
        for (; rank >= bins[bin]; bin++)
        {
            rank -= bins[bin];
        }

        return bin;
    }

    private static void ForEach(Mat deep, Action<uint> take)
    {
        var row = new float[deep.Width * deep.Channels()];
        int height = deep.Height;
        for (int y = 0; y < height; y++)
        {
            ReadRow(deep, y, row);
            foreach (float value in row)
            {
                if (float.IsFinite(value))
                {
                    take(KeyOf(value));
                }
            }
        }
    }

    // A number's bits, changed so that their order is the numbers'.
    private static uint KeyOf(float value) => BitConverter.SingleToUInt32Bits(value) is var bits && (bits >> 31) == 0 ? bits | (1u << 31) : ~bits;

    private static float ValueOf(uint key) => BitConverter.UInt32BitsToSingle((key >> 31) == 0 ? ~key : key & int.MaxValue);

    private static unsafe Mat Stretch(Mat deep, SampleRange range)
    {
        var stretched = new Mat(deep.Rows, deep.Cols, MatType.CV_8UC(deep.Channels()));
        var row = new float[deep.Width * deep.Channels()];
        int height = deep.Height;
        for (int y = 0; y < height; y++)
        {
            ReadRow(deep, y, row);
            var target = new Span<byte>((void*)stretched.Ptr(y), row.Length);
            for (int i = 0; i < row.Length; i++)
            {
                double value = Math.Round((row[i] - range.From) * byte.MaxValue / range.Width);
                target[i] = double.IsNaN(value) ? (byte)0 : (byte)Math.Clamp(value, 0, byte.MaxValue);
            }
        }

        return stretched;
    }

    private static unsafe void ReadRow(Mat mat, int y, Span<float> row)
    {
        void* start = (void*)mat.Ptr(y);
        switch (mat.Depth())
        {
            case MatType.CV_8U:
                Convert(new ReadOnlySpan<byte>(start, row.Length), row);
                break;
            case MatType.CV_16U:
                Convert(new ReadOnlySpan<ushort>(start, row.Length), row);
                break;
            case MatType.CV_16S:
                Convert(new ReadOnlySpan<short>(start, row.Length), row);
                break;
            case MatType.CV_32S:
                Convert(new ReadOnlySpan<int>(start, row.Length), row);
                break;
            case MatType.CV_32F:
                new ReadOnlySpan<float>(start, row.Length).CopyTo(row);
                break;
            case MatType.CV_64F:
                Convert(new ReadOnlySpan<double>(start, row.Length), row);
                break;
            default:
                throw new InvalidDataException($"values of OpenCV's type {mat.Type()}, which are not read; save the picture with 8 or 16 bits");
        }
    }

    private static void Convert<T>(ReadOnlySpan<T> values, Span<float> row)
        where T : INumberBase<T>
    {
        for (int i = 0; i < values.Length; i++)
        {
            row[i] = float.CreateTruncating(values[i]);
        }
    }
}
