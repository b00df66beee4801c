using System.Runtime.InteropServices;
using BitMiracle.LibTiff.Classic;
using MlNetEmotion.Imaging;
using SkiaSharp;

namespace MlNetEmotion.Pictures;

/// <summary>Turns an image file of any size and colour into a face. Damaged, truncated and oversized files are refused.</summary>
internal static class ImageFile
{
    /// <summary>As much as the largest image that can be decoded takes without compression; more would only exhaust memory.</summary>
    internal const long MaxFileBytes = 512L << 20;

    /// <summary>A few kilobytes may claim more pixels than any memory holds.</summary>
    private const long MaxPixels = 100_000_000;

    static ImageFile() => Tiff.SetErrorHandler(new TiffErrors());

    /// <summary>Reads a file: uint8 [48, 48], gray.</summary>
    /// <exception cref="InvalidDataException">The file is empty, truncated, damaged, too large, or no image.</exception>
    public static byte[] ReadFace(string path) => ReadFace(path, out _);

    /// <summary>Reads a file: uint8 [48, 48], gray.</summary>
    /// <param name="remark">On a file that has more than the face; null for any other.</param>
    /// <exception cref="InvalidDataException">The file is empty, truncated, damaged, too large, or no image.</exception>
    public static byte[] ReadFace(string path, out string? remark)
    {
        long length = new FileInfo(path).Length;
        byte[] file = length switch
        {
            > MaxFileBytes => throw new InvalidDataException($"{length >> 20} MiB, files over {MaxFileBytes >> 20} MiB are not read"),
            0 => throw new InvalidDataException("the image file is empty"),
            _ => File.ReadAllBytes(path),
        };
        byte[] face = DecodeFace(file);
        remark = PictureCount.Remark(file);
        return face;
    }

    private static byte[] DecodeFace(byte[] file) => file switch
    {
        [(byte)'I', (byte)'I', 42, 0, ..] or [(byte)'M', (byte)'M', 0, 42, ..] => DecodeTiff(file),
        [(byte)'P', (byte)'5' or (byte)'6', ..] => DecodePnm(file),
        _ when PictureFormat.Unreadable(file) is { } other => throw new InvalidDataException(other),
        _ => Decode(file),
    };

    private static byte[] Decode(byte[] file)
    {
        using var stream = new SKMemoryStream(file);
        using SKCodec codec = SKCodec.Create(stream, out SKCodecResult result)
            ?? throw new InvalidDataException(result == SKCodecResult.Unimplemented
                ? "not an image of a known format (BMP, GIF, JPEG, PNG, PGM, PPM, TIFF, WebP)"
                : $"a damaged image ({result})");
        CheckSize(codec.Info.Width, codec.Info.Height, $"{codec.EncodedFormat}");

        // In colour, as a camera's frames come, so that training sees the same gray as the live loop. Colours are taken as they are stored.
        using var bitmap = new SKBitmap(new SKImageInfo(codec.Info.Width, codec.Info.Height, SKColorType.Bgra8888, SKAlphaType.Unpremul, colorspace: null));
        result = codec.GetPixels(bitmap.Info, bitmap.GetPixels());
        if (result != SKCodecResult.Success)
        {
            string what = result == SKCodecResult.IncompleteInput ? "truncated" : "damaged";
            throw new InvalidDataException($"{what} {codec.EncodedFormat} of {bitmap.Width}x{bitmap.Height} pixels: {result}");
        }

        // Skia has EXIF's numbers, but does not look for them in every WebP.
        SKEncodedOrigin origin = PictureFormat.IsWebP(file) ? (SKEncodedOrigin)PictureFormat.WebPOrientation(file) : codec.EncodedOrigin;
        return Oriented(ToFace(bitmap.GetPixelSpan(), bitmap.Width, bitmap.Height, PixelFormat.Bgra32), origin);
    }

    private static byte[] DecodeTiff(byte[] file)
    {
        if (PictureFormat.TiffValue(file, 339) == 3)
        {
            throw new InvalidDataException("a TIFF of floating-point values, which is not read; save it with 8 bits a value first");
        }

        using var stream = new MemoryStream(file);
        using Tiff tiff = Tiff.ClientOpen("image", "r", stream, new TiffStream())
            ?? throw new InvalidDataException("a damaged TIFF");
        (int width, int height) = (tiff.GetField(TiffTag.IMAGEWIDTH)?[0].ToInt() ?? 0, tiff.GetField(TiffTag.IMAGELENGTH)?[0].ToInt() ?? 0);
        CheckSize(width, height, "TIFF");
        int[] pixels = new int[width * height];    // red in the lowest byte

        // As it is stored: LibTiff mirrors, but does not turn.
        int orientation = PictureFormat.TiffOrientation(file);
        return tiff.ReadRGBAImageOriented(width, height, pixels, (Orientation)orientation, stopOnError: true)
            ? Oriented(ToFace(MemoryMarshal.AsBytes<int>(pixels), width, height, PixelFormat.Rgba32), (SKEncodedOrigin)orientation)
            : throw new InvalidDataException($"a truncated or damaged TIFF of {width}x{height} pixels");
    }

    // Netpbm's binary gray and colour: 'P5' or 'P6', width, height and 255 as text with comments, one blank, then the rows.
    private static byte[] DecodePnm(byte[] file)
    {
        int position = 2;
        (int width, int height, int maximum) = (Number(), Number(), Number());
        CheckSize(width, height, "PNM");
        (PixelFormat format, int channels) = file[1] == '5' ? (PixelFormat.Gray8, 1) : (PixelFormat.Rgb24, 3);
        int start = position + 1;
        return maximum != 255 ? throw new InvalidDataException($"PNM with values up to {maximum}, expected 255")
            : start + ((long)width * height * channels) > file.Length ? throw new InvalidDataException($"truncated PNM: the file ends after {file.Length} bytes")
            : ToFace(file.AsSpan(start), width, height, format);

        int Number()
        {
            bool isComment = false;
            for (; position < file.Length && (isComment || !char.IsAsciiDigit((char)file[position])); position++)
            {
                isComment = file[position] == '#' || (isComment && file[position] != '\n');
            }

            long value = 0;
            for (; position < file.Length && char.IsAsciiDigit((char)file[position]); position++)
            {
                value = Math.Min((value * 10) + (file[position] - '0'), int.MaxValue);
            }

            return (int)value;
        }
    }

    private static void CheckSize(int width, int height, string format)
    {
        if (width < 1 || height < 1 || (long)width * height > MaxPixels)
        {
            throw new InvalidDataException($"{format} of {width}x{height} pixels, expected 1 to {MaxPixels / 1_000_000} megapixels");
        }
    }

    private static byte[] ToFace(ReadOnlySpan<byte> pixels, int width, int height, PixelFormat format)
    {
        var face = new byte[FacePreprocessor.PixelCount];
        FacePreprocessor.ToFace(new ImageView(pixels, width, height, format), face);
        return face;
    }

    // A face is square, so it may be turned after shrinking.
    private static byte[] Oriented(byte[] face, SKEncodedOrigin origin)
    {
        const int Last = FacePreprocessor.Size - 1;
        return origin == SKEncodedOrigin.TopLeft ? face : [.. Enumerable.Range(0, face.Length).Select(i =>
        {
            (int y, int x) = Math.DivRem(i, FacePreprocessor.Size);
            (x, y) = origin switch    // where the pixel at x, y of the upright picture is stored
            {
                SKEncodedOrigin.TopRight => (Last - x, y),
                SKEncodedOrigin.BottomRight => (Last - x, Last - y),
                SKEncodedOrigin.BottomLeft => (x, Last - y),
                SKEncodedOrigin.LeftTop => (y, x),
                SKEncodedOrigin.RightTop => (y, Last - x),
                SKEncodedOrigin.RightBottom => (Last - y, Last - x),
                _ => (Last - y, x),    // LeftBottom
            };
            return face[(y * FacePreprocessor.Size) + x];
        })];
    }

    /// <summary>Errors become results; LibTiff prints them otherwise.</summary>
    private sealed class TiffErrors : TiffErrorHandler
    {
        public override void ErrorHandler(Tiff tif, string method, string format, params object[] args)
        {
        }

        public override void WarningHandler(Tiff tif, string method, string format, params object[] args)
        {
        }
    }
}
