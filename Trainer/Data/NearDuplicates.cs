using System.Numerics.Tensors;

namespace MlNetEmotion.Trainer.Data;

/// <summary>Finds identical faces, byte for byte.</summary>
internal static class Duplicates
{
    /// <summary>Returns the indices of the faces that are also in another dataset, for example validation faces that are in the training set;
    /// ascending.</summary>
    public static IReadOnlyList<int> Shared(FaceDataset dataset, FaceDataset other)
    {
        HashSet<string> known = [.. Enumerable.Range(0, other.Count).Select(i => Key(other, i))];
        return [.. Enumerable.Range(0, dataset.Count).Where(i => known.Contains(Key(dataset, i)))];
    }

    private static string Key(FaceDataset dataset, int index) => string.Create(
        FacePreprocessor.PixelCount, (dataset, index), (text, face) => System.Text.Encoding.Latin1.GetChars(face.dataset.Face(face.index), text));
}

/// <summary>
/// Finds faces that show the same image: identical, or saved again with another brightness, contrast or compression, with a watermark, or cropped one
/// pixel off. Two faces match if their normalized cross-correlation (Lewis 1995, "Fast Normalized Cross-Correlation") is high enough at a shift of at
/// most one pixel in each direction. Near-duplicates of training images inflate the metrics: Barz and Denzler 2020, "Do We Train on Test Data? Purging
/// CIFAR of Near-Duplicates", https://arxiv.org/abs/1902.00423.
/// </summary>
internal static class NearDuplicates
{
    /// <summary>
    /// The correlation from which on two faces count as the same image. Of about 150 pairs of FER2013 between 0.92 and 0.95, none showed two different
    /// images; below 0.92 some do, and below 0.86 most do.
    /// </summary>
    private const double MinCorrelation = 0.92;

    /// <summary>The correlation of the block averages from which on two faces are compared in full. Pairs that match at a shift of one pixel are above
    /// it.</summary>
    private const float MinAverageCorrelation = 0.86f;

    private const int Size = FacePreprocessor.Size;
    private const int Cell = 4;
    private const int Cells = Size / Cell;
    private const int Averages = Cells * Cells;

    /// <summary>Returns the indices of the faces that have a duplicate or near-duplicate in another dataset; ascending. Every pair is compared.</summary>
    public static IReadOnlyList<int> Shared(FaceDataset dataset, FaceDataset other)
    {
        var isDuplicate = new bool[dataset.Count];
        foreach (int index in Duplicates.Shared(dataset, other))
        {
            isDuplicate[index] = true;
        }

        float[] averages = NormalizedAverages(dataset);
        float[] otherAverages = NormalizedAverages(other);
        Parallel.For(0, other.Count, j =>
        {
            ReadOnlySpan<float> otherFace = otherAverages.AsSpan(j * Averages, Averages);
            for (int i = 0; i < isDuplicate.Length; i++)
            {
                // Threads only ever write true, so that one without a match does not undo another's.
                if (!isDuplicate[i]
                    && TensorPrimitives.Dot(averages.AsSpan(i * Averages, Averages), otherFace) >= MinAverageCorrelation
                    && Correlation(dataset.Face(i), other.Face(j)) >= MinCorrelation)
                {
                    isDuplicate[i] = true;
                }
            }
        });
        return [.. Enumerable.Range(0, isDuplicate.Length).Where(i => isDuplicate[i])];
    }

    /// <summary>
    /// Returns the highest normalized cross-correlation of two faces over shifts of at most one pixel, in [-1, 1]: 1 if they differ in brightness and
    /// contrast only, 0 if one is blank.
    /// </summary>
    internal static double Correlation(ReadOnlySpan<byte> face, ReadOnlySpan<byte> other)
    {
        double highest = -1;
        for (int shift = 0; shift < 9; shift++)
        {
            highest = Math.Max(highest, CorrelationAt(face, other, (shift % 3) - 1, (shift / 3) - 1));
        }

        return highest;
    }

    private static double CorrelationAt(ReadOnlySpan<byte> face, ReadOnlySpan<byte> other, int shiftX, int shiftY)
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

    /// <summary>Returns the 12×12 block averages of each face, centred and normalized so that a dot product is a correlation; zeros for a blank face.</summary>
    private static float[] NormalizedAverages(FaceDataset dataset)
    {
        var all = new float[dataset.Count * Averages];
        Parallel.For(0, dataset.Count, i =>
        {
            Span<float> averages = all.AsSpan(i * Averages, Averages);
            ReadOnlySpan<byte> face = dataset.Face(i);
            for (int pixel = 0; pixel < face.Length; pixel++)
            {
                averages[(pixel / Size / Cell * Cells) + (pixel % Size / Cell)] += face[pixel];
            }

            TensorPrimitives.Subtract(averages, TensorPrimitives.Sum(averages) / Averages, averages);
            float length = TensorPrimitives.Norm(averages);
            TensorPrimitives.Multiply(averages, length > 0 ? 1 / length : 0, averages);
        });
        return all;
    }
}
