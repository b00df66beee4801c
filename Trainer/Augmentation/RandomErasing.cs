using MlNetEmotion.Imaging;
using MlNetEmotion.Programs;

namespace MlNetEmotion.Trainer.Augmentation;

/// <summary>
/// Overwrites a rectangle with noise (Zhong et al. 2017, "Random Erasing Data Augmentation", https://arxiv.org/abs/1708.04896),
/// so that a network does not rely on any one part of a face.
/// </summary>
internal static class RandomErasing
{
    /// <summary>The largest share of the area for which a rectangle of every allowed shape fits.</summary>
    public const float LargestArea = 0.3f;

    private const int Size = FacePreprocessor.Size;

    /// <summary>Height to width, from 0.3 to its inverse; the paper's bounds.</summary>
    private static readonly float LargestLogAspect = MathF.Log(1 / 0.3f);

    /// <summary>Draws a rectangle inside the face, whose share of the area lies between two bounds, of which <see cref="LargestArea"/> is the highest.</summary>
    public static Box DrawBox(float minArea, float maxArea, ref SplitMix64 random)
    {
        float area = random.NextSingle(minArea, maxArea) * FacePreprocessor.PixelCount;
        float aspect = MathF.Exp(random.NextSingle(-LargestLogAspect, LargestLogAspect));
        int height = Math.Clamp((int)MathF.Round(MathF.Sqrt(area * aspect)), 1, Size);
        int width = Math.Clamp((int)MathF.Round(MathF.Sqrt(area / aspect)), 1, Size);
        return new Box(random.NextInt32(Size - width + 1), random.NextInt32(Size - height + 1), width, height);
    }

    /// <summary>Fills a rectangle, which lies inside, of a face with noise: float32 [48, 48], each in [0, 255].</summary>
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
