namespace MlNetEmotion.Detector.Faces;

/// <summary>How faces are found.</summary>
internal enum FaceDetectorKind
{
    /// <summary>By YuNet where its model is installed, by the Haar cascade otherwise.</summary>
    Auto,

    /// <summary>By OpenCV's frontal face cascade of Haar features: the surer cascade.</summary>
    Haar,

    /// <summary>By OpenCV's frontal face cascade of local binary patterns: the faster one.</summary>
    Lbp,

    /// <summary>By the YuNet network: faces of any pose, with eyes, nose and mouth.</summary>
    YuNet,
}
