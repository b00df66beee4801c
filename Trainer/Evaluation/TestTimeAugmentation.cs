using MlNetEmotion.Trainer.Augmentation;

namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>
/// Test-time augmentation: ten views of a face whose probabilities are averaged. The face unchanged and shifted by two pixels to the left, right, up and
/// down (edges replicated), each also mirrored; or, for networks trained on crops, the centre and corner crops, each also mirrored (Krizhevsky et al.
/// 2012, https://doi.org/10.1145/3065386).
/// </summary>
internal static class TestTimeAugmentation
{
    private const int ShiftPixels = 2;

    private static readonly (int X, int Y)[] Shifts =
        [(0, 0), (-ShiftPixels, 0), (ShiftPixels, 0), (0, -ShiftPixels), (0, ShiftPixels)];

    /// <summary>The number of views per face.</summary>
    public static int ViewCount => 2 * Shifts.Length;

    /// <summary>Writes the shifted views of a face.</summary>
    /// <param name="face">uint8 [48, 48], gray.</param>
    /// <param name="views">Receives uint8 [10, 48, 48]: each shift, followed by its mirror image.</param>
    public static void Write(ReadOnlySpan<byte> face, Span<byte> views)
    {
        foreach ((int x, int y) in Shifts)
        {
            Shift(face, views, x, y);
            Mirror(views, views[FacePreprocessor.PixelCount..]);
            views = views[(2 * FacePreprocessor.PixelCount)..];
        }
    }

    /// <summary>Writes the cropped views of a face.</summary>
    /// <param name="face">uint8 [48, 48], gray.</param>
    /// <param name="crop">The side of the crops, which are enlarged to the whole face.</param>
    /// <param name="views">Receives uint8 [10, 48, 48]: the centre and the four corners, each followed by its mirror image.</param>
    public static void WriteCrops(ReadOnlySpan<byte> face, int crop, Span<byte> views)
    {
        int far = FacePreprocessor.Size - crop;
        Span<float> enlarged = stackalloc float[FacePreprocessor.PixelCount];
        foreach ((int x, int y) in ((int, int)[])[(far / 2, far / 2), (0, 0), (far, 0), (0, far), (far, far)])
        {
            AffineWarp.Apply(face, enlarged, AffineParameters.Identity.Cropped(crop, x, y));
            for (int i = 0; i < enlarged.Length; i++)
            {
                views[i] = (byte)MathF.Round(enlarged[i]);
            }

            Mirror(views, views[FacePreprocessor.PixelCount..]);
            views = views[(2 * FacePreprocessor.PixelCount)..];
        }
    }

    private static void Shift(ReadOnlySpan<byte> face, Span<byte> shifted, int shiftX, int shiftY)
    {
        const int Last = FacePreprocessor.Size - 1;
        for (int y = 0; y <= Last; y++)
        {
            int sourceY = Math.Clamp(y - shiftY, 0, Last);
            for (int x = 0; x <= Last; x++)
            {
                int sourceX = Math.Clamp(x - shiftX, 0, Last);
                shifted[(y * FacePreprocessor.Size) + x] = face[(sourceY * FacePreprocessor.Size) + sourceX];
            }
        }
    }

    /// <summary>Mirrors a face horizontally, uint8 [48, 48].</summary>
    internal static void Mirror(ReadOnlySpan<byte> face, Span<byte> mirrored)
    {
        for (int row = 0; row < FacePreprocessor.PixelCount; row += FacePreprocessor.Size)
        {
            face.Slice(row, FacePreprocessor.Size).CopyTo(mirrored[row..]);
            mirrored.Slice(row, FacePreprocessor.Size).Reverse();
        }
    }
}
