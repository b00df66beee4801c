namespace MlNetEmotion.Detector.Sources;

/// <summary>The operating system's camera API.</summary>
internal enum CameraBackend
{
    /// <summary>Video4Linux on Linux; elsewhere OpenCV's choice, which is Media Foundation and then DirectShow on Windows.</summary>
    Auto,

    /// <summary>Windows' DirectShow, which opens many cameras faster than Media Foundation.</summary>
    Dshow,

    /// <summary>Windows' Media Foundation.</summary>
    Msmf,
}
