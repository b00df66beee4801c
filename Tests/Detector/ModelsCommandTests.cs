using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Detector;

public sealed class ModelsCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Models_EmptyFolder_SaysWhereModelsBelong()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the folder is another on other systems");
        (int exitCode, string output, string error) = await DetectorProcess.Run("models");

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Equal(
            "/nonexistent/MlNetEmotion/models: no models\nWithout a *yunet*.onnx here, faces are found by OpenCV's Haar cascade.\n", output);
    }

    [Fact]
    public async Task Models_TwoYuNets_NamesTheNewerAsTheDefault()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the folder is another on other systems");
        folder.Write("MlNetEmotion/models/face_detection_yunet_2023mar.onnx", new string('x', 2048));
        folder.Write("MlNetEmotion/models/face_detection_yunet_2026may.onnx", new string('x', 1024));

        (int exitCode, string output, _) = await DetectorProcess.RunFor(folder.Root, "models");

        Assert.Equal(0, exitCode);
        Assert.Equal(
            $"{folder.Root}/MlNetEmotion/models: 2 models\n  face_detection_yunet_2023mar.onnx  2 KB\n"
            + "  face_detection_yunet_2026may.onnx  1 KB  the default face detector\n",
            output);
    }

    [Fact]
    public async Task Detector_YuNetInTheModelFolder_IsUsed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the folder is another on other systems");
        folder.Write("MlNetEmotion/models/my-yunet.onnx", "not a network");

        (int exitCode, _, string error) = await DetectorProcess.RunFor(folder.Root, "--demo", "--headless", "--max-frames", "1");

        Assert.Equal(2, exitCode);
        Assert.Contains("my-yunet.onnx: not an ONNX model", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_CascadeByItsFile_NeedsNoKind()
    {
        using IFaceDetector detector = FaceDetectors.Load(FaceDetectorKind.Auto, CascadeFiles.Find("haarcascades/haarcascade_frontalface_default.xml"));

        Assert.IsType<CascadeFaceDetector>(detector);
    }
}
