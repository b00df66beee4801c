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
