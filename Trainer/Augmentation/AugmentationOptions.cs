namespace MlNetEmotion.Trainer.Augmentation;

/// <summary>
/// The random variation of faces in training. Each kind is drawn independently per face and epoch, uniformly between its bounds, except for mixup and
/// CutMix, which draw from a beta distribution. 0 turns a kind off.
/// </summary>
public sealed record AugmentationOptions
{
    /// <summary>The maximum of <see cref="MixupAlpha"/> and <see cref="CutMixAlpha"/>. The papers use 0.2 to 1; larger values bring nothing.</summary>
    public const float MaxMixingAlpha = 4;

    /// <summary>No augmentation.</summary>
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

    /// <summary>The probability of a horizontal flip, in [0, 1].</summary>
    public float FlipProbability { get; init; } = 0.5f;

    /// <summary>The probability that a face is cut out by the box in which the library's detector finds it, instead of by the image's own frame, in [0, 1].
    /// Above 0, the faces are detected once, before training.</summary>
    [Setting("Probability that a face is cut out by the detector's box instead of its image's frame", Min = 0, Max = 1, Name = "--detector-box")]
    public float DetectorBoxProbability { get; init; }

    /// <summary>The maximum rotation in either direction, in degrees.</summary>
    [Setting("Largest random rotation, in degrees", Min = 0, Max = 180, Name = "--rotation")]
    public float RotationDegrees { get; init; } = 10;

    /// <summary>The maximum shift in each direction, as a share of the image's side, in [0, 1].</summary>
    [Setting("Largest random shift, as a share of the side", Min = 0, Max = 1)]
    public float Shift { get; init; } = 0.1f;

    /// <summary>The maximum change of size in either direction, as a share, in [0, 0.9].</summary>
    [Setting("Largest random change of size, as a share", Min = 0, Max = 0.9)]
    public float Scale { get; init; } = 0.1f;

    /// <summary>The side of a random crop that is enlarged to the whole face, from 1 to 48; 0 for none.</summary>
    [Setting("Side of a random crop, which is enlarged to the whole face; 0 for none", Min = 0, Max = FacePreprocessor.Size)]
    public int Crop { get; init; }

    /// <summary>The maximum change of brightness in either direction, as a share of 255, in [0, 1].</summary>
    [Setting("Largest random change of brightness, as a share of 255", Min = 0, Max = 1)]
    public float Brightness { get; init; } = 0.1f;

    /// <summary>The maximum change of contrast about the face's mean in either direction, as a share, in [0, 1].</summary>
    [Setting("Largest random change of contrast, as a share", Min = 0, Max = 1)]
    public float Contrast { get; init; } = 0.2f;

    /// <summary>The probability of a Gaussian blur with a sigma of up to <see cref="GaussianBlur.MaxSigma"/>, in [0, 1].</summary>
    [Setting("Probability of a random blur", Min = 0, Max = 1, Name = "--blur")]
    public float BlurProbability { get; init; }

    /// <summary>The probability of Gaussian noise with a sigma of up to <see cref="FaceAugmenter.MaxNoiseSigma"/>, in [0, 1].</summary>
    [Setting("Probability of random noise", Min = 0, Max = 1, Name = "--noise")]
    public float NoiseProbability { get; init; }

    /// <summary>The probability of JPEG compression, of a quality from <see cref="JpegArtefacts.MinQuality"/> to <see cref="JpegArtefacts.MaxQuality"/>, in
    /// [0, 1].</summary>
    [Setting("Probability of JPEG compression at a low quality", Min = 0, Max = 1, Name = "--jpeg")]
    public float JpegProbability { get; init; }

    /// <summary>The probability of random erasing, in [0, 1].</summary>
    [Setting("Probability of erasing a random rectangle", Min = 0, Max = 1, Name = "--erasing")]
    public float ErasingProbability { get; init; } = 1f / 3;

    /// <summary>The minimum area to erase, as a share of the image, in [0, <see cref="ErasingMaxArea"/>].</summary>
    public float ErasingMinArea { get; init; } = 0.02f;

    /// <summary>The maximum area to erase, as a share of the image, up to 0.3, at which every aspect ratio still fits.</summary>
    public float ErasingMaxArea { get; init; } = 0.2f;

    /// <summary>Mixup's alpha: the beta distribution's parameter, in [0, <see cref="MaxMixingAlpha"/>]. Larger values blend pairs more evenly.</summary>
    [Setting("Blend pairs of images: mixup's alpha, the beta distribution's parameter; 0 for none", Min = 0, Max = MaxMixingAlpha, Name = "--mixup")]
    public float MixupAlpha { get; init; }

    /// <summary>CutMix's alpha: the beta distribution's parameter, in [0, <see cref="MaxMixingAlpha"/>]. Larger values exchange larger rectangles.</summary>
    [Setting("Exchange rectangles of pairs of images: CutMix's alpha, the beta distribution's parameter; 0 for none", Min = 0, Max = MaxMixingAlpha, Name = "--cutmix")]
    public float CutMixAlpha { get; init; }

    /// <summary>Checks that every value is in its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    internal void Validate()
    {
        SettingAttribute.CheckRanges(this);
        Check(FlipProbability, 0, 1, nameof(FlipProbability));
        Check(ErasingMaxArea, 0, RandomErasing.MaxArea, nameof(ErasingMaxArea));
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
