namespace MlNetEmotion.Programs.Samples;

/// <summary>
/// Draws a face as a small gray photograph: a rotated ellipsoid with relief, evaluated and lit at each pixel. The same parameters give
/// the same pixels on every platform, and the same image apart from noise at every resolution. Thread-safe.
/// </summary>
internal static class FaceRenderer
{
    /// <summary>Draws a face that fills a square from forehead to chin, as face detectors crop it.</summary>
    /// <returns>uint8 [size, size] gray, each in [0, 255], row-major.</returns>
    public static byte[] Render(FaceParameters face, int size) => Render(face, size, size, new Box(0, 0, size, size));

    /// <summary>Draws a face somewhere in a larger frame, with hair, neck, shoulders and background around it.</summary>
    /// <param name="box">The square that the face fills from forehead to chin; may extend beyond the frame.</param>
    /// <returns>uint8 [height, width] gray, each in [0, 255], row-major.</returns>
    public static byte[] Render(FaceParameters face, int width, int height, Box box)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Math.Min(box.Width, box.Height), nameof(box));
        double pixel = 1.0 / box.Width;
        var painter = FacePainter.Of(face, pixel);
        var image = new double[width * height];
        for (int y = 0; y < height; y++)
        {
            double faceY = ((y + 0.5 - box.Y) / box.Height) - 0.5;
            for (int x = 0; x < width; x++)
            {
                image[(y * width) + x] = painter.Brightness(((x + 0.5 - box.X) * pixel) - 0.5, faceY);
            }
        }

        Defocus.Blur(image, width, face.Photograph.Blur * box.Width);
        return Develop(face.Photograph, image, width);
    }

    /// <summary>Applies the camera: exposure, contrast, noise, 8 bits.</summary>
    private static byte[] Develop(Photograph photograph, double[] image, int width)
    {
        var pixels = new byte[image.Length];
        for (int i = 0; i < pixels.Length; i++)
        {
            // Film-like: highlights saturate softly and shadows are lifted; then contrast about mid-gray.
            double light = 0.9 * Math.Max(0, image[i]) * photograph.Exposure;
            light = 1.7 * light / (light + 0.9);
            light = 0.5 * (light + Math.Sqrt(light));
            light = 0.5 + ((light - 0.5) * photograph.Contrast);
            if (photograph.Noise > 0)
            {
                // Nearly normal: three uniform variables of variance 1/3 each.
                (int x, int y, int seed) = (i % width, i / width, photograph.Seed);
                light += photograph.Noise * (Soft.White(x, y, seed) + Soft.White(x, y, seed + 1) + Soft.White(x, y, seed + 2));
            }

            pixels[i] = (byte)((Soft.Clamp(light) * 255) + 0.5);
        }

        return pixels;
    }
}

/// <summary>A lens out of focus: a separable bell-shaped blur.</summary>
internal static class Defocus
{
    /// <summary>Blurs an image [height, width] in place; edge pixels are repeated beyond the edges.</summary>
    public static void Blur(double[] image, int width, double sigmaPixels)
    {
        if (sigmaPixels == 0)
        {
            return;
        }

        double[] kernel = Kernel(sigmaPixels);
        int height = image.Length / width;
        var rows = new double[image.Length];
        Along(image, rows, kernel, width, height, 1, width);
        Along(rows, image, kernel, height, width, width, 1);
    }

    /// <summary>Half of the kernel, from its centre on; mirrored, it sums to 1 and has variance sigma².</summary>
    private static double[] Kernel(double sigma)
    {
        // A narrow bell sampled at whole pixels would lose its flanks; three taps have the exact variance.
        if (sigma <= 0.8)
        {
            return [1 - (sigma * sigma), sigma * sigma / 2];
        }

        // The variance of the quartic bell is 1/7 of its radius squared.
        double squaredRadius = 7 * sigma * sigma;
        double[] kernel = [.. Enumerable.Range(0, (int)Math.Sqrt(squaredRadius) + 1).Select(i => Soft.Bell(i * i / squaredRadius))];
        double sum = (2 * kernel.Sum()) - kernel[0];
        return Array.ConvertAll(kernel, weight => weight / sum);
    }

    private static void Along(double[] from, double[] to, double[] kernel, int length, int lines, int step, int lineStep)
    {
        for (int i = 0; i < lines * length; i++)
        {
            (int start, int at) = (i / length * lineStep, i % length);
            double sum = kernel[0] * from[start + (at * step)];
            for (int k = 1; k < kernel.Length; k++)
            {
                sum += kernel[k] * (from[start + (Math.Max(0, at - k) * step)] + from[start + (Math.Min(length - 1, at + k) * step)]);
            }

            to[start + (at * step)] = sum;
        }
    }
}
