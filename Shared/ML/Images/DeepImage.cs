using System.Globalization;

namespace MlNetEmotion.Images;

/// <summary>Chooses how the values of images with more than 8 bits per value, such as those of thermal cameras and microscopes, become 8 bits. They seldom
/// fill the format's range, so their upper 8 bits alone would give a nearly uniform gray.</summary>
internal static class DeepImage
{
    // Values that fill at least this fraction of a range are not stretched. 14-bit values in 16 bits fill a quarter.
    private const double MinFilledFraction = 3.0 / 8;

    // Integers with fewer steps are the noise of a covered lens.
    private const double MinSteps = 64;

    // One value in this many is ignored at each end: dead or hot pixels, or overlaid marks.
    private const int ValuesPerOutlier = 10_000;
    private const int MinValuesWithOutliers = 1000;

    private const int HalfBits = 16;

    /// <summary>Returns the range to stretch from: a stated one, or the values' own range if they fill too little of each stated one.</summary>
    /// <param name="candidates">The ranges that the file states or that are usual; at least one.</param>
    /// <returns>Null if the upper 8 bits of the first stated range are right.</returns>
    public static SampleRange? ChooseRange(Samples samples, SampleRange[] candidates)
    {
        if (Measure(samples) is not { } found || (samples.AreIntegers && found.Width < MinSteps && candidates[0].To > byte.MaxValue))
        {
            return samples.AreIntegers ? null : candidates[0];
        }

        foreach (SampleRange range in candidates)
        {
            if (range.Contains(found) && found.Width >= MinFilledFraction * range.Width)
            {
                return samples.AreIntegers && range == new SampleRange(0, ushort.MaxValue) ? null : range;
            }
        }

        return found.Width > 0 ? found : candidates.FirstOrDefault(range => range.Contains(found), found with { To = found.From + 1 });
    }

    /// <summary>Returns a clause on values that are stretched, or that are not because the image has transparency.</summary>
    public static string Remark(SampleRange range, bool isTransparent) => string.Create(
        CultureInfo.InvariantCulture,
        $"values from {range.From:g6} to {range.To:g6} are {(isTransparent ? "not stretched to 8 bits, for the image has transparency" : "stretched to 8 bits")}");

    // The values' own range without outliers; null if there are no finite values. Each bound is found exactly by two passes: a histogram of the upper half
    // of the order-preserving keys, then one of the lower half within the bound's bin.
    private static SampleRange? Measure(Samples samples)
    {
        var upper = new long[1 << HalfBits];
        for (int i = 0; i < samples.Count; i++)
        {
            if (samples[i] is var value && float.IsFinite(value))
            {
                upper[KeyOf(value) >> HalfBits]++;
            }
        }

        long count = upper.Sum();
        if (count == 0)
        {
            return null;
        }

        long outliers = count < MinValuesWithOutliers ? 0 : Math.Max(1, count / ValuesPerOutlier);
        return new SampleRange(Find(outliers), Find(count - 1 - outliers));

        double Find(long rank)
        {
            int bin = BinOf(upper, ref rank);
            var lower = new long[1 << HalfBits];
            for (int i = 0; i < samples.Count; i++)
            {
                if (samples[i] is var value && float.IsFinite(value) && KeyOf(value) is var key && key >> HalfBits == bin)
                {
                    lower[key & ((1 << HalfBits) - 1)]++;
                }
            }

            return ValueOf((uint)((bin << HalfBits) | BinOf(lower, ref rank)));
        }
    }

    // The bin of the value with a given rank; the rank becomes that within the bin.
    private static int BinOf(long[] bins, ref long rank)
    {
        int bin = 0;
        for (; rank >= bins[bin]; bin++)
        {
            rank -= bins[bin];
        }

        return bin;
    }

    // Maps a float's bits to an unsigned integer with the same order as the floats.
    private static uint KeyOf(float value) => BitConverter.SingleToUInt32Bits(value) is var bits && (bits >> 31) == 0 ? bits | (1u << 31) : ~bits;

    private static float ValueOf(uint key) => BitConverter.UInt32BitsToSingle((key >> 31) == 0 ? ~key : key & int.MaxValue);
}
