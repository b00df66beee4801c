using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Faces;
using MlNetEmotion.Detector.Frames;
using OpenCvSharp;
using MlNetEmotion.Programs.Samples;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Faces;

public sealed class CascadeFaceDetectorTests
{
    // The cascade's boxes are somewhat smaller than from forehead to chin.
    private const double MinIou = 0.55;

    [Theory]
    [InlineData(nameof(FaceDetectorKind.Haar))]
    [InlineData(nameof(FaceDetectorKind.Lbp))]
    public void Detect_FaceInAFrame_GivesItsBoxInTheFramesPixels(string kind)
    {
        var drawn = new Box(290, 110, 160, 160);
        using Frame frame = FrameWith(drawn);
        using IFaceDetector detector = Load(Enum.Parse<FaceDetectorKind>(kind));

        Assert.InRange(Assert.Single(detector.Detect(frame).ToArray()).Box.Iou(drawn), MinIou, 1);
    }

    [Fact]
    public void Detect_FaceSmallerThanWanted_IsNotFound()
    {
        using Frame frame = FrameWith(new Box(290, 110, 100, 100));
        using IFaceDetector small = Load(FaceDetectorKind.Haar, new FaceDetectorOptions { MinFacePixels = 60 });
        using IFaceDetector large = Load(FaceDetectorKind.Haar, new FaceDetectorOptions { MinFacePixels = 200 });

        Assert.Equal(1, small.Detect(frame).Length);
        Assert.Equal(0, large.Detect(frame).Length);
    }

    [Theory]
    [InlineData(640, 1)]
    [InlineData(320, 1)]
    [InlineData(64, 0)] // the face shrinks from 100 to 10 pixels; the cascade needs 24
    public void Detect_SmallerFrame_FindsWhatIsLargeEnoughInIt(int detectWidth, int expected)
    {
        using Frame frame = FrameWith(new Box(290, 110, 100, 100));
        using IFaceDetector detector = Load(FaceDetectorKind.Haar, new FaceDetectorOptions { DetectWidth = detectWidth });

        Assert.Equal(expected, detector.Detect(frame).Length);
    }

    [Theory]
    [InlineData(640, 360)]
    [InlineData(1, 1)]
    [InlineData(5000, 3)]
    public void Detect_NoFace_GivesNone(int width, int height)
    {
        using Frame frame = Frame.FromPixels(new ImageView(new byte[width * height * 3], width, height, PixelFormat.Bgr24));
        using IFaceDetector detector = Load(FaceDetectorKind.Haar);

        Assert.Equal(0, detector.Detect(frame).Length);
    }

    [Fact]
    public void Find_UnknownCascade_SaysWhereItLookedAndWhatToDo()
    {
        string message = Assert.Throws<FileNotFoundException>(() => CascadeFiles.Find("haarcascades/dog.xml")).Message;

        Assert.Contains(ModelFolder.Path, message, StringComparison.Ordinal);
        Assert.Contains("/usr/share/opencv4", message, StringComparison.Ordinal);
        Assert.EndsWith(
            ": run 'Detector models download', name the file with '--face-model', or leave out '--face-detector' for YuNet, which comes with the program.", message, StringComparison.Ordinal);
    }

    private static IFaceDetector Load(FaceDetectorKind kind, FaceDetectorOptions? options = null)
    {
        Platform.NeedsCascades();
        return FaceDetectors.Load(kind, options: options);
    }

    private static Frame FrameWith(Box face)
    {
        using Frame gray = Frame.FromPixels(new ImageView(FaceRenderer.Render(FaceParameters.Average, 640, 360, face), 640, 360, PixelFormat.Gray8));
        var frame = new Frame();
        gray.ConvertTo(frame, ColorConversionCodes.GRAY2BGR);
        return frame;
    }
}
