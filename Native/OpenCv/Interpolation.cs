namespace MlNetEmotion.Native.OpenCv;

/// <summary>How resizing weights pixels. Values are OpenCV's <c>cv::InterpolationFlags</c>.</summary>
public enum Interpolation
{
    /// <summary>Every pixel under the new one: the one for making images smaller.</summary>
    Area = 3,
}
