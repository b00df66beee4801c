using System.Numerics;
using MlNetEmotion.Imaging;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Imaging;

public sealed class UprightFaceTests
{
    private const int Size = FacePreprocessor.Size;

    private readonly byte[] pixels = new byte[Size * Size];
    private readonly byte[] face = new byte[Size * Size];

    public UprightFaceTests() => new Random(1).NextBytes(pixels);

    private ImageView Image => new(pixels, Size, Size, PixelFormat.Gray8);

    [Fact]
    public void ToFace_HeadThatLiesOnItsSide_IsTurnedUpright()
    {
        // The face's left eye is below its right one: what was the image's right column becomes the top row.
        FacePreprocessor.ToFace(Image, new Box(0, 0, Size, Size), Eyes(0, 10), face);

        for (int row = 0; row < Size; row++)
        {
            for (int column = 0; column < Size; column++)
            {
                Assert.InRange(face[(row * Size) + column] - pixels[(column * Size) + Size - 1 - row], -1, 1); // a quarter turn's cosine is no exact 0
            }
        }
    }

    [Theory]
    [InlineData(20, 1)] // 3 degrees
    [InlineData(20, 0)]
    [InlineData(float.NaN, 10)] // eyes that are no place
    public void ToFace_HeadThatHardlyLeans_IsLeftAsItIs(float dx, float dy)
    {
        FacePreprocessor.ToFace(Image, new Box(0, 0, Size, Size), Eyes(dx, dy), face);

        Assert.Equal(pixels, face);
    }

    [Fact]
    public void ToFace_NoLandmarks_IsLeftAsItIs()
    {
        FacePreprocessor.ToFace(Image, new Box(0, 0, Size, Size), landmarks: null, face);

        Assert.Equal(pixels, face);
    }

    [Theory]
    [InlineData(20, 15, 30, 20, 0.3)]
    [InlineData(-9, -7, 31, 24, -2.2)] // beyond the upper left corner
    [InlineData(50, 40, 40, 40, 1.1)] // beyond the lower right one
    [InlineData(-60, 10, 64, 9, 0.785)] // hardly in the frame
    [InlineData(3, 5, 1, 1, 3)]
    public void Turn_AnyBox_IsBilinearAtEachPixel(int x, int y, int width, int height, double angle)
    {
        const int FrameWidth = 71, FrameHeight = 53;
        var frame = new byte[FrameWidth * FrameHeight];
        new Random(2).NextBytes(frame);
        var crop = new byte[width * height];

        UprightCrop.Rotate(new ImageView(frame, FrameWidth, FrameHeight, PixelFormat.Gray8), new Box(x, y, width, height), angle, crop);

        for (int i = 0; i < crop.Length; i++)
        {
            (double u, double v) = ((i % width) - ((width - 1) / 2.0), (i / width) - ((height - 1) / 2.0));
            double expected = Bilinear(x + ((width - 1) / 2.0) + (Math.Cos(angle) * u) - (Math.Sin(angle) * v), y + ((height - 1) / 2.0) + (Math.Sin(angle) * u) + (Math.Cos(angle) * v));
            Assert.InRange(crop[i] - expected, -0.6, 0.6);    // rounded, and places in single precision
        }

        double Bilinear(double atX, double atY)
        {
            (atX, atY) = (Math.Clamp(atX, 0, FrameWidth - 1), Math.Clamp(atY, 0, FrameHeight - 1));
            double sum = 0;
            for (int i = 0; i < frame.Length; i++)
            {
                sum += frame[i] * Math.Max(0, 1 - Math.Abs((i % FrameWidth) - atX)) * Math.Max(0, 1 - Math.Abs((i / FrameWidth) - atY));
            }

            return sum;
        }
    }

    [Fact]
    public void ToFace_LeaningHeadAtTheEdge_RepeatsTheEdge()
    {
        Array.Fill(pixels, (byte)77);

        FacePreprocessor.ToFace(Image, new Box(-20, 30, 40, 40), Eyes(10, 10), face);

        Assert.All(face, pixel => Assert.Equal(77, pixel));
    }

    private static FaceLandmarks Eyes(float dx, float dy)
    {
        var eye = new Vector2(20, 20);
        return new FaceLandmarks(eye, eye + new Vector2(dx, dy), eye, eye, eye);
    }
}
