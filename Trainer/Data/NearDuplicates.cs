using System.Numerics.Tensors;
using MlNetEmotion.Imaging;

namespace MlNetEmotion.Trainer.Data;

/// <summary>Finds faces that are identical, byte for byte.</summary>
internal static class Duplicates
{
    /// <summary>Indices of a dataset's faces that also stand in another, for example validation faces that a network has trained on; ascending.</summary>
    public static IReadOnlyList<int> Shared(FaceDataset dataset, FaceDataset other)
    {
        HashSet<string> known = [.. Enumerable.Range(0, other.Count).Select(i => Key(other, i))];
        return [.. Enumerable.Range(0, dataset.Count).Where(i => known.Contains(Key(dataset, i)))];
    }

    private static string Key(FaceDataset dataset, int index) => string.Create(
        FacePreprocessor.PixelCount, (dataset, index), (text, face) => System.Text.Encoding.Latin1.GetChars(face.dataset.Face(face.index), text));
}

/// <summary>
/// Finds faces that are the same picture: identical, or saved again with another brightness, contrast or compression, with
/// a watermark, or cropped a pixel off. Two pictures are the same where their normalized cross-correlation (Lewis 1995, "Fast
/// Normalized Cross-Correlation") is high enough at a shift of at most one pixel either way. Near-duplicates of training images
/// flatter figures: Barz and Denzler 2020, "Do We Train on Test Data? Purging CIFAR of Near-Duplicates",
/// https://arxiv.org/abs/1902.00423.
/// </summary>
internal static class NearDuplicates
{
    /// <summary>
    /// From this correlation on, two faces count as the same picture. Of some 150 pairs of FER2013 between it and 0.95, none
    /// was seen that shows two pictures; below it there are some, and below 0.86 they are the rule.
    /// </summary>
    private const double SamePicture = 0.92;

    /// <summary>What averages must correlate by for the faces to be compared in full. Pictures that a pixel's shift brings together stay above it.</summary>
    private const float SimilarAverages = 0.86f;

    private const int Size = FacePreprocessor.Size;
    private const int Cell = 4;
    private const int Cells = Size / Cell;
    private const int Averages = Cells * Cells;

    /// <summary>Indices of a dataset's faces that also stand in another, identically or nearly; ascending. Every pair of faces is compared.</summary>
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
                // Threads write nothing but true: one that finds no duplicate must not undo what another has found meanwhile.
                if (!isDuplicate[i]
                    && TensorPrimitives.Dot(averages.AsSpan(i * Averages, Averages), otherFace) >= SimilarAverages
                    && Correlation(dataset.Face(i), other.Face(j)) >= SamePicture)
                {
                    isDuplicate[i] = true;
                }
            }
        });
        return [.. Enumerable.Range(0, isDuplicate.Length).Where(i => isDuplicate[i])];
    }

    /// <summary>
    /// The highest normalized cross-correlation of two faces over shifts of at most a pixel, in [-1, 1]: 1 for faces that differ in
    /// brightness and contrast alone, 0 for a blank one.
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
        // The border is left out, so that all shifts compare as many pixels.
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

    /// <summary>12×12 averages of each face, less their mean and divided by their length, so that a dot product is a correlation; zeros for a blank face.</summary>
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
