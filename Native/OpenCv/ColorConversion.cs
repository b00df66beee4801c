namespace MlNetEmotion.Native.OpenCv;

/// <summary>Colour conversions. Values are OpenCV's <c>cv::ColorConversionCodes</c>.</summary>
public enum ColorConversion
{
    /// <summary>BGR to luma, ITU-R BT.601.</summary>
    BgrToGray = 6,

    /// <summary>Luma to three equal channels.</summary>
    GrayToBgr = 8,
}
