namespace MlNetEmotion.Trainer.Augmentation;

/// <summary>Gaussian blur, like a lens out of focus or an enlarged small face.</summary>
internal static class GaussianBlur
{
    /// <summary>The maximum sigma of augmentation, in pixels: the expression is still visible.</summary>
    public const float MaxSigma = 1.5f;

    private const int Size = FacePreprocessor.Size;

    /// <summary>Blurs a face in place, float32 [48, 48]; edge pixels are replicated. <paramref name="sigma"/> is in pixels.</summary>
    public static void Apply(Span<float> image, float sigma)
    {
        int radius = (int)MathF.Ceiling(3 * sigma);
        Span<float> kernel = stackalloc float[(2 * radius) + 1];
        float sum = 0;
        for (int k = 0; k < kernel.Length; k++)
        {
            float distance = k - radius;
            sum += kernel[k] = radius == 0 ? 1 : MathF.Exp(-distance * distance / (2 * sigma * sigma));
        }

        Span<float> padded = stackalloc float[Size + (2 * radius)];
        for (int line = 0; line < Size; line++)
        {
            Line(image, line * Size, 1, kernel, sum, padded);
        }

        for (int line = 0; line < Size; line++)
        {
            Line(image, line, Size, kernel, sum, padded);
        }
    }

    private static void Line(Span<float> image, int first, int step, ReadOnlySpan<float> kernel, float sum, Span<float> padded)
    {
        int radius = kernel.Length / 2;
        for (int i = 0; i < padded.Length; i++)
        {
            padded[i] = image[first + (Math.Clamp(i - radius, 0, Size - 1) * step)];
        }

        for (int i = 0; i < Size; i++)
        {
            float value = 0;
            for (int k = 0; k < kernel.Length; k++)
            {
                value += kernel[k] * padded[i + k];
            }

            image[first + (i * step)] = value / sum;
        }
    }
}
