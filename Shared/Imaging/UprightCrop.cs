namespace MlNetEmotion.Imaging;

/// <summary>Cuts a rectangle that is turned about its middle out of a frame, by bilinear interpolation at the frame's own resolution.</summary>
internal static class UprightCrop
{
    /// <summary>Larger boxes would take a buffer of more than 16 MB a face.</summary>
    public const int MaxSide = 4096;

    /// <param name="angleRadians">By how much it is turned, clockwise in the image.</param>
    /// <param name="crop">Receives uint8 [box.Height, box.Width], gray, row-major.</param>
    public static void Turn(ImageView frame, Box box, double angleRadians, Span<byte> crop)
    {
        float cos = (float)Math.Cos(angleRadians);
        float sin = (float)Math.Sin(angleRadians);
        float middleX = box.X + ((box.Width - 1) / 2f);
        float middleY = box.Y + ((box.Height - 1) / 2f);
        for (int row = 0; row < box.Height; row++)
        {
            float v = row - ((box.Height - 1) / 2f);
            for (int column = 0; column < box.Width; column++)
            {
                float u = column - ((box.Width - 1) / 2f);
                crop[(row * box.Width) + column] = Sample(frame, middleX + (cos * u) - (sin * v), middleY + (sin * u) + (cos * v));
            }
        }
    }

    private static byte Sample(ImageView frame, float x, float y)
    {
        x = Math.Clamp(x, 0, frame.Width - 1);
        y = Math.Clamp(y, 0, frame.Height - 1);
        int left = (int)x;
        int top = (int)y;
        int right = Math.Min(left + 1, frame.Width - 1);
        int bottom = Math.Min(top + 1, frame.Height - 1);
        float above = Lerp(Luma.At(frame, left, top), Luma.At(frame, right, top), x - left);
        float below = Lerp(Luma.At(frame, left, bottom), Luma.At(frame, right, bottom), x - left);
        return (byte)(Lerp(above, below, y - top) + 0.5f);
    }

    private static float Lerp(float from, float to, float part) => from + (part * (to - from));
}
