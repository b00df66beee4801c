using MlNetEmotion.Imaging;
using MlNetEmotion.Trainer.Augmentation;

namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>
/// The ten views of a face whose probabilities are averaged at test time: as it is and shifted by two pixels to the left,
/// right, up and down (edges replicated), each also mirrored; or for networks that were trained on crops, its middle and its
/// corners, each also mirrored (Krizhevsky et al. 2012, https://doi.org/10.1145/3065386).
/// </summary>
internal static class TestTimeAugmentation
{
    private const int ShiftPixels = 2;

    private static readonly (int X, int Y)[] Shifts =
        [(0, 0), (-ShiftPixels, 0), (ShiftPixels, 0), (0, -ShiftPixels), (0, ShiftPixels)];

    /// <summary>How many views a face has.</summary>
    public static int ViewCount => 2 * Shifts.Length;

    /// <summary>Writes a face's views.</summary>
    /// <param name="face">uint8 [48, 48], gray.</param>
    /// <param name="views">Receives uint8 [10, 48, 48]: each shift as it is, then mirrored.</param>
    public static void Write(ReadOnlySpan<byte> face, Span<byte> views)
    {
        foreach ((int x, int y) in Shifts)
        {
            Shift(face, views, x, y);
            Mirror(views, views[FacePreprocessor.PixelCount..]);
            views = views[(2 * FacePreprocessor.PixelCount)..];
        }
    }

    /// <summary>Writes a face's crops.</summary>
    /// <param name="face">uint8 [48, 48], gray.</param>
    /// <param name="crop">The side of the squares, which are enlarged to the whole.</param>
    /// <param name="views">Receives uint8 [10, 48, 48]: the middle and the four corners, each as it is, then mirrored.</param>
    public static void WriteCrops(ReadOnlySpan<byte> face, int crop, Span<byte> views)
    {
        int far = FacePreprocessor.Size - crop;
        Span<float> enlarged = stackalloc float[FacePreprocessor.PixelCount];
        foreach ((int x, int y) in ((int, int)[])[(far / 2, far / 2), (0, 0), (far, 0), (0, far), (far, far)])
        {
            FaceWarp.Apply(face, enlarged, FaceTransform.Identity.Cropped(crop, x, y));
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

    /// <summary>Exchanges left and right.</summary>
    /// <param name="face">uint8 [48, 48].</param>
    /// <param name="mirrored">Receives uint8 [48, 48].</param>
    internal static void Mirror(ReadOnlySpan<byte> face, Span<byte> mirrored)
    {
        for (int row = 0; row < FacePreprocessor.PixelCount; row += FacePreprocessor.Size)
        {
            face.Slice(row, FacePreprocessor.Size).CopyTo(mirrored[row..]);
            mirrored.Slice(row, FacePreprocessor.Size).Reverse();
        }
    }
}
