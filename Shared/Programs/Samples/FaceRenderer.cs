using MlNetEmotion.Imaging;
using MlNetEmotion.Programs.Samples.Drawing;

namespace MlNetEmotion.Programs.Samples;

/// <summary>
/// Draws a face as a small gray photograph. The same parameters give the same pixels on every platform, and, but for noise,
/// the same picture at every resolution. Thread-safe.
/// </summary>
public static class FaceRenderer
{
    /// <summary>Draws a face that fills a square from forehead to chin, as face detectors crop it.</summary>
    /// <param name="face">What to draw.</param>
    /// <param name="size">Pixels across and down, at least 1.</param>
    /// <returns>uint8 [size, size] gray, each in [0, 255], row-major.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The size is not positive.</exception>
    public static byte[] Render(FaceParameters face, int size) => Render(face, size, size, new Box(0, 0, size, size));

    /// <summary>Draws a face somewhere in a larger frame, with hair, neck, shoulders and background around it.</summary>
    /// <param name="face">What to draw.</param>
    /// <param name="width">Pixels across, at least 1.</param>
    /// <param name="height">Pixels down, at least 1.</param>
    /// <param name="box">The square that the face fills from forehead to chin; it may reach over the frame's edges.</param>
    /// <returns>uint8 [height, width] gray, each in [0, 255], row-major.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A size, or the box's, is not positive.</exception>
    public static byte[] Render(FaceParameters face, int width, int height, Box box)
    {
        ArgumentNullException.ThrowIfNull(face);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Math.Min(box.Width, box.Height), nameof(box));
        double pixel = 1.0 / box.Width;
        var painter = new FacePainter(face, pixel);
        var picture = new double[width * height];
        for (int y = 0; y < height; y++)
        {
            double faceY = ((y + 0.5 - box.Y) / box.Height) - 0.5;
            for (int x = 0; x < width; x++)
            {
                picture[(y * width) + x] = painter.Brightness(((x + 0.5 - box.X) * pixel) - 0.5, faceY);
            }
        }

        Defocus.Blur(picture, width, face.Photograph.Blur * box.Width);
        return Develop(face.Photograph, picture, width);
    }

    /// <summary>What the camera makes of the light: exposure, contrast, noise, 8 bits.</summary>
    private static byte[] Develop(Photograph photograph, double[] picture, int width)
    {
        var pixels = new byte[picture.Length];
        for (int i = 0; i < pixels.Length; i++)
        {
            // Film-like: highlights saturate softly and shadows are lifted; then contrast about mid-gray.
            double light = 0.9 * Math.Max(0, picture[i]) * photograph.Exposure;
            light = 1.7 * light / (light + 0.9);
            light = 0.5 * (light + Math.Sqrt(light));
            light = 0.5 + ((light - 0.5) * photograph.Contrast);
            if (photograph.Noise > 0)
            {
                light += photograph.Noise * Grain(i % width, i / width, photograph.Seed);
            }

            pixels[i] = (byte)((Soft.Clamp(light) * 255) + 0.5);
        }

        return pixels;
    }

    /// <summary>Nearly normal noise: three uniform variables of variance 1/3 each.</summary>
    private static double Grain(int x, int y, int seed) =>
        Soft.White(x, y, seed) + Soft.White(x, y, seed + 1) + Soft.White(x, y, seed + 2);
}
