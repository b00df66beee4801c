namespace MlNetEmotion.Native.OpenCv;

/// <summary>How resizing weights pixels. Values are OpenCV's <c>cv::InterpolationFlags</c>.</summary>
public enum Interpolation
{
    /// <summary>The four pixels around the new one: smooth, for making images larger.</summary>
    Linear = 1,

    /// <summary>Every pixel under the new one: the one for making images smaller.</summary>
    Area = 3,
}
