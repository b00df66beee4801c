using MlNetEmotion.Imaging;

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

    /// <summary>Draws a transform.</summary>
    /// <param name="options">The bounds.</param>
    /// <param name="random">The random source.</param>
    public static FaceTransform Draw(AugmentationOptions options, ref SplitMix64 random)
    {
        float radians = float.DegreesToRadians(options.RotationDegrees);
        float pixels = options.Shift * FacePreprocessor.Size;
        float levels = options.Brightness * byte.MaxValue;
        return new FaceTransform(
            random.NextSingle() < options.FlipProbability,
            random.NextSingle(-radians, radians),
            random.NextSingle(1 - options.Scale, 1 + options.Scale),
            random.NextSingle(-pixels, pixels),
            random.NextSingle(-pixels, pixels),
            random.NextSingle(-levels, levels),
            random.NextSingle(1 - options.Contrast, 1 + options.Contrast));
    }
}
