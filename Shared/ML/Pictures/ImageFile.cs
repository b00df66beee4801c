using MlNetEmotion.Imaging;
using SkiaSharp;

namespace MlNetEmotion.Pictures;

/// <summary>Reads picture files as the trainer reads them: BMP, GIF, JPEG, PNG, PGM and PPM, TIFF, WebP, upright and without transparency.</summary>
/// <remarks>EXIF's orientation is applied, also where PNG, TIFF and WebP say it. Transparency is put on white. Colours stay as they are stored, without a
/// colour profile. 16 bits are reduced to 8. Of several pictures in a file it is the first. It needs ML.NET's SkiaSharp 2, 3 or 4, and none of ML.NET's images.</remarks>
public static class ImageFile
{
    /// <summary>As much as the largest image that can be decoded takes without compression; more would only exhaust memory.</summary>
    internal const long MaxFileBytes = 512L << 20;

    /// <summary>A few kilobytes may claim more pixels than any memory holds.</summary>
    private const long MaxPixels = 100_000_000;

    /// <summary>Reads a file's picture, upright, to look for faces in.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The path is empty; or the file is empty, truncated, damaged, no image, over 512 MiB or over 100 megapixels.</exception>
    public static ImageMemory Load(string path) => Load(path, out _);

    /// <summary>Reads a file's picture, upright, to look for faces in.</summary>
    /// <param name="remark">A sentence's part on a file that has more than this picture, such as <c>the first of 3 pictures, the others are not looked at</c>;
    /// null for any other.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The path is empty; or the file is empty, truncated, damaged, no image, over 512 MiB or over 100 megapixels.</exception>
    public static ImageMemory Load(string path, out string? remark)
    {
        using StoredPicture picture = Open(path, out remark);
        return picture.ToUpright();
    }

    /// <summary>Reads a file: uint8 [48, 48], gray.</summary>
    /// <exception cref="InvalidDataException">The file is empty, truncated, damaged, too large, or no image.</exception>
    internal static byte[] ReadFace(string path) => ReadFace(path, out _);

    /// <summary>Reads a file: uint8 [48, 48], gray.</summary>
    /// <param name="remark">On a file that has more than the face; null for any other.</param>
    /// <exception cref="InvalidDataException">The file is empty, truncated, damaged, too large, or no image.</exception>
    internal static byte[] ReadFace(string path, out string? remark)
    {
        using StoredPicture picture = Read(path, out remark);
        return picture.ToFace();
    }

    /// <summary>Reads a file's picture; an error names the file.</summary>
    internal static StoredPicture Open(string path, out string? remark)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            return path.Length == 0 ? throw new InvalidDataException("a picture's path is empty") : Read(path, out remark);
        }
        catch (InvalidDataException e) when (path.Length > 0)
        {
            throw new InvalidDataException($"{path}: {e.Message}", e.InnerException);    // ML.NET's users look at the innermost
        }
    }

    /// <summary>Decodes a file in memory.</summary>
    /// <exception cref="InvalidDataException">It is truncated, damaged, too large, or no image.</exception>
    internal static StoredPicture Decode(byte[] file) => file switch
    {
        [(byte)'I', (byte)'I', 42, 0, ..] or [(byte)'M', (byte)'M', 0, 42, ..] => TiffPicture.Decode(file),
        [(byte)'P', (byte)'5' or (byte)'6', ..] => DecodePnm(file),
        _ when PictureFormat.Unreadable(file) is { } other => throw new InvalidDataException(other),
        _ => DecodeBySkia(file),
    };

    internal static void CheckSize(int width, int height, string format)
    {
        if (width < 1 || height < 1 || (long)width * height > MaxPixels)
        {
            throw new InvalidDataException($"{format} of {width}x{height} pixels, expected 1 to {MaxPixels / 1_000_000} megapixels");
        }
    }

    private static StoredPicture Read(string path, out string? remark)
    {
        long length = new FileInfo(path).Length;
        byte[] file = length switch
        {
            > MaxFileBytes => throw new InvalidDataException($"{length >> 20} MiB, files over {MaxFileBytes >> 20} MiB are not read"),
            0 => throw new InvalidDataException("the image file is empty"),
            _ => File.ReadAllBytes(path),
        };
        StoredPicture picture = Decode(file);
        remark = PictureCount.Remark(file);
        return picture;
    }

    // By members alone that are the same in SkiaSharp 2, 3 and 4: an app may bring any of them.
    private static StoredPicture DecodeBySkia(byte[] file)
    {
        using var stream = new SKMemoryStream(file);
        using SKCodec codec = SKCodec.Create(stream, out SKCodecResult result)
            ?? throw new InvalidDataException(result == SKCodecResult.Unimplemented
                ? "not an image of a known format (BMP, GIF, JPEG, PNG, PGM, PPM, TIFF, WebP)"
                : $"a damaged image ({result})");
        (int width, int height) = (codec.Info.Width, codec.Info.Height);
        CheckSize(width, height, $"{codec.EncodedFormat}");

        // In colour, as a camera's frames come, so that training sees the same gray as the live loop. Colours are taken as they are stored.
        var info = new SKImageInfo(width, height, SKColorType.Bgra8888, SKAlphaType.Unpremul, colorspace: null);
        var bitmap = new SKBitmap(info);
        var pixels = new BitmapMemory(bitmap);
        try
        {
            result = codec.GetPixels(info, bitmap.GetPixels());
            if (result != SKCodecResult.Success)
            {
                string what = result == SKCodecResult.IncompleteInput ? "truncated" : "damaged";
                throw new InvalidDataException($"{what} {codec.EncodedFormat} of {width}x{height} pixels: {result}");
            }

            // A bitmap that is transparent all over comes from a program that left the fourth byte at 0.
            bool isBmp = codec.EncodedFormat == SKEncodedImageFormat.Bmp;
            if (codec.Info.AlphaType != SKAlphaType.Opaque && !(isBmp && Transparency.IsEverywhere(pixels.GetSpan(), 0)))
            {
                Transparency.PutOnWhite(pixels.GetSpan());
            }

            return new StoredPicture(pixels.Memory, width, height, PixelFormat.Bgra32, PictureFormat.Orientation(file) ?? (int)codec.EncodedOrigin, owner: pixels);
        }
        catch
        {
            bitmap.Dispose();
            throw;
        }
    }

    // Netpbm's binary gray and colour: 'P5' or 'P6', width, height and 255 as text with comments, one blank, then the rows.
    private static StoredPicture DecodePnm(byte[] file)
    {
        int position = 2;
        (int width, int height, int maximum) = (Number(), Number(), Number());
        CheckSize(width, height, "PNM");
        (PixelFormat format, int channels) = file[1] == '5' ? (PixelFormat.Gray8, 1) : (PixelFormat.Rgb24, 3);
        int start = position + 1;
        return maximum != 255 ? throw new InvalidDataException($"PNM with values up to {maximum}, expected 255")
            : start + ((long)width * height * channels) > file.Length ? throw new InvalidDataException($"truncated PNM: the file ends after {file.Length} bytes")
            : new StoredPicture(file.AsMemory(start), width, height, format, orientation: 1);

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
}
