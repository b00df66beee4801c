using System.Buffers;

namespace MlNetEmotion.Imaging;

/// <summary>Crops a rotated rectangle from a frame, by bilinear interpolation at the frame's resolution.</summary>
internal static class UprightCrop
{
    /// <summary>The maximum side in pixels: larger boxes would need a buffer of more than 16 MB per face.</summary>
    public const int MaxSide = 4096;

    /// <param name="angleRadians">The rotation about the box's centre, clockwise in the image.</param>
    /// <param name="crop">Receives uint8 [box.Height, box.Width], gray, row-major.</param>
    public static void Rotate(ImageView frame, Box box, double angleRadians, Span<byte> crop)
    {
        float cos = (float)Math.Cos(angleRadians);
        float sin = (float)Math.Sin(angleRadians);
        float middleX = box.X + ((box.Width - 1) / 2f);
        float middleY = box.Y + ((box.Height - 1) / 2f);
        Box part = Around(frame, box, middleX, middleY, Math.Abs(cos), Math.Abs(sin));
        byte[] gray = ArrayPool<byte>.Shared.Rent(part.Width * part.Height);    // converted once, since each pixel is read four times
        try
        {
            ToGray(frame, part, gray);
            for (int row = 0; row < box.Height; row++)
            {
                float v = row - ((box.Height - 1) / 2f);
                Span<byte> target = crop.Slice(row * box.Width, box.Width);
                for (int column = 0; column < target.Length; column++)
                {
                    float u = column - ((box.Width - 1) / 2f);
                    float x = Math.Clamp(middleX + (cos * u) - (sin * v), 0, frame.Width - 1);
                    float y = Math.Clamp(middleY + (sin * u) + (cos * v), 0, frame.Height - 1);
                    target[column] = Sample(gray, part, x, y);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(gray);
        }
    }

    // The bounding box of the rotated box within the frame, with two more pixels on each side for rounding.
    private static Box Around(ImageView frame, Box box, float middleX, float middleY, float cos, float sin)
    {
        float halfWidth = ((cos * box.Width) + (sin * box.Height)) / 2;
        float halfHeight = ((sin * box.Width) + (cos * box.Height)) / 2;
        int left = (int)Math.Clamp(middleX - halfWidth - 2, 0, frame.Width - 1);
        int top = (int)Math.Clamp(middleY - halfHeight - 2, 0, frame.Height - 1);
        int right = (int)Math.Clamp(middleX + halfWidth + 2, 0, frame.Width - 1);
        int bottom = (int)Math.Clamp(middleY + halfHeight + 2, 0, frame.Height - 1);
        return new Box(left, top, right - left + 1, bottom - top + 1);
    }

    private static void ToGray(ImageView frame, Box part, Span<byte> gray)
    {
        int[] values = ArrayPool<int>.Shared.Rent(part.Width);
        try
        {
            for (int row = 0; row < part.Height; row++)
            {
                Luma.Convert(frame, part.X, part.Y + row, values.AsSpan(0, part.Width));
                Span<byte> target = gray.Slice(row * part.Width, part.Width);
                for (int column = 0; column < target.Length; column++)
                {
                    target[column] = (byte)values[column];
                }
            }
        }
        finally
        {
            ArrayPool<int>.Shared.Return(values);
        }
    }

    private static byte Sample(ReadOnlySpan<byte> gray, Box part, float x, float y)
    {
        int left = (int)x;
        int top = (int)y;
        int step = left + 1 < part.X + part.Width ? 1 : 0;    // repeats the frame's edge
        int above = ((top - part.Y) * part.Width) + left - part.X;
        int below = top + 1 < part.Y + part.Height ? above + part.Width : above;
        float high = Lerp(gray[above], gray[above + step], x - left);
        float low = Lerp(gray[below], gray[below + step], x - left);
        return (byte)(Lerp(high, low, y - top) + 0.5f);
    }

    private static float Lerp(float from, float to, float part) => from + (part * (to - from));
}
