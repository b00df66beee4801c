using System.Numerics;
using System.Runtime.InteropServices;
using MlNetEmotion.Imaging;

namespace MlNetEmotion.Trainer.Data;

/// <summary>
/// Finds faces that are the same picture: identical, or saved again with another brightness, contrast or compression, with
/// a watermark, or cropped a pixel off. Two pictures are the same where their normalized cross-correlation (Lewis 1995, "Fast
/// Normalized Cross-Correlation") is high enough at a shift of at most one pixel either way. Such twins of training images
/// flatter figures: Barz and Denzler 2020, "Do We Train on Test Data? Purging CIFAR of Near-Duplicates",
/// https://arxiv.org/abs/1902.00423.
/// </summary>
public static class TwinFinder
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

    /// <summary>Faces of one dataset that also stand in another, identically or nearly. Every pair of faces is compared.</summary>
    /// <param name="dataset">Whose faces to look for.</param>
    /// <param name="other">Where to look for them.</param>
    /// <returns>Indices into <paramref name="dataset"/>, ascending.</returns>
    public static IReadOnlyList<int> Shared(FaceDataset dataset, FaceDataset other)
    {
        var isTwin = new bool[dataset.Count];
        foreach (int index in DuplicateFinder.Shared(dataset, other))
        {
            isTwin[index] = true;
        }

        float[] averages = NormalizedAverages(dataset);
        float[] otherAverages = NormalizedAverages(other);
        Parallel.For(0, other.Count, j =>
        {
            ReadOnlySpan<float> otherFace = otherAverages.AsSpan(j * Averages, Averages);
            for (int i = 0; i < isTwin.Length; i++)
            {
                // Threads write nothing but true: one that finds no twin must not undo what another has found meanwhile.
                if (!isTwin[i]
                    && Dot(averages.AsSpan(i * Averages, Averages), otherFace) >= SimilarAverages
                    && Correlation(dataset.Face(i), other.Face(j)) >= SamePicture)
                {
                    isTwin[i] = true;
                }
            }
        });
        return [.. Enumerable.Range(0, isTwin.Length).Where(i => isTwin[i])];
    }

    /// <summary>The highest normalized cross-correlation of two faces over shifts of at most a pixel; 0 for a blank face.</summary>
    /// <param name="face">uint8 [48, 48], gray.</param>
    /// <param name="other">uint8 [48, 48], gray.</param>
    /// <returns>In [-1, 1]; 1 for faces that differ in brightness and contrast alone.</returns>
    internal static double Correlation(ReadOnlySpan<byte> face, ReadOnlySpan<byte> other)
    {
        double highest = -1;
        for (int y = -1; y <= 1; y++)
        {
            for (int x = -1; x <= 1; x++)
            {
                highest = Math.Max(highest, CorrelationAt(face, other, x, y));
            }
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
                a += p;
                b += q;
                aa += p * p;
                bb += q * q;
                ab += p * q;
            }
        }

        double variances = (aa - (a * a / Count)) * (bb - (b * b / Count));
        return variances > 0 ? (ab - (a * b / Count)) / Math.Sqrt(variances) : 0;
    }

    /// <summary>12×12 averages of each face, less their mean and divided by their length, so that a dot product is a correlation.</summary>
    /// <returns>float32 [count, 144]; zeros for a blank face.</returns>
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

            Normalize(averages);
        });
        return all;
    }

    private static void Normalize(Span<float> values)
    {
        float sum = 0;
        foreach (float value in values)
        {
            sum += value;
        }

        float squares = 0;
        foreach (ref float value in values)
        {
            value -= sum / Averages;
            squares += value * value;
        }

        float factor = squares > 0 ? 1 / MathF.Sqrt(squares) : 0;
        foreach (ref float value in values)
        {
            value *= factor;
        }
    }

    private static float Dot(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        // 144 is a multiple of 4, 8 and 16: no remainder on any processor.
        ReadOnlySpan<Vector<float>> leftVectors = MemoryMarshal.Cast<float, Vector<float>>(left);
        ReadOnlySpan<Vector<float>> rightVectors = MemoryMarshal.Cast<float, Vector<float>>(right);
        Vector<float> sum = Vector<float>.Zero;
        for (int v = 0; v < leftVectors.Length; v++)
        {
            sum += leftVectors[v] * rightVectors[v];
        }

        return Vector.Sum(sum);
    }
}
