using MlNetEmotion.Trainer.Augmentation;

namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>
/// A corruption of faces at three severities, after Hendrycks and Dietterich 2019, "Benchmarking Neural Network Robustness to Common Corruptions and
/// Perturbations", https://arxiv.org/abs/1903.12261, with strengths for faces of 48 pixels. Rotation, shift and scale imitate a face detector's
/// imprecise boxes.
/// </summary>
/// <param name="Strengths">The strength at each severity, mildest first, in the corruption's own unit.</param>
/// <param name="Describe">Formats a strength with its unit.</param>
internal sealed record Corruption(string Name, double[] Strengths, Func<double, string> Describe, Corruption.ApplyTo Apply)
{
    private const int Size = FacePreprocessor.Size;

    /// <summary>Corrupts a face.</summary>
    /// <param name="face">uint8 [48, 48], gray.</param>
    /// <param name="corrupted">Receives uint8 [48, 48], gray.</param>
    /// <param name="strength">One of <see cref="Strengths"/>.</param>
    /// <param name="random">The source of positions, directions and noise.</param>
    public delegate void ApplyTo(ReadOnlySpan<byte> face, Span<byte> corrupted, double strength, ref SplitMix64 random);

    /// <summary>All corruptions, in the order of reports.</summary>
    public static IReadOnlyList<Corruption> All { get; } =
    [
        new("blur", [0.7, 1.2, 2], sigma => $"sigma {sigma} px", Blur),
        new("noise", [8, 16, 32], sigma => $"sigma {sigma} of 255", Noise),
        new("low light", [0.5, 0.3, 0.15], factor => $"{factor:p0} of the light", LowLight),
        new("JPEG", [40, 20, 10], quality => $"quality {quality}", Jpeg),
        new("occlusion", [10, 16, 22], side => $"{side} by {side} px", Occlude),
        new("rotation", [5, 10, 20], degrees => $"{degrees}°", Rotate),
        new("shift", [2, 4, 8], pixels => $"{pixels} px", Shift),
        new("scale", [0.05, 0.1, 0.2], share => $"±{share:p0}", Scale),
        new("tone curve", [1.5, 2, 3], gamma => $"gamma {gamma} or 1/{gamma}", ToneCurve),
    ];

    internal static void Blur(ReadOnlySpan<byte> face, Span<byte> corrupted, double sigma, ref SplitMix64 random) =>
        Warp(face, corrupted, AffineParameters.Identity, (float)sigma);

    /// <summary>Adds independent Gaussian noise to each pixel.</summary>
    internal static void Noise(ReadOnlySpan<byte> face, Span<byte> corrupted, double sigma, ref SplitMix64 random)
    {
        for (int i = 0; i < face.Length; i++)
        {
            corrupted[i] = ToByte(face[i] + (sigma * random.NextNormal()));
        }
    }

    /// <summary>Darkens the face, which also reduces its number of gray levels.</summary>
    internal static void LowLight(ReadOnlySpan<byte> face, Span<byte> corrupted, double factor, ref SplitMix64 random)
    {
        for (int i = 0; i < face.Length; i++)
        {
            corrupted[i] = ToByte(face[i] * factor);
        }
    }

    internal static void Jpeg(ReadOnlySpan<byte> face, Span<byte> corrupted, double quality, ref SplitMix64 random)
    {
        face.CopyTo(corrupted);
        JpegArtefacts.Apply(corrupted, (int)quality);
    }

    /// <summary>Covers a random square with the face's mean gray.</summary>
    internal static void Occlude(ReadOnlySpan<byte> face, Span<byte> corrupted, double side, ref SplitMix64 random)
    {
        int free = Size - (int)side + 1;
        face.CopyTo(corrupted);
        OcclusionSensitivity.Cover(corrupted, new Box(random.NextInt32(free), random.NextInt32(free), (int)side, (int)side), OcclusionSensitivity.Mean(face));
    }

    /// <summary>Rotates about the centre, in either direction.</summary>
    internal static void Rotate(ReadOnlySpan<byte> face, Span<byte> corrupted, double degrees, ref SplitMix64 random)
    {
        float radians = float.DegreesToRadians((float)degrees) * Sign(ref random);
        Warp(face, corrupted, AffineParameters.Identity with { AngleRadians = radians });
    }

    /// <summary>Shifts in a random direction, like a detector's box that is off centre.</summary>
    internal static void Shift(ReadOnlySpan<byte> face, Span<byte> corrupted, double pixels, ref SplitMix64 random)
    {
        (float sin, float cos) = MathF.SinCos(2 * MathF.PI * random.NextSingle());
        Warp(face, corrupted, AffineParameters.Identity with { ShiftX = (float)pixels * cos, ShiftY = (float)pixels * sin });
    }

    /// <summary>Enlarges or shrinks, like a detector's box that is too narrow or too wide.</summary>
    internal static void Scale(ReadOnlySpan<byte> face, Span<byte> corrupted, double share, ref SplitMix64 random) =>
        Warp(face, corrupted, AffineParameters.Identity with { Scale = 1 + ((float)share * Sign(ref random)) });

    /// <summary>Changes middle grays but not black and white, like cameras with different tone curves.</summary>
    internal static void ToneCurve(ReadOnlySpan<byte> face, Span<byte> corrupted, double gamma, ref SplitMix64 random)
    {
        double power = Math.Pow(gamma, Sign(ref random));
        for (int i = 0; i < face.Length; i++)
        {
            corrupted[i] = ToByte(byte.MaxValue * Math.Pow(face[i] / 255.0, power));
        }
    }

    private static int Sign(ref SplitMix64 random) => random.NextInt32(2) == 0 ? -1 : 1;

    private static void Warp(ReadOnlySpan<byte> face, Span<byte> corrupted, AffineParameters transform, float blurSigma = 0)
    {
        Span<float> warped = stackalloc float[FacePreprocessor.PixelCount];
        AffineWarp.Apply(face, warped, transform);
        GaussianBlur.Apply(warped, blurSigma);
        AffineWarp.ToBytes(warped, corrupted);
    }

    private static byte ToByte(double value) => (byte)Math.Clamp(Math.Round(value), 0, byte.MaxValue);
}
