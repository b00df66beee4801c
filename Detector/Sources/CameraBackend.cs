namespace MlNetEmotion.Detector.Sources;

/// <summary>The system's interface to cameras.</summary>
internal enum CameraBackend
{
    /// <summary>Video4Linux on Linux, and elsewhere OpenCV's choice: on Windows Media Foundation, then DirectShow.</summary>
    Auto,

    /// <summary>Windows' DirectShow, which opens many cameras sooner.</summary>
    Dshow,

    /// <summary>Windows' Media Foundation.</summary>
    Msmf,
}
