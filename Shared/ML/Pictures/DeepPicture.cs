using System.Globalization;

namespace MlNetEmotion.Pictures;

/// <summary>Reduces pictures of other than 8 bits a value, such as those of thermal cameras and microscopes: their values seldom fill the range that
/// the format allows, and would become one gray all over by their upper 8 bits.</summary>
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

    /// <summary>The range from which values are to be stretched: one that the file states, or where they fill little of that, their own.</summary>
    /// <param name="meant">The ranges that the file states or that are usual; at least one.</param>
    /// <returns>Null for values that are right as the upper 8 bits of the first stated range.</returns>
    public static SampleRange? Choose(Samples samples, SampleRange[] meant)
    {
        if (Measure(samples.Values) is not { } found || (samples.AreWhole && found.Width < LeastSteps && meant[0].To > byte.MaxValue))
        {
            return samples.AreWhole ? null : meant[0];
        }

        foreach (SampleRange range in meant)
        {
            if (range.Contains(found) && found.Width >= LeastShare * range.Width)
            {
                return samples.AreWhole && range == new SampleRange(0, ushort.MaxValue) ? null : range;
            }
        }

        return found.Width > 0 ? found : meant.FirstOrDefault(range => range.Contains(found), found with { To = found.From + 1 });
    }

    /// <summary>A sentence's part on a picture whose values are stretched, or are not because it has transparency.</summary>
    public static string Remark(SampleRange range, bool isTransparent) => string.Create(
        CultureInfo.InvariantCulture,
        $"values from {range.From:g6} to {range.To:g6} are {(isTransparent ? "not stretched to 8 bits, for the picture has transparency" : "stretched to 8 bits")}");

    // The values' own range, but for outliers; null where there are no numbers. Two looks each find a bound exactly: by the upper half of the
    // numbers' bits, which are in the numbers' order, and among those by the lower half.
    private static SampleRange? Measure(float[] values)
    {
        var upper = new long[1 << HalfBits];
        foreach (float value in values)
        {
            if (float.IsFinite(value))
            {
                upper[KeyOf(value) >> HalfBits]++;
            }
        }

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
            foreach (float value in values)
            {
                if (float.IsFinite(value) && KeyOf(value) is var key && key >> HalfBits == bin)
                {
                    lower[key & ((1 << HalfBits) - 1)]++;
                }
            }

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

    // A number's bits, changed so that their order is the numbers'.
    private static uint KeyOf(float value) => BitConverter.SingleToUInt32Bits(value) is var bits && (bits >> 31) == 0 ? bits | (1u << 31) : ~bits;

    private static float ValueOf(uint key) => BitConverter.UInt32BitsToSingle((key >> 31) == 0 ? ~key : key & int.MaxValue);
}
