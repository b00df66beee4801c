using MlNetEmotion.Imaging;
using SkiaSharp;

namespace MlNetEmotion.Pictures;

/// <summary>Reads picture files as the trainer and the detector read them: BMP, GIF, JPEG, PNG, PNM (PBM, PGM, PPM), TIFF, WebP, upright and without
/// transparency.</summary>
/// <remarks>EXIF's orientation is applied, also where PNG, TIFF and WebP say it. Transparency is put on white. Colours stay as they are stored, without a
/// colour profile. 16 bits are reduced to 8, or stretched where the values fill little of the range; floating-point values are stretched. Of several
/// pictures in a file it is the first. It needs ML.NET's SkiaSharp 2, 3 or 4, and none of ML.NET's images.</remarks>
public static class ImageFile
{
    /// <summary>As much as the largest image that can be decoded takes without compression; more would only exhaust memory.</summary>
    internal const long MaxFileBytes = 512L << 20;

    // 400 MB. A few kilobytes may claim more pixels than any memory holds.
    internal const int MaxMegapixels = 100;

    /// <summary>Reads a file's picture, upright, to look for faces in.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The path is empty; or the file is empty, truncated, damaged, no image, over 512 MiB or over 100 megapixels.</exception>
    public static ImageMemory Load(string path) => Load(path, out _);

    /// <summary>Reads a file's picture, upright, to look for faces in.</summary>
    /// <param name="remark">A sentence's part on a picture that is not all of the file, or not as it is stored, such as <c>the first of 3 pictures, the
    /// others are not looked at</c> or <c>values from 29300 to 31200 are stretched to 8 bits</c>; null for any other.</param>
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
    /// <param name="remark">As of <see cref="Load(string, out string)"/>.</param>
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
    /// <param name="remark">As of <see cref="Load(string, out string)"/>.</param>
    /// <exception cref="InvalidDataException">It is empty, truncated, damaged, too large, or no image.</exception>
    internal static StoredPicture Decode(byte[] file, out string? remark, int maxMegapixels = MaxMegapixels)
    {
        if (file.Length == 0)
        {
            throw new InvalidDataException("the image file is empty");
        }

        try
        {
            PictureFormat.Check(file, maxMegapixels);
            (StoredPicture picture, string? stretching) = TryStretch(file, maxMegapixels);
            string?[] remarks = [PictureCount.Remark(file), stretching];
            remark = string.Join("; ", remarks.OfType<string>()) is { Length: > 0 } text ? text : null;
            return picture;
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            throw new InvalidDataException($"truncated: the file ends after {file.Length} bytes, within its header", e);
        }
    }

    internal static void CheckSize(int width, int height, string format, int maxMegapixels)
    {
        if (width < 1 || height < 1 || (long)width * height > maxMegapixels * 1_000_000L)
        {
            string what = width < 1 || height < 1 ? "damaged" : $"larger than the limit of {maxMegapixels} megapixels";
            throw new InvalidDataException($"{format} of {width}x{height} pixels, {what}");
        }
    }

    private static (StoredPicture Picture, string? Remark) TryStretch(byte[] file, int maxMegapixels)
    {
        SampleRange[] meant = SampleRange.Of(file);
        Samples? samples = meant.Length == 0 ? null
            : PictureFormat.IsTiff(file) ? TiffPicture.Guard(() => TiffPicture.TryReadSamples(file, maxMegapixels))
            : PnmPicture.Is(file) ? PnmPicture.ReadSamples(file, maxMegapixels)
            : PngSamples.Read(file, maxMegapixels);
        if (samples is null)
        {
            return (DecodeBytes(file, maxMegapixels), null);
        }

        SampleRange? range = DeepPicture.Choose(samples, meant);
        bool isTransparent = PictureFormat.MayBeTransparent(file);
        string? remark = range is { } stretched ? DeepPicture.Remark(stretched, isTransparent) : null;
        int orientation = PictureFormat.IsTiff(file) ? PictureFormat.TiffOrientation(file) : PictureFormat.Orientation(file) ?? 1;
        return (isTransparent ? DecodeBytes(file, maxMegapixels) : range is { } chosen ? samples.Stretch(chosen, orientation) : samples.Reduce(meant[0], orientation), remark);
    }

    private static StoredPicture DecodeBytes(byte[] file, int maxMegapixels) =>
        PictureFormat.IsTiff(file) ? TiffPicture.Guard(() => TiffPicture.Decode(file, maxMegapixels))
        : PnmPicture.Is(file) ? PnmPicture.Decode(file, maxMegapixels)
        : PictureFormat.Unreadable(file) is { } other ? throw new InvalidDataException(other)
        : DecodeBySkia(file, maxMegapixels);

    private static StoredPicture Read(string path, out string? remark)
    {
        long length = new FileInfo(path).Length;
        return length > MaxFileBytes
            ? throw new InvalidDataException($"{length >> 20} MiB, files over {MaxFileBytes >> 20} MiB are not read")
            : Decode(File.ReadAllBytes(path), out remark);
    }

    // By members alone that are the same in SkiaSharp 2, 3 and 4: an app may bring any of them.
    private static StoredPicture DecodeBySkia(byte[] file, int maxMegapixels)
    {
        using var stream = new SKMemoryStream(file);
        using SKCodec codec = SKCodec.Create(stream, out SKCodecResult result)
            ?? throw new InvalidDataException(result == SKCodecResult.Unimplemented
                ? "not an image of a known format (BMP, GIF, JPEG, PNG, PNM, TIFF, WebP)"
                : $"a damaged image ({result})");
        (int width, int height) = (codec.Info.Width, codec.Info.Height);
        string format = codec.EncodedFormat == SKEncodedImageFormat.Webp ? "WebP" : $"{codec.EncodedFormat}".ToUpperInvariant();
        CheckSize(width, height, format, maxMegapixels);

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
                throw new InvalidDataException($"{what} {format} of {width}x{height} pixels: {result}");
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
}
