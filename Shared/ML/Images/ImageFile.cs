using SkiaSharp;

namespace MlNetEmotion.Images;

/// <summary>Reads image files as the trainer and the detector do: BMP, GIF, JPEG, PNG, PNM (PBM, PGM, PPM), TIFF and WebP, upright and without
/// transparency.</summary>
/// <remarks>EXIF orientation is applied, also in PNG, TIFF and WebP. Transparency is blended with white. Colour profiles are ignored. 16-bit values are reduced
/// to 8 bits, or stretched if they fill little of their range; floating-point values are stretched. If a file has several images, the first is read. Needs
/// ML.NET's SkiaSharp 2, 3 or 4, but none of ML.NET's image types.</remarks>
public static class ImageFile
{
    /// <summary>The largest accepted file in bytes. Even uncompressed, the largest accepted image takes less; larger files only exhaust memory.</summary>
    internal const long MaxFileBytes = 512L << 20;

    // 400 MB once decoded. A file of a few kilobytes may claim more pixels than fit into memory.
    internal const int MaxMegapixels = 100;

    /// <inheritdoc cref="Load(string, out string)"/>
    public static ImageMemory Load(string path) => Load(path, out _);

    /// <summary>Reads an image upright, for face detection.</summary>
    /// <param name="remark">A clause for messages if the file has more than this image, or the values were changed, such as <c>the first of 3 images, the
    /// others are not looked at</c> or <c>values from 29300 to 31200 are stretched to 8 bits</c>; otherwise null.</param>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">The path is empty; or the file is empty, truncated, damaged, not an image, over 512 MiB or over 100
    /// megapixels.</exception>
    public static ImageMemory Load(string path, out string? remark)
    {
        using StoredImage image = Open(path, out remark);
        return image.ToUpright();
    }

    /// <summary>Reads a whole image as a face: uint8 [48, 48], gray.</summary>
    /// <param name="remark">As in <see cref="Load(string, out string)"/>.</param>
    /// <exception cref="InvalidDataException">The file is empty, truncated, damaged, too large, or not an image.</exception>
    internal static byte[] ReadFace(string path, out string? remark)
    {
        using StoredImage image = Read(path, out remark);
        return image.ToFace();
    }

    /// <summary>Reads an image; errors name the file.</summary>
    internal static StoredImage Open(string path, out string? remark)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            return path.Length == 0 ? throw new InvalidDataException("an image's path is empty") : Read(path, out remark);
        }
        catch (InvalidDataException e) when (path.Length > 0)
        {
            throw new InvalidDataException($"{path}: {e.Message}", e.InnerException);    // ML.NET's users see the innermost exception
        }
    }

    /// <summary>Decodes a file in memory.</summary>
    /// <param name="remark">As in <see cref="Load(string, out string)"/>.</param>
    /// <exception cref="InvalidDataException">The file is empty, truncated, damaged, too large, or not an image.</exception>
    internal static StoredImage Decode(byte[] file, out string? remark, int maxMegapixels = MaxMegapixels)
    {
        if (file.Length == 0)
        {
            throw new InvalidDataException("the image file is empty");
        }

        try
        {
            ImageFormat.Check(file, maxMegapixels);
            (StoredImage image, string? stretching) = TryStretch(file, maxMegapixels);
            string?[] remarks = [ImageCount.Remark(file), stretching];
            remark = string.Join("; ", remarks.OfType<string>()) is { Length: > 0 } text ? text : null;
            return image;
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

    private static (StoredImage Image, string? Remark) TryStretch(byte[] file, int maxMegapixels)
    {
        SampleRange[] candidates = SampleRange.Of(file);
        Samples? samples = candidates.Length == 0 ? null
            : ImageFormat.IsTiff(file) ? TiffImage.Guard(() => TiffImage.TryReadSamples(file, maxMegapixels))
            : PnmImage.Is(file) ? PnmImage.ReadSamples(file, maxMegapixels)
            : PngSamples.Read(file, maxMegapixels);
        if (samples is null)
        {
            return (DecodeBytes(file, maxMegapixels), null);
        }

        SampleRange? range = DeepImage.ChooseRange(samples, candidates);
        bool isTransparent = ImageFormat.MayBeTransparent(file);
        string? remark = range is { } stretched ? DeepImage.Remark(stretched, isTransparent) : null;
        int orientation = ImageFormat.IsTiff(file) ? ImageFormat.TiffOrientation(file) : ImageFormat.Orientation(file) ?? 1;
        return (isTransparent ? DecodeBytes(file, maxMegapixels) : range is { } chosen ? samples.Stretch(chosen, orientation) : samples.Reduce(candidates[0], orientation), remark);
    }

    private static StoredImage DecodeBytes(byte[] file, int maxMegapixels) =>
        ImageFormat.IsTiff(file) ? TiffImage.Guard(() => TiffImage.Decode(file, maxMegapixels))
        : PnmImage.Is(file) ? PnmImage.Decode(file, maxMegapixels)
        : ImageFormat.Unreadable(file) is { } other ? throw new InvalidDataException(other)
        : DecodeBySkia(file, maxMegapixels);

    private static StoredImage Read(string path, out string? remark)
    {
        long length = new FileInfo(path).Length;
        return length > MaxFileBytes
            ? throw new InvalidDataException($"{length >> 20} MiB, files over {MaxFileBytes >> 20} MiB are not read")
            : Decode(File.ReadAllBytes(path), out remark);
    }

    // Uses only members that are the same in SkiaSharp 2, 3 and 4, because an app may bring any of them.
    private static StoredImage DecodeBySkia(byte[] file, int maxMegapixels)
    {
        using var stream = new SKMemoryStream(file);
        using SKCodec codec = SKCodec.Create(stream, out SKCodecResult result)
            ?? throw new InvalidDataException(result == SKCodecResult.Unimplemented
                ? "not an image of a known format (BMP, GIF, JPEG, PNG, PNM, TIFF, WebP)"
                : $"a damaged image ({result})");
        (int width, int height) = (codec.Info.Width, codec.Info.Height);
        string format = codec.EncodedFormat == SKEncodedImageFormat.Webp ? "WebP" : $"{codec.EncodedFormat}".ToUpperInvariant();
        CheckSize(width, height, format, maxMegapixels);

        // Decoded in colour, like a camera's frames, so that training computes the same gray as the live loop. No colour profile is applied.
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

            // A BMP that is transparent everywhere comes from a program that left the fourth byte at 0.
            bool isBmp = codec.EncodedFormat == SKEncodedImageFormat.Bmp;
            if (codec.Info.AlphaType != SKAlphaType.Opaque && !(isBmp && Transparency.IsUniform(pixels.GetSpan(), 0)))
            {
                Transparency.BlendWithWhite(pixels.GetSpan());
            }

            return new StoredImage(pixels.Memory, width, height, PixelFormat.Bgra32, ImageFormat.Orientation(file) ?? (int)codec.EncodedOrigin, owner: pixels);
        }
        catch
        {
            bitmap.Dispose();
            throw;
        }
    }
}
