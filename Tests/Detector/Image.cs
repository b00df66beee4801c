using MlNetEmotion.Detector.Frames;
using OpenCvSharp;

namespace MlNetEmotion.Tests.Detector;

/// <summary>Frames for assertions.</summary>
internal static class Image
{
    public static Frame Decode(byte[] file)
    {
        var frame = new Frame();
        frame.Decode(file);
        _ = frame.Mat;
        return frame;
    }

    extension(Frame)
    {
        public static Frame FromPixels(ImageView pixels)
        {
            var frame = new Frame();
            frame.CopyFrom(pixels);
            return frame;
        }
    }

    extension(Frame frame)
    {
        /// <summary>Copies gray or BGR pixels.</summary>
        public unsafe void CopyFrom(ImageView pixels)
        {
            fixed (byte* start = pixels.Pixels)
            {
                using Mat view = Mat.FromPixelData(pixels.Height, pixels.Width, MatType.CV_8UC(pixels.BytesPerPixel), (nint)start, pixels.Stride);
                view.CopyTo(frame.Mat);
            }
        }
    }
}
