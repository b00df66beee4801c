using MlNetEmotion.Trainer.Augmentation;

namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>
/// Test-time augmentation: ten views of a face whose probabilities are averaged. The face unchanged and shifted by two pixels to the left, right, up and
/// down (edges replicated), each also mirrored; or, for networks trained on crops, the centre and corner crops, each also mirrored (Krizhevsky et al.
/// 2012, https://doi.org/10.1145/3065386).
/// </summary>
internal static class TestTimeAugmentation
{
    public const int ViewCount = 10;

    private const int ShiftPixels = 2;

    /// <summary>Writes the views of a face.</summary>
    /// <param name="face">uint8 [48, 48], gray.</param>
    /// <param name="crop">The side of the crops, which are enlarged to the whole face; 0 for shifts.</param>
    /// <param name="views">Receives uint8 [10, 48, 48]: the unchanged face and the four shifts, or the crops of the centre and the four corners, each followed
    /// by its mirror image.</param>
    public static void Write(ReadOnlySpan<byte> face, int crop, Span<byte> views)
    {
        int far = FacePreprocessor.Size - crop;
        (int X, int Y)[] places = crop > 0
            ? [(far / 2, far / 2), (0, 0), (far, 0), (0, far), (far, far)]
            : [(0, 0), (-ShiftPixels, 0), (ShiftPixels, 0), (0, -ShiftPixels), (0, ShiftPixels)];
        Span<float> view = stackalloc float[FacePreprocessor.PixelCount];
        foreach ((int x, int y) in places)
        {
            AffineWarp.Apply(face, view, crop > 0 ? AffineParameters.Identity.Cropped(crop, x, y) : AffineParameters.Identity with { ShiftX = x, ShiftY = y });
            AffineWarp.ToBytes(view, views);
            Mirror(views[..FacePreprocessor.PixelCount], views[FacePreprocessor.PixelCount..]);
            views = views[(2 * FacePreprocessor.PixelCount)..];
        }
    }

    /// <summary>Mirrors faces horizontally, uint8 [n, 48, 48].</summary>
    internal static void Mirror(ReadOnlySpan<byte> faces, Span<byte> mirrored)
    {
        for (int row = 0; row < faces.Length; row += FacePreprocessor.Size)
        {
            faces.Slice(row, FacePreprocessor.Size).CopyTo(mirrored[row..]);
            mirrored.Slice(row, FacePreprocessor.Size).Reverse();
        }
    }
}
