using MlNetEmotion.Imaging;
using MlNetEmotion.Programs;

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
    [Setting("Largest random rotation, in degrees", Min = 0, Max = 180, Name = "--rotation")]
    public float RotationDegrees { get; init; } = 10;

    /// <summary>The largest shift in each direction, as a share of the image's side, in [0, 1].</summary>
    [Setting("Largest random shift, as a share of the side", Min = 0, Max = 1)]
    public float Shift { get; init; } = 0.1f;

    /// <summary>The largest change of size either way, as a share, in [0, 0.9].</summary>
    [Setting("Largest random change of size, as a share", Min = 0, Max = 0.9)]
    public float Scale { get; init; } = 0.1f;

    /// <summary>The side of a square that is cut out at random and enlarged to the whole face, from 1 to 48; 0 for none.</summary>
    [Setting("Cut a random square of this side out and enlarge it to the whole, the same as a random crop; 0 for not", Min = 0, Max = FacePreprocessor.Size)]
    public int Crop { get; init; }

    /// <summary>The largest change of brightness either way, as a share of the full range of 255, in [0, 1].</summary>
    [Setting("Largest random change of brightness, as a share of 255", Min = 0, Max = 1)]
    public float Brightness { get; init; } = 0.1f;

    /// <summary>The largest change of contrast about the face's mean either way, as a share, in [0, 1].</summary>
    [Setting("Largest random change of contrast, as a share", Min = 0, Max = 1)]
    public float Contrast { get; init; } = 0.2f;

    /// <summary>How often a face is blurred, by a sigma of up to <see cref="GaussianBlur.LargestSigma"/>, in [0, 1].</summary>
    [Setting("How often a face is blurred at random", Min = 0, Max = 1, Name = "--blur")]
    public float BlurProbability { get; init; }

    /// <summary>How often a face gets noise, of a sigma of up to <see cref="FaceAugmenter.LargestNoise"/>, in [0, 1].</summary>
    [Setting("How often a face is made noisy at random", Min = 0, Max = 1, Name = "--noise")]
    public float NoiseProbability { get; init; }

    /// <summary>How often a face is saved as JPEG, of a quality from <see cref="JpegArtefacts.LowestQuality"/> to <see cref="JpegArtefacts.HighestQuality"/>, in [0, 1].</summary>
    [Setting("How often a face is saved as a JPEG of low quality and read again", Min = 0, Max = 1, Name = "--jpeg")]
    public float JpegProbability { get; init; }

    /// <summary>How often a rectangle is overwritten, in [0, 1].</summary>
    [Setting("How often a random rectangle is erased", Min = 0, Max = 1, Name = "--erasing")]
    public float ErasingProbability { get; init; } = 1f / 3;

    /// <summary>The smallest rectangle to overwrite, as a share of the image's area, in [0, <see cref="ErasingMaxArea"/>].</summary>
    public float ErasingMinArea { get; init; } = 0.02f;

    /// <summary>The largest rectangle to overwrite, as a share of the image's area, up to 0.3: then every shape fits.</summary>
    public float ErasingMaxArea { get; init; } = 0.2f;

    /// <summary>How evenly pairs of faces are blended all over: the beta distribution's parameter, in [0, <see cref="LargestMixingAlpha"/>].</summary>
    [Setting("Blend pairs of images, the beta distribution's parameter; 0 for not", Min = 0, Max = LargestMixingAlpha, Name = "--mixup")]
    public float MixupAlpha { get; init; }

    /// <summary>How large the rectangles are that pairs of faces exchange: the beta distribution's parameter, in [0, <see cref="LargestMixingAlpha"/>].</summary>
    [Setting("Exchange rectangles of pairs of images, the beta distribution's parameter; 0 for not", Min = 0, Max = LargestMixingAlpha, Name = "--cutmix")]
    public float CutMixAlpha { get; init; }

    /// <summary>Checks the bounds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    internal void Validate()
    {
        SettingAttribute.Check(this);
        Check(FlipProbability, 0, 1, nameof(FlipProbability));
        Check(ErasingMaxArea, 0, RandomErasing.LargestArea, nameof(ErasingMaxArea));
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
