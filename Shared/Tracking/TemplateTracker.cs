using System.Numerics;

namespace MlNetEmotion.Tracking;

/// <summary>
/// Tracks the crop of a face's last detection (the template) by steps of the inverse compositional Lucas-Kanade method for translations
/// (S. Baker, I. Matthews: Lucas-Kanade 20 years on, 2004). Crops are normalized to mean 0 and variance 1, so that a change of light is
/// not taken for motion.
/// </summary>
internal sealed class TemplateTracker
{
    private const int Size = FacePreprocessor.Size;

    private readonly byte[] pixels = new byte[FacePreprocessor.PixelCount];
    private readonly float[] current = new float[FacePreprocessor.PixelCount];
    private readonly float[] template = new float[FacePreprocessor.PixelCount];
    private readonly float[] gradientX = new float[FacePreprocessor.PixelCount];
    private readonly float[] gradientY = new float[FacePreprocessor.PixelCount];
    private (float XX, float XY, float YY) hessian;

    /// <summary>The last crop, uint8 [48, 48], gray; black outside the frame.</summary>
    public ReadOnlySpan<byte> Pixels => pixels;

    public void SetTemplate(ImageView frame, Box box)
    {
        Normalize(frame, box, template);
        hessian = default;
        for (int y = 1; y < Size - 1; y++)
        {
            for (int i = (y * Size) + 1; i < (y * Size) + Size - 1; i++)
            {
                float dx = (template[i + 1] - template[i - 1]) / 2;
                float dy = (template[i + Size] - template[i - Size]) / 2;
                (gradientX[i], gradientY[i]) = (dx, dy);
                hessian = (hessian.XX + (dx * dx), hessian.XY + (dx * dy), hessian.YY + (dy * dy));
            }
        }
    }

    /// <summary>Estimates the face's shift from a box by one step.</summary>
    /// <param name="shift">The shift in the frame's pixels; accurate up to some twentieths of the box.</param>
    /// <returns>The correlation of the box's crop with the template, in [-1, 1], before the shift.</returns>
    public double Find(ImageView frame, Box box, out Vector2 shift)
    {
        Normalize(frame, box, current);
        float similarity = 0;
        float stepX = 0;
        float stepY = 0;
        for (int i = 0; i < current.Length; i++)
        {
            float difference = current[i] - template[i];
            similarity += current[i] * template[i];
            stepX += gradientX[i] * difference;
            stepY += gradientY[i] * difference;
        }

        // current(x) = template(x - shift), so the difference is about -gradient · shift: least squares give the shift.
        float determinant = (hessian.XX * hessian.YY) - (hessian.XY * hessian.XY);
        shift = determinant <= float.Epsilon ? Vector2.Zero : new Vector2(
            ((hessian.XY * stepY) - (hessian.YY * stepX)) / determinant * box.Width / Size,
            ((hessian.XY * stepX) - (hessian.XX * stepY)) / determinant * box.Height / Size);
        return similarity / current.Length;
    }

    private void Normalize(ImageView frame, Box box, float[] normalized)
    {
        FaceDescriptor.Crop(frame, box, pixels);
        long sum = 0;
        long squares = 0;
        foreach (byte pixel in pixels)
        {
            sum += pixel;
            squares += pixel * pixel;
        }

        double mean = (double)sum / pixels.Length;
        double variance = ((double)squares / pixels.Length) - (mean * mean);
        float scale = variance < 1 ? 0 : (float)(1 / Math.Sqrt(variance)); // a uniform area correlates with nothing
        for (int i = 0; i < normalized.Length; i++)
        {
            normalized[i] = (pixels[i] - (float)mean) * scale;
        }
    }
}
