using System.Runtime.CompilerServices;
using MlNetEmotion.Faces;

namespace MlNetEmotion;

/// <summary>A face in an image with the scores of its expression.</summary>
/// <param name="Box">The face's box in the image's pixels: square, from the brows to the chin; may extend beyond the image.</param>
/// <param name="Landmarks">Eyes, nose and mouth, in the image's pixels.</param>
/// <param name="DetectionScore">The face detector's confidence that this is a face, in [0, 1].</param>
public sealed record RecognizedFace(Box Box, FaceLandmarks Landmarks, float DetectionScore, EmotionScores Scores);

/// <summary>
/// The whole pipeline from an image to emotions: detects faces with <see cref="YuNet"/>, rotates each upright by its eyes and scores them as a batch.
/// <para>Thread-safe: threads can share one recognizer.</para>
/// </summary>
public sealed class EmotionRecognizer : IDisposable
{
    private readonly YuNet detector;
    private readonly EmotionClassifier classifier;

    private readonly bool disposesModels;

    /// <summary>Creates a recognizer from a face detector and a classifier, each loaded from a path, a stream or bytes.</summary>
    /// <param name="detector">The detector. For still images, a <see cref="FaceDetectorOptions.DetectWidth"/> of
    /// <see cref="FaceDetectorOptions.StillDetectWidth"/> finds the most faces.</param>
    /// <param name="classifier">The classifier.</param>
    /// <param name="disposesModels">Whether <see cref="Dispose"/> disposes of both; false if they are shared.</param>
    public EmotionRecognizer(YuNet detector, EmotionClassifier classifier, bool disposesModels = true)
    {
        ArgumentNullException.ThrowIfNull(detector);
        ArgumentNullException.ThrowIfNull(classifier);
        (this.detector, this.classifier, this.disposesModels) = (detector, classifier, disposesModels);
    }

    /// <summary>Loads the models: without arguments, those that are part of this library.</summary>
    /// <param name="faceModelPath">Another YuNet's ONNX file; null for the one in this library.</param>
    /// <param name="emotionModelPath">Another emotion model; null for the one in this library.</param>
    /// <param name="options">Face detection settings; null for settings that fit still images.</param>
    /// <param name="onnx">ONNX Runtime settings for both models; null for the defaults of each.</param>
    /// <param name="head">The emotion model's head.</param>
    /// <exception cref="FileNotFoundException">A file is missing, or this build does not contain the emotion model.</exception>
    /// <exception cref="ModelException">A file is not the model that it should be.</exception>
    /// <exception cref="DllNotFoundException">ONNX Runtime's native library is missing, or not for this system.</exception>
    public static EmotionRecognizer Load(
        string? faceModelPath = null, string? emotionModelPath = null, FaceDetectorOptions? options = null, OnnxOptions? onnx = null, EmotionHead head = EmotionHead.Default)
    {
        options ??= new FaceDetectorOptions { DetectWidth = FaceDetectorOptions.StillDetectWidth };
        YuNet detector = faceModelPath is null ? YuNet.LoadDefault(options, onnx) : new YuNet(faceModelPath, options, onnx);
        try
        {
            return new EmotionRecognizer(detector, emotionModelPath is null ? EmotionClassifier.LoadDefault(onnx, head) : new EmotionClassifier(emotionModelPath, onnx, head));
        }
        catch
        {
            detector.Dispose();
            throw;
        }
    }

    /// <summary>Finds the faces in an image and scores each.</summary>
    /// <param name="image">The image, of any size and format.</param>
    /// <returns>The faces from left to right, with a detection score of at least <see cref="FaceDetection.HighScoreThreshold"/>; may be empty.</returns>
    /// <exception cref="ArgumentException">The image is empty.</exception>
    /// <exception cref="ModelException">The emotion model's output is not a probability vector.</exception>
    /// <exception cref="ObjectDisposedException">The recognizer was disposed of.</exception>
    [OverloadResolutionPriority(1)]
    public IReadOnlyList<RecognizedFace> Recognize(ImageView image)
    {
        var found = StillFaces.Of(image, detector.Detect(image));
        var scores = new EmotionScores[found.Detections.Length];
        classifier.ClassifyBatch(found.Crops, scores);
        return [.. found.Detections.Zip(scores, (face, score) => new RecognizedFace(face.Box, face.Landmarks!.Value, face.Score, score))];
    }

    /// <inheritdoc cref="Recognize(ImageView)"/>
    public IReadOnlyList<RecognizedFace> Recognize(ImageMemory image) => Recognize(image.View);

    /// <summary>Frees the models as soon as the calls in progress have returned; does nothing if they are shared.</summary>
    public void Dispose()
    {
        if (disposesModels)
        {
            detector.Dispose();
            classifier.Dispose();
        }
    }
}
