namespace MlNetEmotion.Detector.Faces;

/// <summary>Which of OpenCV's frontal face cascades.</summary>
internal enum CascadeKind
{
    /// <summary>Haar features: the surer one.</summary>
    Haar,

    /// <summary>Local binary patterns: the faster one.</summary>
    Lbp,
}
