namespace MlNetEmotion;

/// <summary>The quality of a face's crop.</summary>
/// <param name="SidePixels">The longer side of the face's box, in the image's pixels. Below 48, the crop is enlarged.</param>
/// <param name="Sharpness">The standard deviation of the crop's Laplacian (the four neighbours minus four times the pixel), divided by that of its gray
/// values: independent of light and contrast, 0 for a uniform gray. Noise counts as detail.</param>
/// <param name="Light">The crop's mean gray value, in [0, 1].</param>
public readonly record struct FaceQuality(int SidePixels, double Sharpness, double Light)
{
    /// <summary>Measures a face.</summary>
    /// <param name="box">The face's box in the image's pixels.</param>
    /// <param name="face">The crop: uint8 [48, 48], gray, row-major.</param>
    /// <exception cref="ArgumentException">The crop has not 2304 bytes.</exception>
    public static FaceQuality Of(Box box, ReadOnlySpan<byte> face)
    {
        const int Size = FacePreprocessor.Size;
        if (face.Length != FacePreprocessor.PixelCount)
        {
            throw new ArgumentException($"a face has {FacePreprocessor.PixelCount} bytes, got {face.Length}", nameof(face));
        }

        // Sums of integers, so that other programs get the same values.
        (long sum, long squares) = (0, 0);
        foreach (byte gray in face)
        {
            (sum, squares) = (sum + gray, squares + (gray * gray));
        }

        (long bends, long bendSquares) = (0, 0);
        for (int i = Size; i < face.Length - Size; i++)
        {
            if (i % Size is > 0 and < Size - 1)
            {
                int bend = face[i - Size] + face[i - 1] + face[i + 1] + face[i + Size] - (4 * face[i]);
                (bends, bendSquares) = (bends + bend, bendSquares + (bend * bend));
            }
        }

        double variance = Variance(sum, squares, face.Length);
        double sharpness = variance > 0 ? Math.Sqrt(Variance(bends, bendSquares, (Size - 2) * (Size - 2)) / variance) : 0;
        return new FaceQuality(Math.Max(box.Width, box.Height), sharpness, sum / (255.0 * face.Length));
    }

    private static double Variance(long sum, long squares, int count) => ((count * squares) - (sum * sum)) / ((double)count * count);
}
