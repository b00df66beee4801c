using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Tests.Detector;

/// <summary>Pixel access for assertions.</summary>
internal static class Picture
{
    public static Frame Decode(byte[] file)
    {
        var frame = new Frame();
        frame.Decode(file);
        _ = frame.Mat;
        return frame;
    }
}
