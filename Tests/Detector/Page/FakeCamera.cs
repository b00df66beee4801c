using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Tests.Shared;
using OpenCvSharp;

namespace MlNetEmotion.Tests.Detector.Page;

/// <summary>The Detector's demo as a fake camera of Chromium: a file of JPEG images, played in a loop.</summary>
internal sealed class FakeCamera : IDisposable
{
    /// <summary>The frame in which each of the three people shows a clear expression.</summary>
    public const int PlainFrame = 38;

    private readonly TemporaryFile file;

    private FakeCamera(IEnumerable<byte[]> images) => file = new TemporaryFile(images.SelectMany(image => image).ToArray(), ".mjpeg");

    /// <summary>Chromium's command-line arguments.</summary>
    public string[] Arguments => ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", $"--use-file-for-fake-video-capture={file.Path}"];

    /// <summary>A camera that shows one frame of the demo.</summary>
    public static FakeCamera Still(int frame) => new([Demo(frame).Mat.ImEncode(".jpg")]);

    /// <summary>A camera that shows the whole demo.</summary>
    public static FakeCamera Moving() => Moving(frame => frame.Mat.ImEncode(".jpg"));

    /// <summary>A camera of 640x360 that shows the first person of the demo.</summary>
    public static FakeCamera MovingOne() => Moving(frame =>
    {
        using Mat person = frame.Mat[20, 380, 0, 240];
        using Mat image = OpenCvLibrary.CreateMat();
        Cv2.CopyMakeBorder(person, image, 0, 0, 200, 200, BorderTypes.Replicate);
        return image.ImEncode(".jpg");
    });

    /// <summary>One frame of the demo.</summary>
    public static Frame Demo(int number)
    {
        using var source = new DemoSource();
        var frame = new Frame();
        for (int i = 0; i <= number; i++)
        {
            source.Read(frame, out _);
        }

        return frame;
    }

    public void Dispose() => file.Dispose();

    private static FakeCamera Moving(Func<Frame, byte[]> encode)
    {
        using var source = new DemoSource();
        using var frame = new Frame();
        return new(Enumerable.Range(0, DemoSource.CycleFrames).Select(_ =>
        {
            source.Read(frame, out TimeSpan _);
            return encode(frame);
        }));
    }
}
