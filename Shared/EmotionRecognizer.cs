using System.Runtime.CompilerServices;
using MlNetEmotion.Faces;
using MlNetEmotion.Imaging;
using MlNetEmotion.Onnx;

namespace MlNetEmotion;

/// <summary>A face in a picture and what it shows.</summary>
/// <param name="Box">Where it is, in the picture's pixels; square, from the brows to the chin; may stick out of the picture.</param>
/// <param name="Landmarks">Eyes, nose and mouth, in the picture's pixels.</param>
/// <param name="DetectionScore">How sure the face detector is that this is a face, in [0, 1].</param>
public sealed record RecognizedFace(Box Box, FaceLandmarks Landmarks, float DetectionScore, EmotionScores Scores);

/// <summary>
/// From a picture to emotions: finds the faces by <see cref="YuNet"/>, turns each upright by its eyes and scores all at once.
/// <para>Thread-safe: one recognizer serves any number of threads at once.</para>
/// </summary>
public sealed class EmotionRecognizer : IDisposable
{
    private readonly YuNet detector;
    private readonly EmotionClassifier classifier;

    private EmotionRecognizer(YuNet detector, EmotionClassifier classifier) => (this.detector, this.classifier) = (detector, classifier);

    /// <summary>Loads the models: without arguments, those that come with this library.</summary>
    /// <param name="faceModelPath">Another YuNet's ONNX file; null for the one that comes with this library.</param>
    /// <param name="emotionModelPath">An emotion model; null for the one that comes with this library.</param>
    /// <param name="options">How to look for faces; null for what fits still pictures.</param>
    /// <param name="onnx">How to run the emotion model; null for the defaults.</param>
    /// <exception cref="FileNotFoundException">There is no such file, or this build has no emotion model inside.</exception>
    /// <exception cref="ModelException">A file is not the model that it should be.</exception>
    public static EmotionRecognizer Load(
        string? faceModelPath = null, string? emotionModelPath = null, FaceDetectorOptions? options = null, OnnxOptions? onnx = null)
    {
        options ??= new FaceDetectorOptions { DetectWidth = FaceDetectorOptions.StillDetectWidth };
        YuNet detector = faceModelPath is null ? YuNet.LoadDefault(options) : new YuNet(faceModelPath, options);
        try
        {
            return new EmotionRecognizer(
                detector, emotionModelPath is null ? EmotionClassifier.LoadDefault(onnx) : new EmotionClassifier(emotionModelPath, onnx));
        }
        catch
        {
            detector.Dispose();
            throw;
        }
    }

    /// <summary>Finds the faces in a picture and scores each.</summary>
    /// <param name="image">The picture, of any size and format.</param>
    /// <returns>The faces from left to right; none where there is no sure one.</returns>
    /// <exception cref="ArgumentException">The picture is empty.</exception>
    /// <exception cref="ModelException">The emotion model's output is not a probability vector.</exception>
    /// <exception cref="ObjectDisposedException">The recognizer was disposed of.</exception>
    [OverloadResolutionPriority(1)]
    public IReadOnlyList<RecognizedFace> Recognize(ImageView image)
    {
        var faces = new List<FaceDetection>();
        detector.Detect(image, faces);
        (int width, int height) = (image.Width, image.Height);
        faces.RemoveAll(face => !(face.Score >= FaceDetection.HighScoreThreshold) || !face.Box.Overlaps(width, height));
        var crops = new byte[faces.Count * FacePreprocessor.PixelCount];
        for (int i = 0; i < faces.Count; i++)
        {
            FacePreprocessor.ToFace(image, faces[i].Box, faces[i].Landmarks, crops.AsSpan(i * FacePreprocessor.PixelCount));
        }

        var scores = new EmotionScores[faces.Count];
        classifier.ClassifyBatch(crops, scores);
        return [.. faces.Zip(scores, (face, score) => new RecognizedFace(face.Box, face.Landmarks!.Value, face.Score, score))];
    }

    /// <inheritdoc cref="Recognize(ImageView)"/>
    public IReadOnlyList<RecognizedFace> Recognize(ImageMemory image) => Recognize(image.View);

    /// <summary>Frees the models, once the last call that is under way is over.</summary>
    public void Dispose()
    {
        detector.Dispose();
        classifier.Dispose();
    }
}
