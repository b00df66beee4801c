using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Images;
using MlNetEmotion.Tests.Trainer.Data;
using SkiaSharp;
using Xunit;

namespace MlNetEmotion.Tests.Shared.ML.Images;

/// <summary>A file of any orientation gives the same face on every path by which it is read.</summary>
public sealed class OrientationTests : IDisposable
{
    private const int Width = 60;
    private const int Height = 40;

    // An asymmetric box: rotated or mirrored, it would contain another face.
    private static readonly Box Face = new(7, 5, 31, 23);

    private readonly TemporaryFolder folder = new();

    public static TheoryData<string, byte> Files =>
        new(from name in new[] { "a.jpg", "a.png", "behind its pixels.png", "a.webp", "a.tif" } from orientation in Enumerable.Range(1, 8) select (name, (byte)orientation));

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Files))]
    public void Face_OfAStoredOrientation_IsTheSameForEachReader(string name, byte orientation)
    {
        (int width, byte[] stored) = Store(orientation);
        string path = folder.Write(name, Encode(name, width, stored, orientation));
        using var frame = new Frame();
        frame.Decode(File.ReadAllBytes(path));
        float[] expected = Cut(new ImageView(Upright(), Width, Height, PixelFormat.Rgb24), Face);

        // Tolerance for rounding: rows are resized before columns or after them. JPEG's loss adds to it.
        AssertNear(expected, Run(path, ml => ml.Transforms.LoadFace(boxColumnName: "Box")), name == "a.jpg" ? 4 : 1);
        AssertNear(expected, Run(path, ml => ml.Transforms.LoadUprightImages().Append(ml.Transforms.ExtractFace(boxColumnName: "Box"))), name == "a.jpg" ? 4 : 1);
        AssertNear(expected, Cut(ImageFile.Load(path).View, Face), name == "a.jpg" ? 4 : 1);
        AssertNear(Run(path, ml => ml.Transforms.LoadFace(boxColumnName: "Box")), Cut(frame.View, Face), 1);

        float[] whole = Run(path, ml => ml.Transforms.LoadFace());
        Assert.Equal(ImageFile.ReadFace(path, out _).Select(gray => (float)gray), whole);
        AssertNear(whole, Run(path, ml => ml.Transforms.LoadUprightImages().Append(ml.Transforms.ExtractFace())), 1);
        AssertNear(whole, Cut(frame.View, new Box(0, 0, Width, Height)), 1);
    }

    [Theory]
    [InlineData(-3, -2, 20, 20)]
    [InlineData(50, 30, 30, 25)]
    public void Face_BoxPartlyOutside_RepeatsTheUprightEdge(int x, int y, int width, int height)
    {
        (int storedWidth, byte[] stored) = Store(6);
        string path = folder.Write("a.tif", Encode("a.tif", storedWidth, stored, 6));

        AssertNear(
            Cut(new ImageView(Upright(), Width, Height, PixelFormat.Rgb24), new Box(x, y, width, height)),
            [.. ImageFile.Open(path, out _).ToFace(new Box(x, y, width, height))],
            1);
    }

    // A CMYK JPEG of 16x16 pixels in four colours, with Adobe's inverted values, as Pillow writes it.
    [Fact]
    public void Face_OfACmykJpeg_IsTheSameForEachReader()
    {
        const string Base64 =
            "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwACAQEBAQECAQEBAgICAgIEAwICAgIFBAQDBAYFBgYGBQYGBgcJCAYHCQcGBggLCAkKCgoKCgYICwwLCgwJCgoK/8AAFAgAEAAQBEMRAE0RAFkRAEsRAP/EAB8AAAEFAQEBAQEBAAAAAAAAAAABAgME"
            + "BQYHCAkKC//EALUQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqi"
            + "o6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/aAA4EQwBNAFkASwAAPwD826/VyvbK/YSv60KKKK/kvor9aKK/rQooor//2Q==";
        string path = folder.Write("a.jpg", Convert.FromBase64String(Base64));
        using var frame = new Frame();
        frame.Decode(File.ReadAllBytes(path));
        float[] face = Run(path, ml => ml.Transforms.LoadFace());

        // At the top right cyan 20, magenta 40, yellow 100, black 30 of 255: red 235 · 225 / 255 = 207, green 190, blue 137, of which the luma is 189.
        Assert.InRange(face[(4 * 48) + 43], 186, 192);
        AssertNear(face, Cut(frame.View, new Box(0, 0, 16, 16)), 1);
    }

    [Theory]
    [InlineData("a.png")]
    [InlineData("a.tif")]
    public void Face_OfGrayOf16Bits_IsTheSameForEachReader(string name)
    {
        byte[] values = [.. Enumerable.Range(0, 48 * 48).SelectMany(i => (byte[])[(byte)(i / 9), (byte)(i / 9)])];
        string path = folder.Write(name, name == "a.png" ? ImageBytes.Png(48, 48, 16, 0, values) : ImageBytes.Tiff(48, 48, 1, 16, 1, null, 1, values));
        using var frame = new Frame();
        frame.Decode(File.ReadAllBytes(path));

        Assert.Equal(Enumerable.Range(0, 48 * 48).Select(i => (float)(i / 9)), Run(path, ml => ml.Transforms.LoadFace()));
        Assert.Equal(Enumerable.Range(0, 48 * 48).Select(i => (float)(i / 9)), Cut(frame.View, new Box(0, 0, 48, 48)));
    }

    // Smooth, to suit JPEG, and asymmetric.
    private static byte[] Upright() =>
        [.. from y in Enumerable.Range(0, Height) from x in Enumerable.Range(0, Width) from value in (byte[])[(byte)(4 * x), (byte)(6 * y), (byte)(100 + x + y)] select value];

    // TIFF 6.0 and EXIF: 2 mirrored, 3 rotated by 180°, 4 flipped vertically, 5 transposed; 6, 7 and 8 are 5 followed by 4, 3 and 2.
    private static (int Width, byte[] Rgb) Store(int orientation)
    {
        (byte[] pixels, int width, int height) = (Upright(), Width, Height);
        if (orientation >= 5)
        {
            byte[] upright = pixels;
            pixels = [.. from x in Enumerable.Range(0, width) from y in Enumerable.Range(0, height) from c in Enumerable.Range(0, 3) select upright[(((y * width) + x) * 3) + c]];
            (width, height) = (height, width);
        }

        IEnumerable<byte[]> rows = pixels.Chunk(3 * width);
        rows = orientation is 3 or 4 or 6 or 7 ? rows.Reverse() : rows;
        rows = orientation is 2 or 3 or 7 or 8 ? rows.Select(row => row.Chunk(3).Reverse().SelectMany(pixel => pixel).ToArray()) : rows;
        return (width, [.. rows.SelectMany(row => row)]);
    }

    private static byte[] Encode(string name, int width, byte[] rgb, byte orientation)
    {
        int height = rgb.Length / 3 / width;
        return name switch
        {
            "a.png" => ImageBytes.Png(width, height, 8, 2, rgb, ("eXIf", ImageBytes.Exif(orientation))),
            "behind its pixels.png" => ImageBytes.WithExifLast(ImageBytes.Png(width, height, 8, 2, rgb), orientation),
            "a.tif" => ImageBytes.Tiff(width, height, 3, 8, 2, null, orientation, rgb),
            "a.webp" => WebPFile.WithExif(Compress(SKEncodedImageFormat.Webp), width, height, ImageBytes.Exif(orientation)),
            _ => ImageBytes.WithExif(Compress(SKEncodedImageFormat.Jpeg), orientation),
        };

        byte[] Compress(SKEncodedImageFormat format)
        {
            byte[] rgba = [.. rgb.Chunk(3).SelectMany(pixel => pixel.Append((byte)255))];
            using SKImage image = SKImage.FromPixelCopy(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque), rgba);
            return image.Encode(format, quality: 100).ToArray();    // a WebP of quality 100 is lossless
        }
    }

    private static float[] Cut(ImageView image, Box box)
    {
        var face = new byte[FacePreprocessor.PixelCount];
        FacePreprocessor.ToFace(image, box, face);
        return [.. face];
    }

    private static float[] Run(string path, Func<MLContext, IEstimator<ITransformer>> pipeline)
    {
        var ml = new MLContext();
        IDataView rows = ml.Data.LoadFromEnumerable(new[] { new Row { ImagePath = path, Box = [Face.X, Face.Y, Face.Width, Face.Height] } });
        return ml.Data.CreateEnumerable<CutRow>(pipeline(ml).Fit(rows).Transform(rows), reuseRowObject: false).Single().Face;
    }

    private static void AssertNear(float[] expected, float[] found, int tolerance) =>
        Assert.All(expected.Zip(found), pair => Assert.InRange(pair.Second, pair.First - tolerance, pair.First + tolerance));

    private sealed class Row
    {
        public string ImagePath { get; set; } = "";

        [VectorType(4)]
        public float[] Box { get; set; } = [];
    }

    private sealed class CutRow
    {
        [VectorType(1, 48, 48)]
        public float[] Face { get; set; } = [];
    }
}
