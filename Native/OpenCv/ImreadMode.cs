namespace MlNetEmotion.Native.OpenCv;

/// <summary>What an image is decoded to. Values are OpenCV's <c>cv::ImreadModes</c>.</summary>
public enum ImreadMode
{
    /// <summary>One channel, luma.</summary>
    Grayscale = 0,

    /// <summary>Three channels: blue, green, red.</summary>
    Color = 1,
}
