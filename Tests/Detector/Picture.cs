using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Tests.Detector;

/// <summary>A picture as a test looks at it.</summary>
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
