using System.Numerics.Tensors;
using MlNetEmotion.Imaging;

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

    private static string Key(FaceDataset dataset, int index) => System.Text.Encoding.Latin1.GetString(dataset.Face(index));
}

/// <summary>
/// Finds faces that show the same image: identical, or saved again with another brightness, contrast or compression, with a watermark, or cropped one
/// pixel off, by <see cref="FaceCorrelation"/>. Near-duplicates of training images inflate the metrics: Barz and Denzler 2020, "Do We Train on Test Data? Purging
/// CIFAR of Near-Duplicates", https://arxiv.org/abs/1902.00423.
/// </summary>
internal static class NearDuplicates
{
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
                    && FaceCorrelation.Of(dataset.Face(i), other.Face(j)) >= FaceCorrelation.SameImage)
                {
                    isDuplicate[i] = true;
                }
            }
        });
        return [.. Enumerable.Range(0, isDuplicate.Length).Where(i => isDuplicate[i])];
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
