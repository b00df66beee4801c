using MlNetEmotion.Faces;
using MlNetEmotion.Imaging;
using MlNetEmotion.Onnx;
using MlNetEmotion.Tests.Shared.Faces;
using Xunit;

namespace MlNetEmotion.Tests.Shared;

public sealed class EmotionRecognizerTests
{
    [Fact]
    public void Recognize_Photograph_ScoresEachFaceUprightAsTheClassifierDoes()
    {
        using var photograph = new Photograph("couple.jpg");
        using var recognizer = EmotionRecognizer.Load();
        using var yunet = YuNet.LoadDefault(new FaceDetectorOptions { DetectWidth = FaceDetectorOptions.StillDetectWidth });
        using var classifier = EmotionClassifier.LoadDefault();
        var detections = new List<FaceDetection>();
        yunet.Detect(photograph.View, detections);

        IReadOnlyList<RecognizedFace> faces = recognizer.Recognize(photograph.View);

        Assert.Equal(2, faces.Count);
        foreach (RecognizedFace face in faces)
        {
            FaceDetection detection = detections.Single(detection => detection.Box == face.Box);
            var crop = new byte[FacePreprocessor.PixelCount];
            FacePreprocessor.ToFace(photograph.View, detection.Box, detection.Landmarks, crop);
            EmotionScores expected = classifier.Classify(new ImageView(crop, 48, 48, PixelFormat.Gray8));
            Assert.Equal((detection.Score, detection.Landmarks), (face.DetectionScore, face.Landmarks));
            Assert.Equal(expected[Emotion.Happy], face.Scores[Emotion.Happy], 1e-4f); // a batch of two sums in another order
        }
    }

    [Fact]
    public void Load_FaceModelByItsPath_AnswersAsTheOneInside()
    {
        using var photograph = new Photograph("selfie-many-people.jpg");
        using var inside = EmotionRecognizer.Load();
        using var byPath = EmotionRecognizer.Load(Photograph.YuNet);

        IReadOnlyList<RecognizedFace> faces = inside.Recognize(photograph.View);

        Assert.Equal(6, faces.Count);    // people in it
        Assert.Equal(faces, byPath.Recognize(photograph.View));
    }

    [Fact]
    public void Recognize_PictureWithoutFaces_IsEmpty()
    {
        using var recognizer = EmotionRecognizer.Load();

        Assert.Empty(recognizer.Recognize(new ImageView(new byte[300 * 200 * 3], 300, 200, PixelFormat.Rgb24)));
    }

    [Fact]
    public void Recognize_ImageWithoutPixels_Throws()
    {
        using var recognizer = EmotionRecognizer.Load();

        Assert.Throws<ArgumentException>(() => recognizer.Recognize(default));
    }

    [Fact]
    public void Load_EmotionModelInPlaceOfFaceModel_IsRefused() =>
        Assert.Throws<ModelException>(() => EmotionRecognizer.Load(Fixture.Model("tiny")));
}
