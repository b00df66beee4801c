using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Tests.Detector;
using OpenCvSharp;
using Xunit;

namespace MlNetEmotion.Tests.Shared.ML.Images;

/// <summary>Image files as the trainer and the detector decode them.</summary>
public sealed class DecodingTests
{
    // 2x2: blue, green / red, white, as BGR.
    private static readonly byte[] FourColors = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255];

    public static TheoryData<string> Formats => [".png", ".jpg", ".bmp", ".webp", ".tiff", ".pgm"];

    [Theory]
    [InlineData(".png")]
    [InlineData(".bmp")]
    [InlineData(".tiff")]
    [InlineData(".ppm")]
    public void Decode_LosslessFile_GivesThePixelsBack(string extension)
    {
        using Frame decoded = Image.Decode(Encoded(FourColors, 2, 2, extension));

        Assert.Equal((2, 2, 3), (decoded.Width, decoded.Height, decoded.Mat.Channels()));
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
            var e = Assert.Throws<InvalidDataException>(() => Image.Decode(cut).Dispose());
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
        Assert.Contains("known format (BMP, GIF, JPEG, PNG, PNM, TIFF, WebP)", DecodeError(Encoding.Latin1.GetBytes(content)), StringComparison.Ordinal);

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
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), ImageBytes.Crc(png.AsSpan(12, 17)));

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
        using Frame decoded = Image.Decode(pgm);

        Assert.Equal<byte>([128, 128, 128, 255, 255, 255], Packed(decoded));
    }

    [Theory]
    [InlineData(0, 16383, "values from 0 to 16383 are stretched to 8 bits")] // 14 bits
    [InlineData(29_300, 31_200, "values from 29300 to 31200 are stretched to 8 bits")] // hundredths of kelvins
    [InlineData(0, 255, "values from 0 to 255 are stretched to 8 bits")] // 8 bits in 16
    [InlineData(0, 24_575, "values from 0 to 24575 are stretched to 8 bits")] // just under three eighths of the range
    [InlineData(0, 24_576, null)]
    [InlineData(32_768, 65_535, null)]
    [InlineData(0, 65_535, null)]
    [InlineData(500, 563, null)] // noise of a covered lens
    [InlineData(700, 700, null)]
    public void Decode_SixteenBits_AreStretchedWhereTheyFillLittleOfTheRange(int from, int to, string? expected)
    {
        // 256 steps over the range, each a different gray after stretching.
        ushort[] values = [.. Enumerable.Range(0, 256).Select(i => (ushort)Math.Round(from + (i * (to - from) / 255.0)))];
        foreach (string extension in new[] { ".png", ".tiff", ".pgm" })
        {
            using Frame frame = new();
            string? remark = frame.Decode(Deep(MatType.CV_16UC1, MemoryMarshal.AsBytes<ushort>(values), 16, 16, extension));

            Assert.Equal((expected, 16, 16, 3), (remark, frame.Width, frame.Height, frame.Mat.Channels()));
            IEnumerable<int> grays = expected is null ? values.Select(value => value >> 8) : values.Select(value => (int)Math.Round((value - from) * 255.0 / (to - from)));
            Assert.Equal(grays.SelectMany(gray => Enumerable.Repeat((byte)gray, 3)), Packed(frame));
        }
    }

    [Fact]
    public void Decode_DeepColours_AreStretchedTogether()
    {
        ushort[] bgr = [100, 200, 300, 0, 1000, 500];
        using Frame frame = new();

        Assert.Equal("values from 0 to 1000 are stretched to 8 bits", frame.Decode(Deep(MatType.CV_16UC3, MemoryMarshal.AsBytes<ushort>(bgr), 2, 1, ".png")));
        Assert.Equal<byte>([26, 51, 76, 0, 255, 128], Packed(frame));    // 25.5, 51, 76.5, 0, 255, 127.5, halves to the even
    }

    [Fact]
    public void Decode_DeadAndHotPixels_DoNotCount()
    {
        ushort[] values = [.. Enumerable.Range(0, 100 * 100).Select(i => (ushort)(7200 + (i % 1000)))];
        (values[17], values[4711]) = (0, 65_535);
        using Frame frame = new();

        Assert.Equal("values from 7200 to 8199 are stretched to 8 bits", frame.Decode(Deep(MatType.CV_16UC1, MemoryMarshal.AsBytes<ushort>(values), 100, 100, ".png")));
        Assert.Equal((0, 255), (Packed(frame)[3 * 17], Packed(frame)[3 * 4711]));
    }

    [Theory]
    [InlineData(new[] { 0f, 0.25f, 0.5f, 1 }, new byte[] { 0, 64, 128, 255 }, "0 to 1")]
    [InlineData(new[] { 0f, 20, 200, 255 }, new byte[] { 0, 20, 200, 255 }, "0 to 255")]
    [InlineData(new[] { 36.5f, 37, 37.5f, 38.5f }, new byte[] { 0, 64, 128, 255 }, "36.5 to 38.5")]
    [InlineData(new[] { -5f, 0, 5, 15 }, new byte[] { 0, 64, 128, 255 }, "-5 to 15")]
    [InlineData(new[] { float.NaN, 0, float.PositiveInfinity, 1 }, new byte[] { 0, 0, 255, 255 }, "0 to 1")]
    [InlineData(new[] { 0.5f, 0.5f, 0.5f, 0.5f }, new byte[] { 128, 128, 128, 128 }, "0 to 1")]
    public void Decode_FloatingPointTiff_IsStretched(float[] values, byte[] expected, string range)
    {
        using Frame frame = new();

        Assert.Equal($"values from {range} are stretched to 8 bits", frame.Decode(Deep(MatType.CV_32FC1, MemoryMarshal.AsBytes<float>(values), 2, 2, ".tiff")));
        Assert.Equal(expected.SelectMany(gray => Enumerable.Repeat(gray, 3)), Packed(frame));
    }

    // OpenCV's own encoding of floating-point colours; it decodes them as the reference.
    [Fact]
    public void Decode_LogLuvTiff_IsStretchedAsOpenCvReadsIt()
    {
        float[] bgr = [.. Enumerable.Range(0, 20 * 10 * 3).Select(i => i < 30 ? 0.5f : ((i * 37) % 100) / 100f)];    // a run, then changing values
        using Mat mat = Mat.FromPixelData(10, 20, MatType.CV_32FC3, bgr);
        byte[] file = mat.ImEncode(".tiff", new ImageEncodingParam(ImwriteFlags.TiffCompression, 34676));
        using Mat read = Cv2.ImDecode(file, ImreadModes.AnyDepth | ImreadModes.AnyColor);
        read.GetArray(out Vec3f[] colors);
        float[] values = [.. colors.SelectMany(color => new[] { color.Item0, color.Item1, color.Item2 })];
        using var frame = new Frame();

        Assert.Matches("^values from .* are stretched to 8 bits$", frame.Decode(file));
        (float low, float high) = (values.Min(), values.Max());
        Assert.True(high - low > 0.9, "expected values from about 0 to about 1");
        Assert.All(values.Zip(Packed(frame)), pair => Assert.InRange(pair.Second - ((Math.Clamp(pair.First, 0, 1) - 0.0) * 255), -2.5, 2.5));
    }

    [Theory]
    [InlineData(1023, 0, 1023, "values from 0 to 1023 are stretched to 8 bits")]
    [InlineData(1023, 0, 500, "values from 0 to 1023 are stretched to 8 bits")] // the stated range applies: a dark image stays dark
    [InlineData(16_383, 7200, 8400, "values from 7200 to 8400 are stretched to 8 bits")] // fills little of the stated range
    public void Decode_PnmOfOtherValues_GoesByWhatItSays(int maximum, int low, int high, string expected)
    {
        byte[] pgm = [.. Encoding.ASCII.GetBytes($"P5\n# made by hand\n2 1\n{maximum}\n"), (byte)(low >> 8), (byte)low, (byte)(high >> 8), (byte)high];
        using Frame frame = new();

        Assert.Equal(expected, frame.Decode(pgm));
    }

    [Fact]
    public void Decode_TiffThatSaysItsRange_GoesByThat()
    {
        // 16 bits, little endian, one strip: SMinSampleValue (340) 1000, SMaxSampleValue (341) 3000.
        (short Tag, int Value)[] tags =
            [(256, 2), (257, 1), (258, 16), (259, 1), (262, 1), (273, 8 + 2 + (11 * 12) + 4), (277, 1), (278, 1), (279, 4), (340, 1000), (341, 3000)];
        IEnumerable<byte> entries = tags.SelectMany(tag => (byte[])[.. BitConverter.GetBytes(tag.Tag), 3, 0, 1, 0, 0, 0, .. BitConverter.GetBytes(tag.Value)]);
        byte[] tiff = [.. "II"u8, 42, 0, 8, 0, 0, 0, 11, 0, .. entries, 0, 0, 0, 0, .. BitConverter.GetBytes((ushort)1000), .. BitConverter.GetBytes((ushort)2000)];
        using Frame frame = new();

        Assert.Equal("values from 1000 to 3000 are stretched to 8 bits", frame.Decode(tiff));
        Assert.Equal<byte>([0, 0, 0, 128, 128, 128], Packed(frame));
    }

    [Fact]
    public void Decode_SeveralImages_GivesTheFirstAndSaysSo()
    {
        using Mat first = Mat.FromPixelData(2, 2, MatType.CV_8UC3, FourColors);
        using var second = new Mat(5, 5, MatType.CV_8UC3, Scalar.Gray);
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.tiff");
        Cv2.ImWrite(path, [first, second, second]);
        byte[] file = File.ReadAllBytes(path);
        File.Delete(path);
        using Frame frame = new();

        Assert.Equal("the first of 3 images, the others are not looked at", frame.Decode(file));
        Assert.Equal(FourColors, Packed(frame));
    }

    [Fact]
    public void Decode_ExifOrientation_TurnsTheImage()
    {
        byte[] jpeg = Encoded(new byte[16 * 8 * 3], 16, 8, ".jpg");
        // APP1: "Exif", then a TIFF directory with one entry, 0x0112 (orientation) = 6: the camera was rotated by 90 degrees.
        byte[] app1 =
        [
            0xFF, 0xE1, 0, 34, .. "Exif\0\0"u8, .. "MM"u8, 0, 42, 0, 0, 0, 8,
            0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0,
        ];
        byte[] turned = [.. jpeg[..2], .. app1, .. jpeg[2..]];
        using Frame decoded = Image.Decode(turned);

        Assert.Equal((8, 16), (decoded.Width, decoded.Height));
    }

    // An image of one black and one white pixel, stored in each EXIF orientation: the black pixel's position in the upright image.
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
        using Frame decoded = Image.Decode(WebPFile.WithExif(stored, 2, 1, WebPFile.Exif(orientation)));

        Assert.Equal((width, height), (decoded.Width, decoded.Height));
        Assert.Equal(isBlackFirst ? [0, 0, 0, 255, 255, 255] : (byte[])[255, 255, 255, 0, 0, 0], Packed(decoded));
    }

    [Fact]
    public void Decode_AnimatedWebP_SaysWhatToDo() =>
        Assert.StartsWith("an animated WebP, which is not read; save it as a video", DecodeError(WebPFile.Animated()));

    [Fact]
    public void Decode_Heic_SaysWhatToDo() => Assert.Equal(
        "an image in the format HEIC, which is not read; save it as JPEG or PNG first", DecodeError([0, 0, 0, 24, .. "ftypheic"u8, 0, 0, 0, 0]));

    [Fact]
    public void Decode_JpegWhoseThumbnailEnds_IsStillTruncated()
    {
        byte[] jpeg = Encoded(Gradient(), 32, 32, ".jpg");
        byte[] thumbnail = [0xFF, 0xE1, 0, 6, 0xFF, 0xD8, 0xFF, 0xD9];
        byte[] cut = [.. jpeg[..2], .. thumbnail, .. jpeg[2..^40]];

        Assert.Contains("truncated", DecodeError(cut), StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_DamagedFilesOfAllKinds_AreRefusedOrRead()
    {
        var random = new Random(1);
        byte[] deep = Deep(MatType.CV_16UC3, MemoryMarshal.AsBytes<ushort>([.. Enumerable.Range(0, 32 * 32 * 3).Select(i => (ushort)(i * 3))]), 32, 32, ".png");
        byte[] thermal = Deep(MatType.CV_32FC1, MemoryMarshal.AsBytes<float>([.. Enumerable.Range(0, 32 * 32).Select(i => i / 50f)]), 32, 32, ".tiff");
        byte[][] files = [.. Formats.Select(row => Encoded(Gradient(), 32, 32, row)), deep, thermal, ImageBytes.Gif(2, 1, [0, 0, 0, 255, 255, 255], [0, 1], 0)];
        int read = 0;
        for (int i = 0; i < 6000; i++)
        {
            byte[] file = [.. files[i % files.Length]];
            for (int damage = random.Next(1, 4); damage > 0; damage--)
            {
                int at = random.Next(2) == 0 ? random.Next(file.Length) : random.Next(Math.Min(200, file.Length));
                file[at] = random.Next(3) switch { 0 => (byte)random.Next(256), 1 => 0xFF, _ => 0 };
            }

            try
            {
                using var frame = new Frame();
                frame.Decode(random.Next(4) == 0 ? file[..random.Next(file.Length)] : file, maxMegapixels: 2);
                read++;
            }
            catch (InvalidDataException)
            {
                // expected
            }
        }

        Assert.InRange(read, 500, 5000);
    }

    private static byte[] Deep(MatType type, ReadOnlySpan<byte> values, int width, int height, string extension)
    {
        using Mat mat = Mat.FromPixelData(height, width, type, values.ToArray());
        return mat.ImEncode(extension);
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
        Cv2.CvtColor(mat.Mat, gray.Mat, ColorConversionCodes.BGR2GRAY);
        return gray.Mat.ImEncode(extension);
    }

    private static byte[] Packed(Frame mat)
    {
        _ = mat.Mat;
        ImageView view = mat.View;
        Assert.Equal(view.Width * view.BytesPerPixel, view.Stride);
        return view.Pixels.ToArray();
    }

    private static string DecodeError(byte[] file) =>
        Assert.Throws<InvalidDataException>(() => Image.Decode(file).Dispose()).Message;
}
