using System.Buffers;
using System.Runtime.InteropServices;
using BitMiracle.LibTiff.Classic;

namespace MlNetEmotion.Images;

/// <summary>Decodes the first page of TIFF files.</summary>
internal static class TiffImage
{
    // Red, green, blue and one extra.
    private const int MaxSamplesPerPixel = 4;

    static TiffImage() => Tiff.SetErrorHandler(new TiffErrors());

    /// <summary>Calls a method that reads a TIFF and wraps its exceptions, because LibTiff throws many types on damaged files.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is not InvalidDataException)
        {
            throw new InvalidDataException("a damaged TIFF", e);
        }
    }

    /// <summary>Decodes a page whose values need no stretching.</summary>
    /// <exception cref="InvalidDataException">The file is truncated, damaged, too large, or has values of an unsupported type.</exception>
    public static StoredImage Decode(byte[] file, int maxMegapixels)
    {
        if (ImageFormat.TiffValue(file, 339) == 3)
        {
            throw new InvalidDataException("a TIFF of floating-point values of this kind, which is not read; save it with 8 bits a value first");
        }

        using Tiff tiff = Open(file);
        (int width, int height) = SizeOf(tiff, maxMegapixels);
        int[] pixels = new int[width * height];    // red in the lowest byte

        // Passes the file's own orientation, so that LibTiff changes nothing: it would mirror, but not rotate.
        int orientation = ImageFormat.TiffOrientation(file);
        bool hasAlpha = ImageFormat.HasTiffAlpha(file);
        if (hasAlpha && ImageFormat.TiffValue(file, 277) == 2)
        {
            ReadGrayAndAlpha(tiff, width, height, maxMegapixels, isMultiplied: ImageFormat.TiffValue(file, 338) == 1, pixels);
        }
        else if (!tiff.ReadRGBAImageOriented(width, height, pixels, (Orientation)orientation, stopOnError: true))
        {
            throw Damaged(width, height);
        }

        if (hasAlpha)
        {
            Transparency.BlendWithWhite(MemoryMarshal.AsBytes(pixels.AsSpan()), isPremultiplied: true);    // LibTiff premultiplies
        }

        return new StoredImage(new BytesOf(pixels).Memory, width, height, PixelFormat.Rgba32, orientation);
    }

    /// <summary>Reads the values of a page with more than 8 bits per value, without alpha; null if they are neither gray nor RGB, or of an unsupported
    /// type.</summary>
    /// <exception cref="InvalidDataException">The file is truncated, damaged or too large.</exception>
    public static Samples? TryReadSamples(byte[] file, int maxMegapixels)
    {
        using Tiff tiff = Open(file);
        (int width, int height) = SizeOf(tiff, maxMegapixels);
        return LogLuv.Is(tiff) ? LogLuv.Read(tiff, width, height) : TryReadSamples(tiff, width, height, maxMegapixels);
    }

    private static Samples? TryReadSamples(Tiff tiff, int width, int height, int maxMegapixels, bool withAlpha = false)
    {
        int Field(TiffTag tag, int usual) => tiff.GetFieldDefaulted(tag)?[0].ToInt() ?? usual;
        var photometric = (Photometric)Field(TiffTag.PHOTOMETRIC, -1);
        int colors = photometric switch { Photometric.MINISBLACK or Photometric.MINISWHITE => 1, Photometric.RGB => 3, _ => 0 };
        int channels = colors + (withAlpha ? 1 : 0);
        int stored = Field(TiffTag.SAMPLESPERPIXEL, 1);
        (int bits, var format) = (Field(TiffTag.BITSPERSAMPLE, 1), (SampleFormat)Field(TiffTag.SAMPLEFORMAT, (int)SampleFormat.UINT));
        if (colors == 0 || stored < channels || stored > MaxSamplesPerPixel || TiffValues.Of(bits, format) is not { } read)
        {
            return null;
        }

        var samples = new Samples(width, height, channels, areUShorts: format == SampleFormat.UINT && bits <= 16) { AreIntegers = format != SampleFormat.IEEEFP, IsInverted = photometric == Photometric.MINISWHITE };
        bool isPlanar = (PlanarConfig)Field(TiffTag.PLANARCONFIG, (int)PlanarConfig.CONTIG) == PlanarConfig.SEPARATE;
        (int planes, int together) = isPlanar ? (channels, 1) : (1, stored);
        (int blockWidth, int blockHeight) = tiff.IsTiled() ? (Field(TiffTag.TILEWIDTH, 0), Field(TiffTag.TILELENGTH, 0)) : (width, 1);
        ImageFile.CheckSize(blockWidth, blockHeight, "TIFF with tiles", maxMegapixels);
        var block = new byte[tiff.IsTiled() ? tiff.TileSize() : tiff.ScanlineSize()];
        var row = new float[blockWidth * together];
        for (int plane = 0; plane < planes; plane++)
        {
            for (int y = 0; y < height; y += blockHeight)
            {
                for (int x = 0; x < width; x += blockWidth)
                {
                    if (!(tiff.IsTiled() ? tiff.ReadTile(block, 0, x, y, 0, (short)plane) > 0 : tiff.ReadScanline(block, y, (short)plane)))
                    {
                        throw Damaged(width, height);
                    }

                    for (int line = 0; line < Math.Min(blockHeight, height - y); line++)
                    {
                        int rowBytes = block.Length / blockHeight;
                        read(block.AsSpan(line * rowBytes, rowBytes), row);
                        for (int i = 0; i < Math.Min(blockWidth, width - x); i++)
                        {
                            for (int c = 0; c < channels / planes; c++)
                            {
                                samples[((((y + line) * width) + x + i) * channels) + plane + c] = row[(i * together) + c];
                            }
                        }
                    }
                }
            }
        }

        return samples;
    }

    private static Tiff Open(byte[] file) => Tiff.ClientOpen("image", "r", new MemoryStream(file), new TiffStream()) ?? throw new InvalidDataException("a damaged TIFF");

    private static (int Width, int Height) SizeOf(Tiff tiff, int maxMegapixels)
    {
        (int width, int height) = (tiff.GetField(TiffTag.IMAGEWIDTH)?[0].ToInt() ?? 0, tiff.GetField(TiffTag.IMAGELENGTH)?[0].ToInt() ?? 0);
        ImageFile.CheckSize(width, height, "TIFF", maxMegapixels);
        return (width, height);
    }

    private static InvalidDataException Damaged(int width, int height) => new($"a truncated or damaged TIFF of {width}x{height} pixels");

    // With two samples per pixel, LibTiff ignores the second or renders black.
    private static void ReadGrayAndAlpha(Tiff tiff, int width, int height, int maxMegapixels, bool isMultiplied, Span<int> pixels)
    {
        int bits = tiff.GetField(TiffTag.BITSPERSAMPLE)?[0].ToInt() ?? 1;
        if (bits is not (8 or 16) || TryReadSamples(tiff, width, height, maxMegapixels, withAlpha: true) is not { AreIntegers: true } samples)
        {
            throw new InvalidDataException("a TIFF of gray and alpha, not of 8 or 16 bits, which is not read; save it as PNG first");
        }

        for (int i = 0; i < pixels.Length; i++)
        {
            (int gray, int alpha) = ((int)samples[2 * i] >> (bits - 8), (int)samples[(2 * i) + 1] >> (bits - 8));
            gray = samples.IsInverted ? (isMultiplied ? alpha : byte.MaxValue) - gray : gray;
            gray = isMultiplied ? gray : ((gray * alpha) + 127) / byte.MaxValue;
            pixels[i] = gray | (gray << 8) | (gray << 16) | (alpha << 24);
        }
    }

    /// <summary>A view of an int array as bytes, which avoids a copy of a large image.</summary>
    private sealed class BytesOf(int[] values) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan() => MemoryMarshal.AsBytes(values.AsSpan());

        public override unsafe MemoryHandle Pin(int elementIndex = 0)
        {
            GCHandle handle = GCHandle.Alloc(values, GCHandleType.Pinned);
            return new MemoryHandle((byte*)handle.AddrOfPinnedObject() + elementIndex, handle);
        }

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }

    /// <summary>Suppresses LibTiff's console output; errors show in the results.</summary>
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
