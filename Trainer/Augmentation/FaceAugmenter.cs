using System.Numerics.Tensors;

namespace MlNetEmotion.Trainer.Augmentation;

/// <summary>Converts a face to the network's input.</summary>
/// <param name="face">uint8 [48, 48], gray, row-major.</param>
/// <param name="box">The face's box; null if no detector found one.</param>
/// <param name="image">Receives float32 [48, 48], gray, each in [0, 255].</param>
/// <param name="random">The random source; the same state gives the same image.</param>
internal delegate void AugmentFace(ReadOnlySpan<byte> face, DetectorBox? box, Span<float> image, ref SplitMix64 random);

/// <summary>Augments faces at random. Immutable and thread-safe.</summary>
internal sealed class FaceAugmenter
{
    /// <summary>The maximum standard deviation of noise, in gray levels: like a camera in the dark, with the expression still visible.</summary>
    public const float MaxNoiseSigma = 24;

    private readonly AugmentationOptions options;
    private readonly bool isIdentity;

    /// <summary>Creates an augmenter.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public FaceAugmenter(AugmentationOptions options)
    {
        options.Validate();
        this.options = options;
        isIdentity = options == AugmentationOptions.None;
    }

    /// <summary>Augments a face: the detector's box, flip, rotation, scale, shift, brightness and contrast in one pass, then blur, noise, JPEG and erasing.</summary>
    public void Apply(ReadOnlySpan<byte> face, DetectorBox? box, Span<float> image, ref SplitMix64 random)
    {
        if (isIdentity)
        {
            TensorPrimitives.ConvertSaturating(face, image);
            return;
        }

        AffineParameters transform = AffineParameters.Draw(options, ref random);

        // With boxes, noise or JPEG off, no random number is drawn for them, so that runs of earlier versions are reproduced.
        if (box is { } found && options.DetectorBoxProbability > 0 && random.NextSingle() < options.DetectorBoxProbability)
        {
            transform = transform.After(found);
        }

        AffineWarp.Apply(face, image, transform);
        if (random.NextSingle() < options.BlurProbability)
        {
            GaussianBlur.Apply(image, random.NextSingle(0, GaussianBlur.MaxSigma));
        }

        if (options.NoiseProbability > 0 && random.NextSingle() < options.NoiseProbability)
        {
            float sigma = random.NextSingle(0, MaxNoiseSigma);
            foreach (ref float pixel in image)
            {
                pixel = Math.Clamp(pixel + (sigma * (float)random.NextNormal()), 0, 255);
            }
        }

        if (options.JpegProbability > 0 && random.NextSingle() < options.JpegProbability)
        {
            JpegArtefacts.Apply(image, JpegArtefacts.MinQuality + random.NextInt32(JpegArtefacts.MaxQuality - JpegArtefacts.MinQuality + 1));
        }

        if (random.NextSingle() < options.ErasingProbability)
        {
            RandomErasing.Fill(image, RandomErasing.DrawBox(options.ErasingMinArea, options.ErasingMaxArea, ref random), ref random);
        }
    }
}
