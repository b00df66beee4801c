using MlNetEmotion.Imaging;
using MlNetEmotion.Programs;

namespace MlNetEmotion.Trainer.Augmentation;

/// <summary>A change of a face's place and light: what augmentation draws by chance.</summary>
/// <param name="IsFlipped">Whether left and right are exchanged, before anything else.</param>
/// <param name="AngleRadians">Rotation about the centre, clockwise as seen on the screen.</param>
/// <param name="Scale">Size about the centre; 1 keeps it.</param>
/// <param name="ShiftX">Pixels to the right, after the rest.</param>
/// <param name="ShiftY">Pixels down, after the rest.</param>
/// <param name="Brightness">Added to every value, in gray levels.</param>
/// <param name="Contrast">Multiplies every value's distance from the face's mean.</param>
internal readonly record struct FaceTransform(
    bool IsFlipped, float AngleRadians, float Scale, float ShiftX, float ShiftY, float Brightness, float Contrast)
{
    /// <summary>Changes nothing.</summary>
    public static FaceTransform Identity { get; } = new(false, 0, 1, 0, 0, 0, 1);

    /// <summary>Draws a transform within the options' bounds.</summary>
    public static FaceTransform Draw(AugmentationOptions options, ref SplitMix64 random)
    {
        float radians = float.DegreesToRadians(options.RotationDegrees);
        float pixels = options.Shift * FacePreprocessor.Size;
        float levels = options.Brightness * byte.MaxValue;
        var transform = new FaceTransform(
            random.NextSingle() < options.FlipProbability,
            random.NextSingle(-radians, radians),
            random.NextSingle(1 - options.Scale, 1 + options.Scale),
            random.NextSingle(-pixels, pixels),
            random.NextSingle(-pixels, pixels),
            random.NextSingle(-levels, levels),
            random.NextSingle(1 - options.Contrast, 1 + options.Contrast));
        int free = FacePreprocessor.Size - options.Crop + 1;
        return options.Crop > 0 ? transform.Cropped(options.Crop, random.NextInt32(free), random.NextInt32(free)) : transform;
    }

    /// <summary>The same, and then a square of its result that fills the face: bilinear resizing asks for the same places, so that a crop takes no pass
    /// of its own. Only its outermost pixels differ, which take up to half a pixel's step of what lies outside the square.</summary>
    /// <param name="size">The square's side.</param>
    /// <param name="x">Its left column.</param>
    /// <param name="y">Its top row.</param>
    public FaceTransform Cropped(int size, int x, int y)
    {
        float zoom = (float)FacePreprocessor.Size / size;
        float middle = (FacePreprocessor.Size - size) / 2f;
        return this with { Scale = Scale * zoom, ShiftX = (ShiftX + middle - x) * zoom, ShiftY = (ShiftY + middle - y) * zoom };
    }
}

/// <summary>
/// Applies a <see cref="FaceTransform"/> in one pass from bytes to floats: every output pixel looks up its place in the
/// source (the inverse transform), interpolates the four pixels around it, and adjusts brightness and contrast. Outside the
/// source its edge goes on.
/// </summary>
internal static class FaceWarp
{
    private const int Size = FacePreprocessor.Size;
    private const double Centre = (Size - 1) / 2.0;

    /// <summary>Places are fixed-point numbers with 16 bits of fraction: exact for flips and whole shifts, and fast to split.</summary>
    private const int FractionBits = 16;
    private const int One = 1 << FractionBits;
    private const int Last = (Size - 1) << FractionBits;

    /// <summary>Source rows with room for the right and lower neighbour of the last pixel, whose weight is then 0.</summary>
    private const int Stride = Size + 1;

    /// <summary>Warps a face, uint8 [48, 48], to float32 [48, 48], each in [0, 255].</summary>
    public static void Apply(ReadOnlySpan<byte> face, Span<float> image, in FaceTransform transform)
    {
        Span<byte> source = stackalloc byte[Stride * (Size + 1)];
        float mean = CopyAndAverage(face, source);
        float gain = transform.Contrast;
        float bias = mean - (gain * mean) + transform.Brightness;

        // The inverse: undo the shift, then rotate back and shrink back about the centre, then undo the flip.
        double cos = Math.Cos(transform.AngleRadians) / transform.Scale;
        double sin = Math.Sin(transform.AngleRadians) / transform.Scale;
        double mirror = transform.IsFlipped ? -1 : 1;
        int stepX = ToFixed(mirror * cos);
        int stepY = ToFixed(-sin);
        double left = -Centre - transform.ShiftX;
        for (int y = 0; y < Size; y++)
        {
            double down = y - Centre - transform.ShiftY;
            int x0 = ToFixed(Centre + (mirror * ((cos * left) + (sin * down))));
            int y0 = ToFixed(Centre + (cos * down) - (sin * left));
            WarpRow(source, image.Slice(y * Size, Size), x0, y0, stepX, stepY, gain, bias);
        }
    }

    private static int ToFixed(double value) => (int)Math.Round(value * One);

    private static float CopyAndAverage(ReadOnlySpan<byte> face, Span<byte> source)
    {
        int sum = 0;
        for (int y = 0; y < Size; y++)
        {
            ReadOnlySpan<byte> row = face.Slice(y * Size, Size);
            row.CopyTo(source[(y * Stride)..]);
            foreach (byte pixel in row)
            {
                sum += pixel;
            }
        }

        return sum / (float)FacePreprocessor.PixelCount;
    }

    private static void WarpRow(ReadOnlySpan<byte> source, Span<float> row, int x, int y, int stepX, int stepY, float gain, float bias)
    {
        float scaledGain = gain / One;
        for (int i = 0; i < row.Length; i++, x += stepX, y += stepY)
        {
            int sourceX = Math.Clamp(x, 0, Last);
            int sourceY = Math.Clamp(y, 0, Last);
            int weightX = (sourceX >> 8) & 0xFF;    // of 256
            int weightY = (sourceY >> 8) & 0xFF;

            // One bounds check for all four pixels.
            ReadOnlySpan<byte> corner = source.Slice(((sourceY >> FractionBits) * Stride) + (sourceX >> FractionBits), Stride + 2);
            int upper = (corner[0] << 8) + ((corner[1] - corner[0]) * weightX);
            int lower = (corner[Stride] << 8) + ((corner[Stride + 1] - corner[Stride]) * weightX);
            int value = (upper << 8) + ((lower - upper) * weightY);
            row[i] = Math.Clamp((value * scaledGain) + bias, 0, byte.MaxValue);
        }
    }
}
