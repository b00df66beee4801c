namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>Covers parts of faces.</summary>
internal static class Occlusion
{
    /// <summary>Returns the mean gray of a face, uint8 [48, 48].</summary>
    public static byte Mean(ReadOnlySpan<byte> face)
    {
        int sum = 0;
        foreach (byte pixel in face)
        {
            sum += pixel;
        }

        return (byte)Math.Round((double)sum / face.Length);
    }

    /// <summary>Fills a rectangle of a face, uint8 [48, 48], in place. The rectangle must be inside the face.</summary>
    public static void Cover(Span<byte> face, Box box, byte value)
    {
        for (int y = box.Y; y < box.Y + box.Height; y++)
        {
            face.Slice((y * FacePreprocessor.Size) + box.X, box.Width).Fill(value);
        }
    }
}
