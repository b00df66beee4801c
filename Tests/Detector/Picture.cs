using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Sources;

namespace MlNetEmotion.Tests.Detector;

/// <summary>A picture as a test looks at it.</summary>
internal static class Picture
{
    public static Frame Decode(byte[] file)
    {
        var frame = new Frame();
        PictureDecoder.Decode(file, frame);
        return frame;
    }
}
