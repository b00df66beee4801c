using MlNetEmotion.Detector.Frames;
using OpenCvSharp;

namespace MlNetEmotion.Benchmarks;

internal static class Picture
{
    /// <summary>Sets a face into a picture of 400 to 640 pixels a side, its frame 90 to 220 pixels wide and at least a third of that from the edges. The frame holds the enlarged face alone.
    /// Around it, its edge pixels are repeated, and fade within six tenths of the side into a blurred copy with clouds and noise. Reflected edges instead would show a detector parts of further
    /// faces: of 374 faces, YuNet found seven fewer and up to 215 others.</summary>
    public static Frame Of(ReadOnlySpan<byte> face, SplitMix64 random, out Box frame)
    {
        (int width, int height, int side) = (400 + random.NextInt32(241), 400 + random.NextInt32(241), 90 + random.NextInt32(131));
        (int x, int y) = ((side / 3) + random.NextInt32(width - side - (side / 3 * 2) + 1), (side / 3) + random.NextInt32(height - side - (side / 3 * 2) + 1));
        using Mat original = Mat.FromPixelData(48, 48, MatType.CV_8UC1, face.ToArray());
        using Mat noise = Mat.FromPixelData(8, 8, MatType.CV_8UC1, Enumerable.Range(0, 64).Select(_ => (byte)random.NextInt32(256)).ToArray());
        using Mat large = new(), around = new(), blurred = new(), clouds = new();
        Cv2.Resize(original, large, new Size(side, side), 0, 0, InterpolationFlags.Cubic);
        Cv2.CopyMakeBorder(large, around, y, height - side - y, x, width - side - x, BorderTypes.Replicate);
        Cv2.GaussianBlur(around, blurred, default, 0.1 * side);
        Cv2.Resize(noise, clouds, new Size(width, height), 0, 0, InterpolationFlags.Cubic);
        Fade(around, blurred, clouds, frame = new Box(x, y, side, side), random);
        var picture = new Frame();
        Cv2.CvtColor(around, picture.Mat, ColorConversionCodes.GRAY2BGR);
        return picture;
    }

    private static unsafe void Fade(Mat picture, Mat blurred, Mat clouds, Box frame, SplitMix64 random)
    {
        (int width, int height) = (picture.Width, picture.Height);
        for (int y = 0; y < height; y++)
        {
            byte* to = (byte*)picture.Ptr(y), blur = (byte*)blurred.Ptr(y), cloud = (byte*)clouds.Ptr(y);
            int down = Math.Max(0, Math.Max(frame.Y - y, y - frame.Y - frame.Height + 1));
            for (int x = 0; x < width; x++)
            {
                int right = Math.Max(0, Math.Max(frame.X - x, x - frame.X - frame.Width + 1));
                double share = Math.Min(1, Math.Sqrt((right * right) + (down * down)) / (0.6 * frame.Width));
                double far = blur[x] + (0.3 * (cloud[x] - 128)) + (random.NextInt32(13) - 6);
                to[x] = share == 0 ? to[x] : (byte)Math.Clamp(Math.Round(to[x] + (share * (far - to[x]))), 0, 255);
            }
        }
    }
}
