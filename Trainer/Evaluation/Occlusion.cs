using MlNetEmotion.Imaging;

namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>Covers parts of faces.</summary>
internal static class Occlusion
{
    /// <summary>A face's mean gray.</summary>
    /// <param name="face">uint8 [48, 48], gray.</param>
    public static byte Mean(ReadOnlySpan<byte> face)
    {
        int sum = 0;
        foreach (byte pixel in face)
        {
            sum += pixel;
        }

        return (byte)Math.Round((double)sum / face.Length);
    }

    /// <summary>Covers a rectangle.</summary>
    /// <param name="face">uint8 [48, 48], gray; changed.</param>
    /// <param name="box">Lies inside the face.</param>
    /// <param name="value">The gray to cover with.</param>
    public static void Cover(Span<byte> face, Box box, byte value)
    {
        for (int y = box.Y; y < box.Y + box.Height; y++)
        {
            face.Slice((y * FacePreprocessor.Size) + box.X, box.Width).Fill(value);
        }
    }
}
