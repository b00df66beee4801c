using System.Buffers.Binary;
using System.Text;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Imaging;
using MlNetEmotion.Tests.Shared.Programs.Pictures;
using OpenCvSharp;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Sources;

public sealed class PictureDecoderTests
{
    // 2x2: blue, green / red, white, as BGR.
    private static readonly byte[] FourColors = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255];

    public static TheoryData<string> Formats => [".png", ".jpg", ".bmp", ".webp", ".tiff", ".pgm", ".jp2"];

    [Theory]
    [InlineData(".png")]
    [InlineData(".bmp")]
    [InlineData(".tiff")]
    [InlineData(".ppm")]
    public void Decode_LosslessFile_GivesThePixelsBack(string extension)
    {
        using Frame decoded = Picture.Decode(Encoded(FourColors, 2, 2, extension));

        Assert.Equal((2, 2, 3), (decoded.Width, decoded.Height, decoded.Channels));
        Assert.Equal(FourColors, Packed(decoded));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Decode_FileCutAnywhere_SaysItIsNoWholeImage(string extension)
    {
        byte[] whole = Encoded(Gradient(), 32, 32, extension);
        for (int length = 0; length < whole.Length - 4; length += Math.Max(1, whole.Length / 50))
        {
            byte[] cut = whole[..length];
            var e = Assert.Throws<InvalidDataException>(() => Picture.Decode(cut).Dispose());
            Assert.Matches("empty|truncated|damaged|known format|claims", e.Message);
        }
    }

    [Fact]
    public void Decode_NoBytes_SaysEmpty() =>
        Assert.Contains("empty", DecodeError([]), StringComparison.Ordinal);

    [Theory]
    [InlineData("emotion,pixels,Usage")]
    [InlineData("\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000")]
    public void Decode_NoImage_NamesTheKnownFormats(string content) =>
        Assert.Contains("known format (BMP, GIF, JPEG, JPEG 2000, PNG, PNM, TIFF, WebP)", DecodeError(Encoding.Latin1.GetBytes(content)), StringComparison.Ordinal);

    [Fact]
    public void Decode_PngWhosePartClaimsGigabytes_TakesNoMemoryForThem()
    {
        byte[] png = Encoded(Gradient(), 32, 32, ".png");
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(33), 0xFFFF_FF00);    // the length of what follows the header

        Assert.Equal($"damaged or truncated PNG: a part ends at byte 4294967085, the file after {png.Length}", DecodeError(png));
    }

    [Fact]
    public void Decode_JpegOfVeryManyScans_IsRefused()
    {
        byte[] jpeg = Encoded(Gradient(), 32, 32, ".jpg");
        byte[] scans = [.. Enumerable.Repeat<byte[]>([0xFF, 0xDA, 0, 2], 50).SelectMany(scan => scan)];

        Assert.Equal("JPEG of 51 scans, more than the limit of 50", DecodeError([.. jpeg[..^2], .. scans, .. jpeg[^2..]]));
    }

    [Fact]
    public void Decode_PngWithAFlippedBit_SaysDamaged()
    {
        byte[] png = Encoded(Gradient(), 32, 32, ".png");
        png[png.Length / 2] ^= 0x10;

        Assert.Contains("damaged", DecodeError(png), StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_PngThatClaimsGigapixels_IsRefusedBeforeItIsUnpacked()
    {
        byte[] png = Encoded(FourColors, 2, 2, ".png");
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), 100_000);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), 100_000);
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), Crc(png.AsSpan(12, 17)));

        Assert.Equal("PNG of 100000x100000 pixels, larger than the limit of 100 megapixels", DecodeError(png));
    }

    [Fact]
    public void Decode_BmpThatClaimsGigapixels_IsRefused()
    {
        byte[] bmp = Encoded(FourColors, 2, 2, ".bmp");
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(18), 60_000);
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(22), 60_000);

        Assert.Contains("larger than the limit", DecodeError(bmp), StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_PnmThatClaimsGigapixels_IsRefused() =>
        Assert.Contains("larger than the limit", DecodeError("P5\n# a comment 1 1\n99999999999 70000\n255\n"u8.ToArray()), StringComparison.Ordinal);

    [Theory]
    [InlineData("P5")]
    [InlineData("P5\n# a comment")]
    [InlineData("P5\n12")]
    public void Decode_PnmThatEndsInItsHeader_SaysSo(string content) =>
        Assert.Contains("truncated", DecodeError(Encoding.Latin1.GetBytes(content)), StringComparison.Ordinal);

    [Fact]
    public void Decode_SixteenBitPnm_KeepsTheHighByte()
    {
        byte[] pgm = [.. "P5 2 1 65535\n"u8, 0x80, 0x00, 0xFF, 0xFF];
        using Frame decoded = Picture.Decode(pgm);

        Assert.Equal<byte>([128, 128, 128, 255, 255, 255], Packed(decoded));
    }

    [Fact]
    public void Decode_ExifOrientation_TurnsTheImage()
    {
        byte[] jpeg = Encoded(new byte[16 * 8 * 3], 16, 8, ".jpg");
        // APP1: "Exif", then a TIFF directory with one entry, 0x0112 (orientation) = 6: the camera was turned by 90 degrees.
        byte[] app1 =
        [
            0xFF, 0xE1, 0, 34, .. "Exif\0\0"u8, .. "MM"u8, 0, 42, 0, 0, 0, 8,
            0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0,
        ];
        byte[] turned = [.. jpeg[..2], .. app1, .. jpeg[2..]];
        using Frame decoded = Picture.Decode(turned);

        Assert.Equal((8, 16), (decoded.Width, decoded.Height));
    }

    // Of a picture of 2x1 pixels, one black and one white, stored in each of EXIF's ways: where the black one is when it stands upright.
    [Theory]
    [InlineData(1, 2, 1, true)]
    [InlineData(2, 2, 1, false)]
    [InlineData(3, 2, 1, false)]
    [InlineData(4, 2, 1, true)]
    [InlineData(5, 1, 2, true)]
    [InlineData(6, 1, 2, true)]
    [InlineData(7, 1, 2, false)]
    [InlineData(8, 1, 2, false)]
    public void Decode_WebPWithExifOrientation_TurnsTheImage(byte orientation, int width, int height, bool isBlackFirst)
    {
        byte[] stored = Encoded([0, 0, 0, 255, 255, 255], 2, 1, ".webp", new ImageEncodingParam(ImwriteFlags.WebPQuality, 101));
        using Frame decoded = Picture.Decode(WebPFile.WithExif(stored, 2, 1, WebPFile.Exif(orientation)));

        Assert.Equal((width, height), (decoded.Width, decoded.Height));
        Assert.Equal(isBlackFirst ? [0, 0, 0, 255, 255, 255] : (byte[])[255, 255, 255, 0, 0, 0], Packed(decoded));
    }

    [Fact]
    public void Decode_AnimatedWebP_SaysWhatToDo() =>
        Assert.StartsWith("an animated WebP, which is not read; save it as a video", DecodeError(WebPFile.Animated()));

    [Fact]
    public void Decode_Heic_SaysWhatToDo() => Assert.Equal(
        "a picture in the format HEIC, which is not read; save it as JPEG or PNG first", DecodeError([0, 0, 0, 24, .. "ftypheic"u8, 0, 0, 0, 0]));

    [Fact]
    public void Decode_JpegWhoseThumbnailEnds_IsStillTruncated()
    {
        byte[] jpeg = Encoded(Gradient(), 32, 32, ".jpg");
        byte[] thumbnail = [0xFF, 0xE1, 0, 6, 0xFF, 0xD8, 0xFF, 0xD9];
        byte[] cut = [.. jpeg[..2], .. thumbnail, .. jpeg[2..^40]];

        Assert.Contains("truncated", DecodeError(cut), StringComparison.Ordinal);
    }

    private static byte[] Gradient()
    {
        var pixels = new byte[32 * 32 * 3];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)(i * 37 / 5);
        }

        return pixels;
    }

    private static byte[] Encoded(byte[] bgr, int width, int height, string extension, params ImageEncodingParam[] encoding)
    {
        using Frame mat = Frame.FromPixels(new ImageView(bgr, width, height, PixelFormat.Bgr24));
        if (extension != ".pgm")
        {
            return mat.Mat.ImEncode(extension, encoding);
        }

        using var gray = new Frame();
        mat.ConvertTo(gray, ColorConversionCodes.BGR2GRAY);
        return gray.Mat.ImEncode(extension);
    }

    private static byte[] Packed(Frame mat)
    {
        ImageView view = mat.View;
        Assert.Equal(view.Width * view.BytesPerPixel, view.Stride);
        return view.Pixels.ToArray();
    }

    private static string DecodeError(byte[] file) =>
        Assert.Throws<InvalidDataException>(() => Picture.Decode(file).Dispose()).Message;

    // The bitwise definition of ISO 3309's CRC-32.
    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }

        return ~crc;
    }
}
