using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Imaging;
using MlNetEmotion.Native.OpenCv;
using MlNetEmotion.Samples;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Faces;

public sealed class CascadeFaceDetectorTests
{
    // The cascade frames a face somewhat tighter than from forehead to chin.
    private const double MinIou = 0.55;

    [Theory]
    [InlineData(nameof(CascadeKind.Haar))]
    [InlineData(nameof(CascadeKind.Lbp))]
    public void Detect_FaceInAFrame_GivesItsBoxInTheFramesPixels(string kind)
    {
        var drawn = new Box(290, 110, 160, 160);
        using Mat frame = Frame(drawn);
        using var detector = new CascadeFaceDetector(CascadeFaceDetector.DefaultModel(Enum.Parse<CascadeKind>(kind)));

        Assert.InRange(Assert.Single(detector.Detect(frame)).Iou(drawn), MinIou, 1);
    }

    [Fact]
    public void Detect_FaceSmallerThanWanted_IsNotFound()
    {
        using Mat frame = Frame(new Box(290, 110, 100, 100));
        string cascade = CascadeFaceDetector.DefaultModel(CascadeKind.Haar);
        using var small = new CascadeFaceDetector(cascade, minFacePixels: 60);
        using var large = new CascadeFaceDetector(cascade, minFacePixels: 200);

        Assert.Single(small.Detect(frame));
        Assert.Empty(large.Detect(frame));
    }

    [Theory]
    [InlineData(640, 360)]
    [InlineData(1, 1)]
    [InlineData(5000, 3)]
    public void Detect_NoFace_GivesNone(int width, int height)
    {
        using Mat frame = Mat.FromPixels(new ImageView(new byte[width * height * 3], width, height, PixelFormat.Bgr24));
        using var detector = new CascadeFaceDetector(CascadeFaceDetector.DefaultModel(CascadeKind.Haar));

        Assert.Empty(detector.Detect(frame));
    }

    [Fact]
    public void Find_UnknownCascade_SaysWhereItLookedAndWhatToDo()
    {
        string message = Assert.Throws<FileNotFoundException>(() => CascadeFiles.Find("haarcascades/dog.xml")).Message;

        Assert.Contains("/usr/share/opencv4", message, StringComparison.Ordinal);
        Assert.Contains("--face-model", message, StringComparison.Ordinal);
    }

    private static Mat Frame(Box face)
    {
        using Mat gray = Mat.FromPixels(new ImageView(FaceRenderer.Render(FaceParameters.Average, 640, 360, face), 640, 360, PixelFormat.Gray8));
        var frame = new Mat();
        gray.CvtColorTo(frame, ColorConversion.GrayToBgr);
        return frame;
    }
}
