namespace MlNetEmotion.Trainer.Augmentation;

/// <summary>
/// How a face varies from epoch to epoch. Every part is drawn anew for every face, and but for the blends from a uniform
/// distribution between the bounds; 0 turns a part off.
/// </summary>
public sealed record AugmentationOptions
{
    /// <summary>The largest parameter of a blend's beta distribution: from the papers' 0.2 to 1 upwards nothing more evenly blended helps.</summary>
    public const float LargestMixingAlpha = 4;

    /// <summary>No variation: faces pass unchanged.</summary>
    public static AugmentationOptions None { get; } = new()
    {
        FlipProbability = 0,
        RotationDegrees = 0,
        Shift = 0,
        Scale = 0,
        Brightness = 0,
        Contrast = 0,
        ErasingProbability = 0,
    };

    /// <summary>How often left and right are exchanged, in [0, 1].</summary>
    public float FlipProbability { get; init; } = 0.5f;

    /// <summary>The largest rotation either way, in degrees.</summary>
    public float RotationDegrees { get; init; } = 10;

    /// <summary>The largest shift in each direction, as a share of the image's side, in [0, 1].</summary>
    public float Shift { get; init; } = 0.1f;

    /// <summary>The largest change of size either way, as a share, in [0, 0.9].</summary>
    public float Scale { get; init; } = 0.1f;

    /// <summary>The largest change of brightness either way, as a share of the full range of 255, in [0, 1].</summary>
    public float Brightness { get; init; } = 0.1f;

    /// <summary>The largest change of contrast about the face's mean either way, as a share, in [0, 1].</summary>
    public float Contrast { get; init; } = 0.2f;

    /// <summary>How often a face is blurred, by a sigma of up to <see cref="GaussianBlur.LargestSigma"/>, in [0, 1].</summary>
    public float BlurProbability { get; init; }

    /// <summary>How often a rectangle is overwritten, in [0, 1].</summary>
    public float ErasingProbability { get; init; } = 1f / 3;

    /// <summary>The smallest rectangle to overwrite, as a share of the image's area, in [0, <see cref="ErasingMaxArea"/>].</summary>
    public float ErasingMinArea { get; init; } = 0.02f;

    /// <summary>The largest rectangle to overwrite, as a share of the image's area, up to 0.3: then every shape fits.</summary>
    public float ErasingMaxArea { get; init; } = 0.2f;

    /// <summary>How evenly pairs of faces are blended all over: the beta distribution's parameter, in [0, <see cref="LargestMixingAlpha"/>].</summary>
    public float MixupAlpha { get; init; }

    /// <summary>How large the rectangles are that pairs of faces exchange: the beta distribution's parameter, in [0, <see cref="LargestMixingAlpha"/>].</summary>
    public float CutMixAlpha { get; init; }

    /// <summary>Checks the bounds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    internal void Validate()
    {
        Check(FlipProbability, 0, 1, nameof(FlipProbability));
        Check(RotationDegrees, 0, 180, nameof(RotationDegrees));
        Check(Shift, 0, 1, nameof(Shift));
        Check(Scale, 0, 0.9f, nameof(Scale));
        Check(Brightness, 0, 1, nameof(Brightness));
        Check(Contrast, 0, 1, nameof(Contrast));
        Check(BlurProbability, 0, 1, nameof(BlurProbability));
        Check(ErasingProbability, 0, 1, nameof(ErasingProbability));
        Check(ErasingMaxArea, 0, RandomErasing.LargestArea, nameof(ErasingMaxArea));
        Check(MixupAlpha, 0, LargestMixingAlpha, nameof(MixupAlpha));
        Check(CutMixAlpha, 0, LargestMixingAlpha, nameof(CutMixAlpha));
        Check(ErasingMinArea, 0, ErasingMaxArea, nameof(ErasingMinArea));
    }

    private static void Check(float value, float minimum, float maximum, string name)
    {
        if (!(value >= minimum && value <= maximum))
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}, expected {minimum} to {maximum}");
        }
    }
}
