using System.Runtime.InteropServices;
using BitMiracle.LibTiff.Classic;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Images;
using MlNetEmotion.Tests.Trainer.Data;
using SkiaSharp;
using Xunit;

namespace MlNetEmotion.Tests.Shared.ML.Images;

/// <summary>A file with transparency is blended with white on every path by which it is read.</summary>
public sealed class TransparencyTests : IDisposable
{
    // Opaque; transparent; half; a quarter; nearly transparent white; nearly opaque black.
    private static readonly byte[] Rgba = [200, 100, 50, 255, 200, 100, 50, 0, 200, 100, 50, 128, 10, 20, 30, 64, 255, 255, 255, 1, 0, 0, 0, 254];

    // By hand: color · alpha / 255 + 255 − alpha. 200 · 128 / 255 = 100.39, + 127 = 227; 10 · 64 / 255 = 2.51, + 191 = 194.
    private static readonly byte[] OnWhite = [200, 100, 50, 255, 255, 255, 227, 177, 152, 194, 196, 199, 255, 255, 255, 1, 1, 1];
    private static readonly byte[] GrayOnWhite = [200, 200, 200, 255, 255, 255, 227, 227, 227, 194, 194, 194, 255, 255, 255, 1, 1, 1];
    private static readonly byte[] Colors = [200, 100, 50, 200, 100, 50, 200, 100, 50, 10, 20, 30, 255, 255, 255, 0, 0, 0];
    private static readonly byte[] Palette = [200, 100, 50, 10, 20, 30, 255, 255, 255, 0, 0, 0];

    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Kinds => [.. Files().Keys];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Transparency_OfAnyKind_IsWhiteForEachReader(string kind)
    {
        (byte[] file, byte[] expected) = Files()[kind];
        string path = folder.Write(kind[..kind.IndexOf(' ', StringComparison.Ordinal)], file);

        Assert.Equal(expected, Rgb(ImageFile.Load(path).View));
        using var frame = new Frame();
        Assert.Null(frame.Decode(file));
        Assert.Equal(expected, Rgb(frame.View));

        float[] face = Faces(path, (ml, rows) => ml.Transforms.LoadFace().Fit(rows));
        Assert.Equal(ImageFile.ReadFace(path, out _).Select(gray => (float)gray), face);
        Assert.Equal(face, Faces(path, (ml, rows) => ml.Transforms.LoadUprightImages().Append(ml.Transforms.ExtractFace()).Fit(rows)));
        if (!kind.Contains(".tif", StringComparison.Ordinal))    // ML.NET does not read TIFF
        {
            // ML.NET premultiplies, and decodes WebP by another decoder with different rounding.
            float[] multiplied = Faces(path, (ml, rows) => ml.Transforms.LoadImages("Image", "", "ImagePath").Append(ml.Transforms.ExtractFace()).Fit(rows));
            Assert.All(multiplied.Zip(face), pair => Assert.InRange(pair.First, pair.Second - 1, pair.Second + 1));
        }
    }

    [Fact]
    public void Transparency_GifSmallerThanItsScreen_IsWhiteAround()
    {
        byte[] gif = ImageBytes.Gif(4, 1, Palette, [0, 1, 2, 3], null);
        gif[6] = 5;    // the screen's width
        using var frame = new Frame();
        frame.Decode(gif);

        byte[] expected = [.. Palette, 255, 255, 255];
        Assert.Equal(expected, Rgb(frame.View));
        Assert.Equal(expected, Rgb(ImageFile.Load(folder.Write("a.gif", gif)).View));
    }

    [Fact]
    public void Transparency_DeepImage_IsNotStretchedAndSaysSo()
    {
        byte[] values = [.. Enumerable.Range(0, 256).SelectMany(i => (byte[])[0, (byte)i, 0, (byte)i, 0, (byte)i, 255, 255])];
        using var frame = new Frame();

        Assert.Equal(
            "values from 0 to 255 are not stretched to 8 bits, for the image has transparency",
            frame.Decode(ImageBytes.Png(16, 16, 16, 6, values)));
        Assert.All(Rgb(frame.View), value => Assert.Equal(0, value));
    }

    // A camera's frame: the fourth byte is not alpha, because a premultiplied colour cannot exceed it.
    [Fact]
    public void ExtractFace_FourthByteThatIsNoAlpha_IsIgnored()
    {
        byte[] bgrx = [.. Enumerable.Range(0, 48 * 48).SelectMany(_ => (byte[])[60, 60, 60, 0])];
        var ml = new MLContext();
        using MLImage image = MLImage.CreateFromPixels(48, 48, MLPixelFormat.Bgra32, bgrx);

        Assert.All(Rgb(MLImages.OnWhite(image)), value => Assert.Equal(60, value));
    }

    [Theory]
    [InlineData(PixelFormat.Bgra32)]
    [InlineData(PixelFormat.Rgba32)]
    public void ImageView_Alpha_IsIgnored(PixelFormat format)
    {
        byte[] pixels = [.. Enumerable.Range(0, 48 * 48).SelectMany(i => (byte[])[60, 60, 60, (byte)i])];
        var face = new byte[FacePreprocessor.PixelCount];
        FacePreprocessor.ToFace(new ImageView(pixels, 48, 48, format), face);

        Assert.All(face, gray => Assert.Equal(60, gray));
    }

    private static Dictionary<string, (byte[] File, byte[] Expected)> Files()
    {
        byte[] bgra = [.. Rgba.Chunk(4).SelectMany(p => (byte[])[p[2], p[1], p[0], p[3]])];
        byte[] multiplied = [.. Rgba.Chunk(4).SelectMany(p => (byte[])[Multiply(p[0], p[3]), Multiply(p[1], p[3]), Multiply(p[2], p[3]), p[3]])];
        byte[] gray = [.. Rgba.Chunk(4).SelectMany(p => (byte[])[p[0], p[3]])];
        byte[] multipliedGray = [.. multiplied.Chunk(4).SelectMany(p => (byte[])[p[0], p[3]])];
        byte[] inverted = [.. gray.Chunk(2).SelectMany(p => (byte[])[(byte)(255 - p[0]), p[1]])];
        byte[] invertedMultiplied = [.. multipliedGray.Chunk(2).SelectMany(p => (byte[])[(byte)(p[1] - p[0]), p[1]])];
        byte[] paletteOnWhite = [227, 177, 152, 194, 196, 199, 255, 255, 255, 0, 0, 0];    // alpha 128, 64, 1 and none
        return new()
        {
            ["a.png RGBA"] = (ImageBytes.Png(6, 1, 8, 6, Rgba), OnWhite),
            ["a.png RGBA, 16 bits"] = (ImageBytes.Png(6, 1, 16, 6, Deep(Rgba)), OnWhite),
            ["a.png gray and alpha"] = (ImageBytes.Png(6, 1, 8, 4, gray), GrayOnWhite),
            ["a.png gray and alpha, 16 bits"] = (ImageBytes.Png(6, 1, 16, 4, Deep(gray)), GrayOnWhite),
            ["a.png palette, tRNS"] = (ImageBytes.Png(4, 1, 8, 3, [0, 1, 2, 3], ("PLTE", Palette), ("tRNS", [128, 64, 1])), paletteOnWhite),
            ["a.png gray, tRNS"] = (ImageBytes.Png(3, 1, 8, 0, [0, 100, 200], ("tRNS", [0, 100])), [0, 0, 0, 255, 255, 255, 200, 200, 200]),
            ["a.png RGB, tRNS"] = (ImageBytes.Png(2, 1, 8, 2, [200, 100, 50, 1, 2, 3], ("tRNS", [0, 200, 0, 100, 0, 50])), [255, 255, 255, 1, 2, 3]),
            ["a.gif transparent colour"] = (ImageBytes.Gif(4, 1, Palette, [0, 1, 2, 3], 1), [200, 100, 50, 255, 255, 255, 255, 255, 255, 0, 0, 0]),
            ["a.webp lossless"] = (WebP(), OnWhite),
            ["a.bmp alpha mask"] = (ImageBytes.Bmp(6, 1, bgra, hasAlpha: true), OnWhite),
            ["a.bmp fourth byte unused"] = (ImageBytes.Bmp(6, 1, bgra, hasAlpha: false), Colors),
            ["a.tif RGBA, unassociated"] = (ImageBytes.Tiff(6, 1, 4, 8, 2, 2, 1, Rgba), OnWhite),
            ["a.tif RGBA, associated"] = (ImageBytes.Tiff(6, 1, 4, 8, 2, 1, 1, multiplied), OnWhite),
            ["a.tif RGB and another value"] = (ImageBytes.Tiff(6, 1, 4, 8, 2, 0, 1, Rgba), Colors),
            ["a.tif RGBA, 16 bits, unassociated"] = (ImageBytes.Tiff(6, 1, 4, 16, 2, 2, 1, Deep(Rgba)), OnWhite),
            ["a.tif RGBA, 16 bits, associated"] = (ImageBytes.Tiff(6, 1, 4, 16, 2, 1, 1, Deep(multiplied)), OnWhite),
            ["a.tif gray, unassociated"] = (ImageBytes.Tiff(6, 1, 2, 8, 1, 2, 1, gray), GrayOnWhite),
            ["a.tif gray, associated"] = (ImageBytes.Tiff(6, 1, 2, 8, 1, 1, 1, multipliedGray), GrayOnWhite),
            ["a.tif gray, 16 bits, unassociated"] = (ImageBytes.Tiff(6, 1, 2, 16, 1, 2, 1, Deep(gray)), GrayOnWhite),
            ["a.tif gray, in planes"] = (InPlanes(8, [.. gray.Where((_, i) => i % 2 == 0)], [.. gray.Where((_, i) => i % 2 == 1)]), GrayOnWhite),
            ["a.tif gray, 16 bits, in planes"] = (InPlanes(16, Deep([.. gray.Where((_, i) => i % 2 == 0)]), Deep([.. gray.Where((_, i) => i % 2 == 1)])), GrayOnWhite),
            ["a.tif gray, white is 0"] = (ImageBytes.Tiff(6, 1, 2, 8, 0, 2, 1, inverted), GrayOnWhite),
            ["a.tif gray, white is 0, associated"] = (ImageBytes.Tiff(6, 1, 2, 8, 0, 1, 1, invertedMultiplied), GrayOnWhite),
        };
    }

    private static byte Multiply(int color, int alpha) => (byte)Math.Round(color * alpha / 255.0);

    // Both bytes are equal, so the 16-bit value is the 8-bit one scaled, in either byte order.
    private static byte[] Deep(byte[] values) => [.. values.SelectMany(value => (byte[])[value, value])];

    // A TIFF of gray and unassociated alpha, in separate strips.
    private static byte[] InPlanes(int bits, params byte[][] planes)
    {
        using var file = new MemoryStream();
        using (Tiff tiff = Tiff.ClientOpen("planes", "w", file, new TiffStream()))
        {
            tiff.SetField(TiffTag.IMAGEWIDTH, 6);
            tiff.SetField(TiffTag.IMAGELENGTH, 1);
            tiff.SetField(TiffTag.BITSPERSAMPLE, bits);
            tiff.SetField(TiffTag.SAMPLESPERPIXEL, planes.Length);
            tiff.SetField(TiffTag.EXTRASAMPLES, 1, new short[] { 2 });
            tiff.SetField(TiffTag.PHOTOMETRIC, Photometric.MINISBLACK);
            tiff.SetField(TiffTag.PLANARCONFIG, PlanarConfig.SEPARATE);
            tiff.SetField(TiffTag.ROWSPERSTRIP, 1);
            Assert.All(planes, (plane, index) => Assert.True(tiff.WriteScanline(plane, 0, (short)index)));
        }

        return file.ToArray();
    }

    private static byte[] WebP()
    {
        using var bitmap = new SKBitmap(new SKImageInfo(6, 1, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        Marshal.Copy(Rgba, 0, bitmap.GetPixels(), Rgba.Length);
        using SKPixmap pixmap = bitmap.PeekPixels();
        return pixmap.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, 100)).ToArray();
    }

    private static float[] Faces(string path, Func<MLContext, IDataView, ITransformer> pipeline)
    {
        var ml = new MLContext();
        IDataView rows = ml.Data.LoadFromEnumerable(new[] { new Row { ImagePath = path } });
        return ml.Data.CreateEnumerable<Cut>(pipeline(ml, rows).Transform(rows), reuseRowObject: false).Single().Face;
    }

    private static byte[] Rgb(ImageView image)
    {
        var colors = new List<byte>();
        for (int y = 0; y < image.Height; y++)
        {
            for (int x = 0; x < image.Width; x++)
            {
                ReadOnlySpan<byte> p = image.Pixels[((y * image.Stride) + (x * image.BytesPerPixel))..];
                colors.AddRange(image.Format is PixelFormat.Bgr24 or PixelFormat.Bgra32 ? [p[2], p[1], p[0]] : [p[0], p[1], p[2]]);
            }
        }

        return [.. colors];
    }

    private sealed class Row
    {
        public string ImagePath { get; set; } = "";
    }

    private sealed class Cut
    {
        [VectorType(1, 48, 48)]
        public float[] Face { get; set; } = [];
    }
}
