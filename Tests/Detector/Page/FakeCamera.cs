using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Tests.Shared;

namespace MlNetEmotion.Tests.Detector.Page;

/// <summary>The Detector's demo as a camera of Chromium's: a file of JPEG pictures that it plays over and over.</summary>
internal sealed class FakeCamera : IDisposable
{
    /// <summary>The moment at which each of the three shows an expression plainly.</summary>
    public const int PlainFrame = 38;

    private readonly TemporaryFile file;

    private FakeCamera(IEnumerable<byte[]> pictures) => file = new TemporaryFile(pictures.SelectMany(picture => picture).ToArray(), ".mjpeg");

    /// <summary>What Chromium is started with.</summary>
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
