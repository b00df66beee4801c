using MlNetEmotion.Faces;
using MlNetEmotion.Programs.Samples;
using Xunit;
using Photograph = MlNetEmotion.Tests.Shared.Faces.Photograph;

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
    public void Recognizer_OfModelsFromAPathAStreamOrBytes_RecognizesAsTheDefault()
    {
        FaceDetectorOptions stills = new() { DetectWidth = FaceDetectorOptions.StillDetectWidth };
        using var photograph = new Photograph("selfie-many-people.jpg");
        using var inside = EmotionRecognizer.Load();
        using FileStream network = File.OpenRead(Photograph.YuNet);
        using FileStream model = File.OpenRead(EmotionModelFile);
        using var fromPaths = new EmotionRecognizer(new YuNet(Photograph.YuNet, stills), new EmotionClassifier(EmotionModelFile));
        using var fromStreams = new EmotionRecognizer(new YuNet(network, stills), new EmotionClassifier(model));
        using var fromBytes = new EmotionRecognizer(new YuNet(File.ReadAllBytes(Photograph.YuNet), stills), new EmotionClassifier(File.ReadAllBytes(EmotionModelFile)));

        IReadOnlyList<RecognizedFace> faces = inside.Recognize(photograph.View);

        Assert.Equal(6, faces.Count);    // people in it
        Assert.Equal(faces, fromPaths.Recognize(photograph.View));
        Assert.Equal(faces, fromStreams.Recognize(photograph.View));
        Assert.Equal(faces, fromBytes.Recognize(photograph.View));
    }

    [Fact]
    public void Recognizer_OfTheTinyModel_ScoresByIt()
    {
        using var recognizer = new EmotionRecognizer(YuNet.LoadDefault(), new EmotionClassifier(Fixture.Model("tiny")));

        // tiny.onnx gives Angry, Disgust, Fear, Sad and Neutral the same probability.
        RecognizedFace face = Assert.Single(recognizer.Recognize(GeneratedFace));
        Assert.Equal(face.Scores[Emotion.Angry], face.Scores[Emotion.Neutral]);
        Assert.NotEqual(face.Scores[Emotion.Angry], face.Scores[Emotion.Happy]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Dispose_OfARecognizer_DisposesOfTheModelsUnlessTheyAreShared(bool disposesModels)
    {
        using YuNet yunet = YuNet.LoadDefault();
        using var classifier = new EmotionClassifier(Fixture.Model("tiny"));
        new EmotionRecognizer(yunet, classifier, disposesModels).Dispose();

        Exception?[] errors =
        [
            Record.Exception(() => yunet.Detect(GeneratedFace, [])),
            Record.Exception(() => classifier.Classify(GeneratedFace)),
        ];

        Assert.Equal([disposesModels, disposesModels], errors.Select(error => error is ObjectDisposedException));
        Assert.Equal(disposesModels ? 2 : 0, errors.Count(error => error is not null));
    }

    [Fact]
    public void Recognizer_OfNothing_Throws()
    {
        using YuNet yunet = YuNet.LoadDefault();
        using var classifier = new EmotionClassifier(Fixture.Model("tiny"));

        Assert.Equal("detector", Assert.Throws<ArgumentNullException>(() => new EmotionRecognizer(null!, classifier)).ParamName);
        Assert.Equal("classifier", Assert.Throws<ArgumentNullException>(() => new EmotionRecognizer(yunet, null!)).ParamName);
    }

    // The detector first; by default it has one thread, and the emotion model one per processor.
    [Theory]
    [InlineData(null)]
    [InlineData(3)]
    public void LoadDefault_OnnxOptions_ReachBothModels(int? threads)
    {
        var found = new List<int>();

        using var recognizer = EmotionRecognizer.Load(onnx: new OnnxOptions { Threads = threads, Configure = options => found.Add(options.IntraOpNumThreads) });

        Assert.Equal([threads ?? 1, threads ?? Environment.ProcessorCount], found);
    }

    [Fact]
    public void LoadDefault_LabelHead_ScoresByIt()
    {
        using var recognizer = EmotionRecognizer.Load(options: new FaceDetectorOptions(), head: EmotionHead.Labels);
        using EmotionClassifier labels = EmotionClassifier.LoadDefault(head: EmotionHead.Labels);
        using EmotionClassifier votes = EmotionClassifier.LoadDefault();

        RecognizedFace face = Assert.Single(recognizer.Recognize(GeneratedFace));

        var crop = new byte[FacePreprocessor.PixelCount];
        FacePreprocessor.ToFace(GeneratedFace, face.Box, face.Landmarks, crop);
        Assert.Equal(labels.ClassifyBatch(crop)[0], face.Scores);
        Assert.NotEqual(votes.ClassifyBatch(crop)[0], face.Scores);
    }

    [Fact]
    public void Recognize_ImageWithoutFaces_IsEmpty()
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

    private static string EmotionModelFile { get; } = Path.Combine(Path.GetDirectoryName(Photograph.YuNet)!, "emotion.onnx");

    private static ImageView GeneratedFace => new(Pixels, 640, 360, PixelFormat.Gray8);

    private static byte[] Pixels { get; } = FaceRenderer.Render(FaceParameters.Average, 640, 360, new Box(290, 110, 160, 160));
}
