using MlNetEmotion.Imaging;

namespace MlNetEmotion.Faces;

/// <summary>A face as a detector found it in one image.</summary>
/// <param name="Box">Where it is, in the image's pixels; square, from the brows to the chin, as emotion models are trained on.</param>
/// <param name="Score">How sure the detector is, in [0, 1]; 1 from detectors that don't say.</param>
/// <param name="Landmarks">Eyes, nose and mouth; null from detectors that don't find them.</param>
public readonly record struct FaceDetection(Box Box, float Score = 1, FaceLandmarks? Landmarks = null);
