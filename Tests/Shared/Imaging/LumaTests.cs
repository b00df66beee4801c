using MlNetEmotion.Detector.Frames;
using OpenCvSharp;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Imaging;

public sealed class LumaTests
{
    // OpenCV's conversion is the reference. 48x48 pixels are taken as they are, and rows of 48 leave the vectors a rest.
    [Theory]
    [InlineData(PixelFormat.Bgr24)]
    [InlineData(PixelFormat.Rgb24)]
    [InlineData(PixelFormat.Bgra32)]
    [InlineData(PixelFormat.Rgba32)]
    public void ToFace_RandomColours_HasTheBitsOfOpenCv(PixelFormat format)
    {
        var bgr = new byte[48 * 48 * 3];
        new Random(7).NextBytes(bgr);
        byte[] pixels = [.. bgr.Chunk(3).SelectMany(Stored)];
        using Frame colour = Frame.FromPixels(new ImageView(bgr, 48, 48, PixelFormat.Bgr24));
        using var gray = new Frame();
        colour.ConvertTo(gray, ColorConversionCodes.BGR2GRAY);

        var face = new byte[48 * 48];
        FacePreprocessor.ToFace(new ImageView(pixels, 48, 48, format), face);

        Assert.Equal(gray.Bytes.ToArray(), face);

        byte[] Stored(byte[] p) => format switch
        {
            PixelFormat.Bgr24 => p,
            PixelFormat.Rgb24 => [p[2], p[1], p[0]],
            PixelFormat.Bgra32 => [.. p, 99],
            _ => [p[2], p[1], p[0], 99],
        };
    }
}
