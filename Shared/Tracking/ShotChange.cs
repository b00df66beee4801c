namespace MlNetEmotion.Tracking;

/// <summary>
/// Detects shot changes (cuts) by the correlation of two thumbnails, which is invariant to brightness and contrast. A quick pan or a flash
/// may look the same, so a change does not end tracks: it only raises the similarity that a lost face must have to be matched again.
/// </summary>
internal sealed class ShotChange
{
    // Not finely tuned: a missed or a false cut only changes the similarity that a lost face must have.
    private const double MinSimilarity = 0.6;

    private const int Columns = 32;
    private const int Rows = 18;

    // Adjacent pixels sampled per cell: the memory access is what takes time, so four pixels cost little more than one.
    private const int Run = 4;

    private float[] current = new float[Columns * Rows];
    private float[] previous = new float[Columns * Rows];
    private bool isFirst = true;

    /// <summary>Compares the next frame with the previous one; true for a shot change.</summary>
    public bool IsCut(ImageView frame)
    {
        (current, previous) = (previous, current);
        Downscale(frame, current);
        bool isCut = !isFirst && Similarity(current, previous) < MinSimilarity;
        isFirst = false;
        return isCut;
    }

    /// <summary>Discards the last frame.</summary>
    public void Clear() => isFirst = true;

    // The thumbnail is normalized to mean 0 and length 1, or length 0 for a uniform frame.
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

    // Two uniform frames, both with length 0, are equal.
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
