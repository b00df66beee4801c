using MlNetEmotion.Images;
using MlNetEmotion.Tests.Trainer.Data;
using SkiaSharp;
using Xunit;

namespace MlNetEmotion.Tests.Shared.ML.Images;

public sealed class ImageFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ReadFace_GrayImageOf48_PassesUnchanged()
    {
        byte[] face = [.. Enumerable.Range(0, 2304).Select(i => (byte)(i * 7))];

        Assert.Equal(face, ImageFile.ReadFace(folder.WritePgm("a.pgm", face), out _));
        Assert.Equal(face, ImageFile.ReadFace(folder.Write("a.png", Png(face)), out _));
    }

    [Theory]
    [InlineData(".png", 0)]
    [InlineData(".bmp", 0)]
    [InlineData(".tif", 0)]
    [InlineData(".ppm", 0)]
    [InlineData(".JPG", 2)]      // lossy
    [InlineData(".jpeg", 2)]
    [InlineData(".webp", 2)]
    public void ReadFace_ColourOfAnySize_BecomesGray(string extension, int tolerance)
    {
        string path = folder.WriteImage($"a{extension}", 97, 30, 200, 100, 50);

        byte[] pixels = ImageFile.ReadFace(path, out _);

        Assert.Equal(2304, pixels.Length);
        Assert.All(pixels, pixel => Assert.InRange(pixel, 124 - tolerance, 124 + tolerance));    // 0.299·200 + 0.587·100 + 0.114·50
    }

    // From EXIF's table: the position of the stored image's first pixel in the upright one.
    [Theory]
    [InlineData("a.jpg", 1, 0, 0)]
    [InlineData("a.jpg", 2, 47, 0)]
    [InlineData("a.jfif", 3, 47, 47)]
    [InlineData("a.jpg", 4, 0, 47)]
    [InlineData("a.jpe", 6, 47, 0)]
    [InlineData("a.jpg", 8, 0, 47)]
    [InlineData("a.tif", 2, 47, 0)]
    [InlineData("a.tif", 3, 47, 47)]
    [InlineData("a.tif", 4, 0, 47)]
    [InlineData("a.tif", 6, 47, 0)]
    [InlineData("a.tif", 8, 0, 47)]
    [InlineData("a.webp", 2, 47, 0)]
    [InlineData("a.webp", 3, 47, 47)]
    [InlineData("a.webp", 6, 47, 0)]
    [InlineData("a.webp", 8, 0, 47)]
    public void ReadFace_ExifOrientation_IsObeyed(string name, byte orientation, int x, int y)
    {
        // White with an 8×8 corner at the top left, and a gray bar along the top that distinguishes rotation from mirroring.
        byte[] face = [.. Enumerable.Range(0, 2304).Select(i => (byte)(i % 48 < 8 && i / 48 < 8 ? 0 : i / 48 < 8 ? 128 : 255))];

        byte[] file = name == "a.tif" ? ImageBytes.Tiff(48, 48, 1, 8, 1, null, orientation, face)
            : name == "a.webp"
            ? WebPFile.WithExif(Encode(face, SKEncodedImageFormat.Webp), 48, 48, [.. "Exif\0\0"u8, .. WebPFile.Exif(orientation)])
            : ImageBytes.WithExif(Encode(face, SKEncodedImageFormat.Jpeg), orientation);
        byte[] pixels = ImageFile.ReadFace(folder.Write(name, file), out _);

        Assert.InRange(pixels[(y * 48) + x], 0, 8);
        (int barX, int barY) = orientation is 6 or 8 ? (x, 24) : (24, y);
        Assert.InRange(pixels[(barY * 48) + barX], 120, 136);
        Assert.InRange(pixels[((47 - y) * 48) + 47 - x], 247, 255);
    }

    [Theory]
    [InlineData("a.png", "not an image of a known format")]
    [InlineData("a.pgm", "PNM of 70000x70000 pixels, larger than the limit of 100 megapixels")]
    [InlineData("b.pgm", "truncated PNM: the file ends after 19 bytes")]
    [InlineData("c.pgm", "PNM with values up to 65536, expected 1 to 65535")]
    public void ReadFace_BrokenFile_SaysWhy(string name, string reason)
    {
        string content = name switch
        {
            "a.png" => "this is no image",
            "a.pgm" => "P5\n70000 70000\n255\n",
            "b.pgm" => "P5\n48 48\n255\n123456",
            _ => "P5 2 2 65536 12345678",
        };

        var error = Assert.Throws<InvalidDataException>(() => ImageFile.ReadFace(folder.Write(name, content), out _));

        Assert.StartsWith(reason, error.Message);
    }

    [Fact]
    public void ReadFace_TiffOfFloatingPointValues_SaysWhatItIs()
    {
        // A header and a directory of one tag: SampleFormat (339) 3.
        byte[] tiff = [.. "II"u8, 42, 0, 8, 0, 0, 0, 1, 0, 0x53, 1, 3, 0, 1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0];

        Assert.Equal(
            "a TIFF of floating-point values of this kind, which is not read; save it with 8 bits a value first",
            Assert.Throws<InvalidDataException>(() => ImageFile.ReadFace(folder.Write("a.tif", tiff), out _)).Message);
    }

    [Theory]
    [InlineData(".png")]
    [InlineData(".jpg")]
    [InlineData(".webp")]
    [InlineData(".bmp")]
    [InlineData(".tif")]
    public void ReadFace_TruncatedFile_Throws(string extension)
    {
        byte[] whole = File.ReadAllBytes(folder.WriteImage($"a{extension}", 60, 60, 90, 20, 200));

        Assert.Throws<InvalidDataException>(() => ImageFile.ReadFace(folder.Write($"b{extension}", whole[..(whole.Length / 2)]), out _));
    }

    [Fact]
    public void ReadFace_PngThatClaimsTooManyPixels_IsNotDecoded()
    {
        byte[] png = Png(new byte[2304]);
        png[16] = 0x00;
        png[17] = 0x01;    // 65,536 + 48 pixels across and down
        png[21] = 0x01;
        uint crc = ImageBytes.Crc(png.AsSpan(12, 17));
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), crc);

        var error = Assert.Throws<InvalidDataException>(() => ImageFile.ReadFace(folder.Write("a.png", png), out _));

        Assert.StartsWith("PNG of 65584x65584 pixels, larger than the limit of 100 megapixels", error.Message);
    }

    [Fact]
    public void ReadFace_Gif_GivesItsFirstImage()
    {
        // One pixel, of the second colour of two: black, and red 90, green 90, blue 90.
        byte[] gif = [.. "GIF89a"u8, 1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 90, 90, 90, 0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x4C, 1, 0, 0x3B];

        Assert.All(ImageFile.ReadFace(folder.Write("a.gif", gif), out _), pixel => Assert.Equal(90, pixel));
    }

    [Fact]
    public void ReadFace_AnimatedWebP_SaysWhatToDo()
    {
        string path = folder.Write("a.webp", WebPFile.Animated());

        Assert.StartsWith("an animated WebP, which is not read; save it", Assert.Throws<InvalidDataException>(() => ImageFile.ReadFace(path, out _)).Message);
    }

    private static byte[] Png(byte[] face) => Encode(face, SKEncodedImageFormat.Png);

    private static byte[] Encode(byte[] face, SKEncodedImageFormat format)
    {
        using SKImage image = SKImage.FromPixelCopy(new SKImageInfo(48, 48, SKColorType.Gray8), face);
        return image.Encode(format, quality: 95).ToArray();
    }
}
