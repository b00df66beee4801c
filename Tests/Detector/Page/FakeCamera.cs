using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Tests.Shared;

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
    public static FakeCamera Still(int frame) => new([Encode(Demo(frame))]);

    /// <summary>A camera that shows the whole demo.</summary>
    public static FakeCamera Moving()
    {
        using var source = new DemoSource();
        using var frame = new Frame();
        return new(Enumerable.Range(0, DemoSource.CycleFrames).Select(_ =>
        {
            source.Read(frame, out TimeSpan _);
            return Encode(frame);
        }));
    }

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

    private static byte[] Encode(Frame frame) => frame.Mat.ImEncode(".jpg");
}
