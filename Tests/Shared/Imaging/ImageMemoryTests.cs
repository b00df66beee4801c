using MlNetEmotion.Faces;
using MlNetEmotion.Tests.Shared.Faces;
using MlNetEmotion.Tracking;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Imaging;

public sealed class ImageMemoryTests
{
    [Fact]
    public void View_RowsWithPadding_HasTheMemorysPixelsAndSizes()
    {
        byte[] pixels = [.. Enumerable.Range(0, 40).Select(i => (byte)i)];

        ImageView view = new ImageMemory(pixels.AsMemory(3), 4, 3, PixelFormat.Bgr24, 12).View;

        Assert.Equal((4, 3, PixelFormat.Bgr24, 12), (view.Width, view.Height, view.Format, view.Stride));
        Assert.Equal(pixels[3..], view.Pixels.ToArray());
    }

    [Fact]
    public void View_SizesThatDoNotFit_Throws() => Assert.StartsWith(
        "10x6 Gray8 needs 60 bytes, got 50",
        Assert.Throws<ArgumentException>(() => { _ = new ImageMemory(new byte[50], 10, 6, PixelFormat.Gray8).View; }).Message, StringComparison.Ordinal);

    [Fact]
    public void Classify_PartOfAnImageWithPadding_AnswersAsForTheView()
    {
        using EmotionClassifier classifier = EmotionClassifier.LoadDefault();
        byte[] pixels = [.. Enumerable.Range(0, 70 * 210).Select(i => (byte)(i * i / 7))];
        var image = new ImageMemory(pixels, 60, 70, PixelFormat.Bgr24, 210);
        var view = new ImageView(pixels, 60, 70, PixelFormat.Bgr24, 210);
        var box = new Box(5, 9, 40, 50);

        Assert.Equal(classifier.Classify(view), classifier.Classify(image));
        Assert.Equal(classifier.Classify(view, box), classifier.Classify(image, box));
        Assert.NotEqual(classifier.Classify(image), classifier.Classify(image, box));
    }

    [Fact]
    public void ToFace_LeaningHead_CutsAsForTheView()
    {
        byte[] pixels = [.. Enumerable.Range(0, 80 * 80).Select(i => (byte)(i * i / 7))];
        var image = new ImageMemory(pixels, 80, 80, PixelFormat.Gray8);
        var landmarks = new FaceLandmarks(new(30, 30), new(50, 40), new(40, 45), new(32, 55), new(48, 60));
        var (upright, asItIs) = (new byte[2304], new byte[2304]);
        FacePreprocessor.ToFace(image.View, new Box(10, 10, 60, 60), landmarks, upright);
        FacePreprocessor.ToFace(image.View, new Box(10, 10, 60, 60), asItIs);

        Assert.Equal(upright, FacePreprocessor.ToFace(image, new Box(10, 10, 60, 60), landmarks));
        Assert.Equal(asItIs, FacePreprocessor.ToFace(image, new Box(10, 10, 60, 60)));
        Assert.NotEqual(upright, asItIs);
    }

    [Fact]
    public void ClassifyBatch_FacesInMemory_AreScoredInTheirOrder()
    {
        using var classifier = new EmotionClassifier(Fixture.Model("tiny"));
        byte[] faces = [.. Enumerable.Range(0, 3 * 2304).Select(i => (byte)((20 * (i / 2304)) + (i % 2 * 50)))];
        var expected = new EmotionScores[3];
        classifier.ClassifyBatch(faces, expected);

        Assert.Equal(expected, classifier.ClassifyBatch(faces));
        Assert.Empty(classifier.ClassifyBatch(ReadOnlyMemory<byte>.Empty));
        Assert.StartsWith(
            "a face has 2304 pixels, got 2305, which is not a multiple of that",
            Assert.Throws<ArgumentException>(() => classifier.ClassifyBatch(new byte[2305])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Recognize_DetectAndTrack_AnswerAsForTheView()
    {
        using var photograph = new Photograph("couple.jpg");
        using EmotionRecognizer recognizer = EmotionRecognizer.Load();
        using var yunet = YuNet.LoadDefault();
        ImageView view = photograph.View;
        var image = new ImageMemory(view.Pixels.ToArray(), view.Width, view.Height, view.Format, view.Stride);
        var (expected, found) = (new List<FaceDetection>(), new List<FaceDetection>());
        yunet.Detect(view, expected);
        yunet.Detect(image, found);

        Assert.Equal(2, found.Count);
        Assert.Equal(expected, found);
        Assert.Equal(expected, yunet.Detect(view));
        Assert.Equal(expected, yunet.Detect(image));
        foreach (IReadOnlyList<FaceDetection> detections in new IReadOnlyList<FaceDetection>[] { found, found.ToArray(), found.AsReadOnly() })
        {
            var tracker = new FaceTracker();
            tracker.Follow(image, TimeSpan.Zero);
            tracker.Update(image, detections);
            Assert.Equal(found.Select(face => face.Box), tracker.GetFaces().Select(face => face.Box));
        }

        Assert.Equal(recognizer.Recognize(view), recognizer.Recognize(image));
    }

    [Fact]
    public void Default_IsRefusedByAll()
    {
        using YuNet yunet = YuNet.LoadDefault();
        using var classifier = new EmotionClassifier(Fixture.Model("tiny"));
        var tracker = new FaceTracker();

        Assert.Throws<ArgumentException>(() => yunet.Detect(default(ImageMemory)));
        Assert.Throws<ArgumentException>(() => classifier.Classify(default(ImageMemory)));
        Assert.Throws<ArgumentException>(() => classifier.Classify(default(ImageMemory), new Box(0, 0, 5, 5)));
        Assert.Throws<ArgumentException>(() => FacePreprocessor.ToFace(default(ImageMemory), new Box(0, 0, 5, 5)));
        Assert.Throws<ArgumentException>(() => tracker.Follow(default(ImageMemory), TimeSpan.Zero));
        Assert.Throws<ArgumentException>(() => tracker.Update(default(ImageMemory), []));
        Assert.Throws<ArgumentNullException>(() => tracker.Update(new ImageMemory(new byte[1], 1, 1, PixelFormat.Gray8), null!));
    }
}
