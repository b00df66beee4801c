using Xunit;

namespace MlNetEmotion.Tests.Shared.Imaging;

public sealed class FacePreprocessorTests
{
    private const int Size = FacePreprocessor.Size;

    [Fact]
    public void ToFace_Gray48x48_PassesUnchanged()
    {
        byte[] pixels = Formula(Size, Size);

        Assert.Equal(pixels, ToFace(new ImageView(pixels, Size, Size, PixelFormat.Gray8)));
    }

    // 0.299, 0.587 and 0.114 of 255 are 76.2, 149.7 and 29.1.
    [Theory]
    [InlineData(255, 0, 0, 76)]
    [InlineData(0, 255, 0, 150)]
    [InlineData(0, 0, 255, 29)]
    [InlineData(255, 255, 255, 255)]
    [InlineData(200, 100, 50, 124)] // 59.8 + 58.7 + 5.7 = 124.2
    public void ToFace_Colour_BecomesLuma(byte red, byte green, byte blue, byte luma)
    {
        byte[] expected = Constant(luma);

        Assert.Equal(expected, ToFace(Flat(PixelFormat.Rgb24, red, green, blue)));
        Assert.Equal(expected, ToFace(Flat(PixelFormat.Bgr24, blue, green, red)));
        Assert.Equal(expected, ToFace(Flat(PixelFormat.Rgba32, red, green, blue, 17)));
        Assert.Equal(expected, ToFace(Flat(PixelFormat.Bgra32, blue, green, red, 17)));
        Assert.Equal(expected, ToFace(Flat(PixelFormat.Gray8, luma)));
    }

    // At half size a pixel is made of four by the weights 1/8, 3/8, 3/8, 1/8; at the border, of three by 3/7, 3/7, 1/7.
    [Fact]
    public void ToFace_StepAtHalfSize_IsSmoothedAsByHand()
    {
        byte[] pixels = Draw(96, 96, (x, _) => x is 0 or >= 48 ? 200 : 0);

        byte[] face = ToFace(new ImageView(pixels, 96, 96, PixelFormat.Gray8));

        for (int y = 0; y < Size; y++)
        {
            Assert.Equal([86, 0], face[(y * Size)..((y * Size) + 2)]); // 200 · 3/7 = 85.7
            Assert.Equal([0, 25, 175, 200], face[((y * Size) + 22)..((y * Size) + 26)]);
            Assert.Equal(200, face[(y * Size) + 47]);
        }
    }

    // At double size a pixel is made of two by the weights 3/4 and 1/4; the outermost of one.
    [Fact]
    public void ToFace_StepAtDoubleSize_IsInterpolatedAsByHand()
    {
        byte[] pixels = Draw(24, 24, (_, y) => y >= 12 ? 200 : 0);

        byte[] face = ToFace(new ImageView(pixels, 24, 24, PixelFormat.Gray8));

        for (int x = 0; x < Size; x++)
        {
            Assert.Equal([0, 0, 50, 150, 200, 200], Enumerable.Range(21, 6).Select(y => face[(y * Size) + x]));
            Assert.Equal(200, face[(47 * Size) + x]);
        }
    }

    [Theory]
    [InlineData(200, 150)]
    [InlineData(31, 77)]
    [InlineData(5, 1000)]
    public void ToFace_AnySize_IsPillowsBilinear(int width, int height)
    {
        string golden = Fixture.Path("Pillow", $"{width}x{height}.pgm");
        byte[] expected = File.ReadAllBytes(golden)[^FacePreprocessor.PixelCount..];

        Assert.Equal(expected, ToFace(new ImageView(Formula(width, height), width, height, PixelFormat.Gray8)));
    }

    [Fact]
    public void ToFace_OnePixel_FillsTheFace() =>
        Assert.Equal(Constant(76), ToFace(new ImageView([255, 0, 0], 1, 1, PixelFormat.Rgb24)));

    [Theory]
    [InlineData(PixelFormat.Gray8)]
    [InlineData(PixelFormat.Bgr24)]
    [InlineData(PixelFormat.Rgba32)]
    public void ToFace_PaddedRows_ReadsOnlyPixels(PixelFormat format)
    {
        int pixelBytes = new ImageView(new byte[4], 1, 1, format).BytesPerPixel;
        byte[] packed = Formula(60 * pixelBytes, 50);
        int stride = (60 * pixelBytes) + 9;
        byte[] padded = Enumerable.Repeat((byte)255, (49 * stride) + (60 * pixelBytes)).ToArray();
        for (int y = 0; y < 50; y++)
        {
            packed.AsSpan(y * 60 * pixelBytes, 60 * pixelBytes).CopyTo(padded.AsSpan(y * stride));
        }

        Assert.Equal(ToFace(new ImageView(packed, 60, 50, format)), ToFace(new ImageView(padded, 60, 50, format, stride)));
    }

    [Theory]
    [InlineData(10, 5, 70, 80)] // inside
    [InlineData(52, 42, 48, 48)] // inside, not resized
    [InlineData(-15, 20, 60, 40)] // left
    [InlineData(-20, -30, 48, 48)] // top left, not resized
    [InlineData(70, 60, 50, 55)] // bottom right
    [InlineData(-30, -10, 170, 120)] // around the frame
    [InlineData(99, 89, 1, 1)] // the last pixel
    public void ToFace_Box_IsTheCropOfAFrameWithRepeatedEdges(int x, int y, int width, int height)
    {
        const int frameWidth = 100, frameHeight = 90;
        byte[] frame = Formula(frameWidth, frameHeight);
        byte[] crop = Draw(width, height, (cx, cy) =>
            frame[(Math.Clamp(y + cy, 0, frameHeight - 1) * frameWidth) + Math.Clamp(x + cx, 0, frameWidth - 1)]);
        var face = new byte[FacePreprocessor.PixelCount];

        FacePreprocessor.ToFace(new ImageView(frame, frameWidth, frameHeight, PixelFormat.Gray8), new Box(x, y, width, height), face);

        Assert.Equal(ToFace(new ImageView(crop, width, height, PixelFormat.Gray8)), face);
    }

    [Fact]
    public void ToFace_LargestBox_DoesNotOverflow()
    {
        byte[] frame = Formula(60, 60);
        var face = new byte[FacePreprocessor.PixelCount];

        FacePreprocessor.ToFace(new ImageView(frame, 60, 60, PixelFormat.Gray8), new Box(59, 59, 1 << 20, 1 << 20), face);

        Assert.Equal(Constant(frame[^1]), face);
    }

    [Theory]
    [InlineData(60, 20, 30, 30)] // just beside it
    [InlineData(20, -30, 30, 30)]
    [InlineData(-500, -700, 40, 90)]
    [InlineData(int.MaxValue, int.MaxValue, 100, 100)]
    [InlineData(int.MinValue, int.MinValue, 100, 100)]
    public void ToFace_BoxOutsideTheFrame_Throws(int x, int y, int width, int height) => Assert.Throws<ArgumentException>(() =>
        FacePreprocessor.ToFace(new ImageView(new byte[3600], 60, 60, PixelFormat.Gray8), new Box(x, y, width, height), new byte[FacePreprocessor.PixelCount]));

    [Fact]
    public void ToFace_HugeImage_KeepsItsHalves()
    {
        const int side = 16384;
        var pixels = new byte[side * side];
        pixels.AsSpan(pixels.Length / 2).Fill(200);

        byte[] face = ToFace(new ImageView(pixels, side, side, PixelFormat.Gray8));

        Assert.Equal(Constant(0)[..(23 * Size)], face[..(23 * Size)]);
        Assert.Equal(Constant(200)[..(23 * Size)], face[^(23 * Size)..]);
    }

    [Fact]
    public void ToFace_LongestSide_StaysInRange()
    {
        byte[] pixels = Enumerable.Repeat((byte)255, 1 << 20).ToArray();

        Assert.Equal(Constant(255), ToFace(new ImageView(pixels, 1 << 20, 1, PixelFormat.Gray8)));
        Assert.Equal(Constant(255), ToFace(new ImageView(pixels, 1, 1 << 20, PixelFormat.Gray8)));
    }

    [Fact]
    public void ToFace_WrongArguments_Throws()
    {
        byte[] pixels = new byte[100];
        var face = new byte[FacePreprocessor.PixelCount];

        Assert.Throws<ArgumentException>(() => FacePreprocessor.ToFace(View(), new byte[2303]));
        Assert.Throws<ArgumentException>(() => FacePreprocessor.ToFace(default, face));
        Assert.Throws<ArgumentException>(() => FacePreprocessor.ToFace(default, new Box(0, 0, 5, 5), default(FaceLandmarks), face));
        Assert.Throws<ArgumentException>(() => FacePreprocessor.ToFace(View(), new Box(0, 0, 0, 5), face));
        Assert.Throws<ArgumentException>(() => FacePreprocessor.ToFace(View(), new Box(0, 0, 5, -1), face));
        Assert.Throws<ArgumentException>(() => FacePreprocessor.ToFace(View(), new Box(0, 0, (1 << 20) + 1, 5), face));

        ImageView View() => new(pixels, 10, 10, PixelFormat.Gray8);
    }

    [Fact]
    public void ToFace_Again_AllocatesNothing()
    {
        byte[] pixels = Formula(300, 100);
        var face = new byte[FacePreprocessor.PixelCount];

        // The buffers that it borrows may be taken back by a garbage collection on another test's behalf, so one calm round counts.
        Assert.Contains(0, Enumerable.Range(0, 5).Select(_ =>
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++)
            {
                FacePreprocessor.ToFace(new ImageView(pixels, 100, 100, PixelFormat.Bgr24), face);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }));
    }

    private static byte[] ToFace(ImageView image)
    {
        var face = new byte[FacePreprocessor.PixelCount];
        FacePreprocessor.ToFace(image, face);
        return face;
    }

    private static ImageView Flat(PixelFormat format, params byte[] pixel) =>
        new(Enumerable.Repeat(pixel, 60 * 40).SelectMany(bytes => bytes).ToArray(), 60, 40, format);

    private static byte[] Constant(byte value) => Enumerable.Repeat(value, FacePreprocessor.PixelCount).ToArray();

    private static byte[] Formula(int width, int height) => Draw(width, height, (x, y) => (x * x * 7) + (y * 13) + (x * y));

    private static byte[] Draw(int width, int height, Func<int, int, int> pixel) =>
        Enumerable.Range(0, width * height).Select(i => (byte)pixel(i % width, i / width)).ToArray();
}
