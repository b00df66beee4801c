namespace MlNetEmotion.Trainer.Augmentation;

/// <summary>
/// Fills a random rectangle with noise (Zhong et al. 2017, "Random Erasing Data Augmentation", https://arxiv.org/abs/1708.04896), so that a network
/// does not depend on a single part of the face.
/// </summary>
internal static class RandomErasing
{
    /// <summary>The maximum area, as a share of the image, at which a rectangle of every allowed aspect ratio fits.</summary>
    public const float MaxArea = 0.3f;

    private const int Size = FacePreprocessor.Size;

    /// <summary>The logarithm of the maximum height-to-width ratio; the paper's ratios are 0.3 to 1 / 0.3.</summary>
    private static readonly float MaxLogAspect = MathF.Log(1 / 0.3f);

    /// <summary>Draws a rectangle inside the face that covers a share of its area between two bounds, at most <see cref="MaxArea"/>.</summary>
    public static Box DrawBox(float minArea, float maxArea, ref SplitMix64 random)
    {
        float area = random.NextSingle(minArea, maxArea) * FacePreprocessor.PixelCount;
        float aspect = MathF.Exp(random.NextSingle(-MaxLogAspect, MaxLogAspect));
        int height = Math.Clamp((int)MathF.Round(MathF.Sqrt(area * aspect)), 1, Size);
        int width = Math.Clamp((int)MathF.Round(MathF.Sqrt(area / aspect)), 1, Size);
        return new Box(random.NextInt32(Size - width + 1), random.NextInt32(Size - height + 1), width, height);
    }

    /// <summary>Fills a rectangle of a face, float32 [48, 48], with noise in [0, 255]. The rectangle must be inside the face.</summary>
    public static void Fill(Span<float> image, Box box, ref SplitMix64 random)
    {
        for (int y = box.Y; y < box.Y + box.Height; y++)
        {
            foreach (ref float pixel in image.Slice((y * Size) + box.X, box.Width))
            {
                pixel = random.NextInt32(byte.MaxValue + 1);
            }
        }
    }
}
