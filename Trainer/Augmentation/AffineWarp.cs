using System.Numerics.Tensors;

namespace MlNetEmotion.Trainer.Augmentation;

/// <summary>The square that a detector's box cuts out of a face's frame.</summary>
/// <param name="CentreX">The square's centre, in pixels from the frame's left edge.</param>
/// <param name="CentreY">The square's centre, in pixels from the frame's upper edge.</param>
/// <param name="Side">The square's side, in the frame's pixels.</param>
/// <param name="TurnRadians">The square's rotation in the frame, clockwise, which makes the eyes level.</param>
internal readonly record struct DetectorBox(float CentreX, float CentreY, float Side, float TurnRadians);

/// <summary>An affine transform of a face with its change of brightness and contrast, as augmentation draws it.</summary>
/// <param name="IsFlipped">Whether left and right are exchanged; applied first.</param>
/// <param name="AngleRadians">Rotation about the centre, clockwise as seen on the screen.</param>
/// <param name="Scale">Scale about the centre; 1 keeps the size.</param>
/// <param name="ShiftX">Pixels to the right; applied last.</param>
/// <param name="ShiftY">Pixels down; applied last.</param>
/// <param name="Brightness">Added to every value, in gray levels.</param>
/// <param name="Contrast">Factor on each value's distance from the face's mean.</param>
internal readonly record struct AffineParameters(
    bool IsFlipped, float AngleRadians, float Scale, float ShiftX, float ShiftY, float Brightness, float Contrast)
{
    public static AffineParameters Identity { get; } = new(false, 0, 1, 0, 0, 0, 1);

    /// <summary>Draws parameters within the options' bounds.</summary>
    public static AffineParameters Draw(AugmentationOptions options, ref SplitMix64 random)
    {
        float radians = float.DegreesToRadians(options.RotationDegrees);
        float pixels = options.Shift * FacePreprocessor.Size;
        float levels = options.Brightness * byte.MaxValue;
        var transform = new AffineParameters(
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

    /// <summary>Follows this transform by a square crop that is enlarged to the whole face. Both are one bilinear lookup, so a crop takes no second pass.
    /// The result differs from cropping first in the outermost pixels only, which may interpolate with pixels up to half a step outside the square.</summary>
    /// <param name="size">The square's side in pixels.</param>
    public AffineParameters Cropped(int size, int x, int y)
    {
        float zoom = (float)FacePreprocessor.Size / size;
        float middle = (FacePreprocessor.Size - size) / 2f;
        return this with { Scale = Scale * zoom, ShiftX = (ShiftX + middle - x) * zoom, ShiftY = (ShiftY + middle - y) * zoom };
    }

    /// <summary>Precedes this transform by the crop of a detector's box. Both are one bilinear lookup, so a box takes no second pass.</summary>
    public AffineParameters After(DetectorBox box)
    {
        // A flip mirrors the crop, and so reverses the box's rotation and its distance from the frame's centre to the right.
        float mirror = IsFlipped ? -1 : 1;
        float angle = AngleRadians - (mirror * box.TurnRadians);
        float scale = Scale * FacePreprocessor.Size / box.Side;
        (float sin, float cos) = MathF.SinCos(angle);
        float right = mirror * scale * (box.CentreX - (FacePreprocessor.Size / 2f));
        float down = scale * (box.CentreY - (FacePreprocessor.Size / 2f));
        return this with
        {
            AngleRadians = angle, Scale = scale, ShiftX = ShiftX - (cos * right) + (sin * down), ShiftY = ShiftY - (sin * right) - (cos * down),
        };
    }
}

/// <summary>
/// Applies <see cref="AffineParameters"/> in one pass from bytes to floats: each output pixel is mapped to its source position (the inverse transform),
/// interpolated bilinearly, and adjusted in brightness and contrast. Outside the source, the edge pixels are replicated.
/// </summary>
internal static class AffineWarp
{
    private const int Size = FacePreprocessor.Size;
    private const double Centre = (Size - 1) / 2.0;

    /// <summary>Bits of fraction in the fixed-point source positions: exact for flips and shifts by whole pixels, and quick to split into pixel and
    /// weight.</summary>
    private const int FractionBits = 16;
    private const int One = 1 << FractionBits;
    private const int Last = (Size - 1) << FractionBits;

    /// <summary>Pixels per source row, with one column (and one row) of padding: the neighbour of the last pixel, whose weight is 0.</summary>
    private const int Stride = Size + 1;

    /// <summary>Warps a face, uint8 [48, 48], to float32 [48, 48], each in [0, 255].</summary>
    public static void Apply(ReadOnlySpan<byte> face, Span<float> image, in AffineParameters transform)
    {
        Span<byte> source = stackalloc byte[Stride * (Size + 1)];
        float mean = CopyAndAverage(face, source);
        float gain = transform.Contrast;
        float bias = mean - (gain * mean) + transform.Brightness;

        // The inverse: undo the shift, then the rotation and scale about the centre, then the flip.
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

    /// <summary>Rounds a face, float32 [48, 48], to uint8.</summary>
    public static void ToBytes(Span<float> image, Span<byte> bytes)
    {
        TensorPrimitives.Round<float>(image, image);
        TensorPrimitives.ConvertSaturating<float, byte>(image, bytes);
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
            int weightX = (sourceX >> 8) & 0xFF;    // in 256ths
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
