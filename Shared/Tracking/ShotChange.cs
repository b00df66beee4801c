using MlNetEmotion.Imaging;

namespace MlNetEmotion.Tracking;

/// <summary>
/// Notices that the picture changes as a whole from one frame to the next, as at a cut: by the correlation of two thumbnails, which
/// no change of brightness or contrast moves. A quick pan or a flash may do the same, so a face is only asked, after it, to look just
/// as before.
/// </summary>
internal sealed class ShotChange
{
    // Not measured finely, and it need not be: a cut that is missed, or one that is none, only changes how alike a face must look.
    private const double LeastSimilarity = 0.6;

    private const int Columns = 32;
    private const int Rows = 18;
    private const int SamplesPerSide = 2;    // of each cell: 2304 pixels of a frame, however large it is

    private float[] current = new float[Columns * Rows];
    private float[] previous = new float[Columns * Rows];
    private bool isFirst = true;

    /// <summary>Takes the next frame; whether it shows something else than the one before.</summary>
    public bool IsCut(ImageView frame)
    {
        (current, previous) = (previous, current);
        Shrink(frame, current);
        bool isCut = !isFirst && Similarity(current, previous) < LeastSimilarity;
        isFirst = false;
        return isCut;
    }

    /// <summary>Forgets the last frame.</summary>
    public void Clear() => isFirst = true;

    // Normalized to mean 0 and a length of 1, or 0 where all is even.
    private static void Shrink(ImageView frame, float[] cells)
    {
        const int Across = Columns * SamplesPerSide, Down = Rows * SamplesPerSide;
        Array.Clear(cells);
        int channels = Math.Min(frame.BytesPerPixel, 3);
        for (int y = 0; y < Down; y++)
        {
            ReadOnlySpan<byte> row = frame.Pixels[((int)(((2 * y) + 1L) * frame.Height / (2 * Down)) * frame.Stride)..];
            for (int x = 0; x < Across; x++)
            {
                int at = (int)(((2 * x) + 1L) * frame.Width / (2 * Across)) * frame.BytesPerPixel;
                for (int channel = 0; channel < channels; channel++)
                {
                    cells[(y / SamplesPerSide * Columns) + (x / SamplesPerSide)] += row[at + channel];
                }
            }
        }

        double mean = 0, squares = 0;
        foreach (float cell in cells)
        {
            mean += cell / cells.Length;
            squares += (double)cell * cell;
        }

        double variance = squares - (cells.Length * mean * mean);
        float scale = variance < cells.Length ? 0 : (float)(1 / Math.Sqrt(variance));
        for (int i = 0; i < cells.Length; i++)
        {
            cells[i] = (cells[i] - (float)mean) * scale;
        }
    }

    // Two even pictures, both 0, are alike.
    private static double Similarity(float[] a, float[] b)
    {
        double similarity = 0, lengthA = 0, lengthB = 0;
        for (int i = 0; i < a.Length; i++)
        {
            similarity += a[i] * b[i];
            (lengthA, lengthB) = (lengthA + (a[i] * a[i]), lengthB + (b[i] * b[i]));
        }

        return lengthA + lengthB == 0 ? 1 : similarity;
    }
}
