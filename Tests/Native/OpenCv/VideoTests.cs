using MlNetEmotion.Imaging;
using MlNetEmotion.Native;
using MlNetEmotion.Native.OpenCv;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Native.OpenCv;

public sealed class VideoTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    [Fact]
    public void Read_WrittenVideo_GivesItsFramesInOrder()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Root, "gray.avi");
        using (var writer = new VideoWriter(path, "MJPG", 12.5, 64, 48))
        {
            for (int i = 0; i < 5; i++)
            {
                using Mat frame = Uniform((byte)(40 * i));
                writer.Write(frame);
            }
        }

        using VideoCapture capture = VideoCapture.Open(path, Timeout);
        Assert.Equal((64, 48, 12.5), (capture.Width, capture.Height, capture.FramesPerSecond));
        using var read = new Mat();
        for (int i = 0; i < 5; i++)
        {
            Assert.True(capture.Read(read));
            Assert.InRange(read.View.Pixels[0], (40 * i) - 3, (40 * i) + 3);    // JPEG rounds
        }

        Assert.False(capture.Read(read));
    }

    [Fact]
    public void Open_NoVideo_Throws()
    {
        using var folder = new TemporaryFolder();

        Assert.Throws<NativeException>(() => VideoCapture.Open(folder.Write("notes.mp4", "shopping: milk"), Timeout));
    }

    [Fact]
    public void Write_FolderThatIsNotThere_Throws() =>
        Assert.Throws<NativeException>(() => new VideoWriter("/no/such/folder/a.avi", "MJPG", 25, 64, 48));

    private static Mat Uniform(byte value)
    {
        var pixels = new byte[64 * 48 * 3];
        Array.Fill(pixels, value);
        return Mat.FromPixels(new ImageView(pixels, 64, 48, PixelFormat.Bgr24));
    }
}
