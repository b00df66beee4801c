namespace MlNetEmotion.Programs.Samples.Drawing;

/// <summary>A lens out of focus: a separable bell-shaped blur.</summary>
internal static class Defocus
{
    /// <summary>Blurs a picture [height, width] in place; beyond its edges the edge goes on.</summary>
    /// <param name="picture">Brightness, row-major.</param>
    /// <param name="width">Pixels a row.</param>
    /// <param name="sigma">Standard deviation in pixels, at least 0.</param>
    public static void Blur(double[] picture, int width, double sigma)
    {
        if (sigma == 0)
        {
            return;
        }

        var kernel = Kernel(sigma);
        int height = picture.Length / width;
        var rows = new double[picture.Length];
        Along(picture, rows, kernel, width, height, 1, width);
        Along(rows, picture, kernel, height, width, width, 1);
    }

    /// <summary>Half of the kernel, from its centre on; with its mirror image it sums to 1 and has variance sigma².</summary>
    private static double[] Kernel(double sigma)
    {
        // Sampled at whole pixels, a narrow bell would lose its flanks; three taps have the variance exactly.
        if (sigma <= 0.8)
        {
            return [1 - (sigma * sigma), sigma * sigma / 2];
        }

        // The variance of the quartic bell is 1/7 of its radius squared.
        double squaredRadius = 7 * sigma * sigma;
        var kernel = new double[(int)Math.Sqrt(squaredRadius) + 1];
        for (int i = 0; i < kernel.Length; i++)
        {
            kernel[i] = Soft.Bell(i * i / squaredRadius);
        }

        double sum = (2 * kernel.Sum()) - kernel[0];
        return Array.ConvertAll(kernel, weight => weight / sum);
    }

    private static void Along(double[] from, double[] to, double[] kernel, int length, int lines, int step, int lineStep)
    {
        for (int line = 0; line < lines; line++)
        {
            int start = line * lineStep;
            for (int i = 0; i < length; i++)
            {
                double sum = kernel[0] * from[start + (i * step)];
                for (int k = 1; k < kernel.Length; k++)
                {
                    int before = Math.Max(0, i - k);
                    int after = Math.Min(length - 1, i + k);
                    sum += kernel[k] * (from[start + (before * step)] + from[start + (after * step)]);
                }

                to[start + (i * step)] = sum;
            }
        }
    }
}
