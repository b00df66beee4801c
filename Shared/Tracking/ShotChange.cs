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
    private const double MinSimilarity = 0.6;

    private const int Columns = 32;
    private const int Rows = 18;

    // Pixels of each cell, side by side: what costs time is the place in memory, not the pixel.
    private const int Run = 4;

    private float[] current = new float[Columns * Rows];
    private float[] previous = new float[Columns * Rows];
    private bool isFirst = true;

    /// <summary>Takes the next frame; whether it shows something else than the one before.</summary>
    public bool IsCut(ImageView frame)
    {
        (current, previous) = (previous, current);
        Downscale(frame, current);
        bool isCut = !isFirst && Similarity(current, previous) < MinSimilarity;
        isFirst = false;
        return isCut;
    }

    /// <summary>Forgets the last frame.</summary>
    public void Clear() => isFirst = true;

    // Normalized to mean 0 and a length of 1, or 0 where all is even.
    private static void Downscale(ImageView frame, float[] cells)
    {
        int channels = Math.Min(frame.BytesPerPixel, 3);
        int run = Math.Min(Run, frame.Width);
        for (int y = 0; y < Rows; y++)
        {
            ReadOnlySpan<byte> row = frame.Pixels[(((2 * y) + 1) * frame.Height / (2 * Rows) * frame.Stride)..];
            for (int x = 0; x < Columns; x++)
            {
                int first = Math.Min(((2 * x) + 1) * frame.Width / (2 * Columns), frame.Width - run);
                int sum = 0;
                for (int pixel = first; pixel < first + run; pixel++)
                {
                    for (int channel = 0; channel < channels; channel++)
                    {
                        sum += row[(pixel * frame.BytesPerPixel) + channel];
                    }
                }

                cells[(y * Columns) + x] = sum;
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
