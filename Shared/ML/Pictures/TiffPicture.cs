using System.Buffers;
using System.Runtime.InteropServices;
using BitMiracle.LibTiff.Classic;
using MlNetEmotion.Imaging;

namespace MlNetEmotion.Pictures;

/// <summary>Decodes TIFF files of whole numbers, the first page.</summary>
internal static class TiffPicture
{
    static TiffPicture() => Tiff.SetErrorHandler(new TiffErrors());

    /// <exception cref="InvalidDataException">The file is truncated, damaged, too large, or holds what is not read.</exception>
    public static StoredPicture Decode(byte[] file)
    {
        if (PictureFormat.TiffValue(file, 339) == 3)
        {
            throw new InvalidDataException("a TIFF of floating-point values, which is not read; save it with 8 bits a value first");
        }

        using var stream = new MemoryStream(file);
        using Tiff tiff = Tiff.ClientOpen("image", "r", stream, new TiffStream())
            ?? throw new InvalidDataException("a damaged TIFF");
        (int width, int height) = (tiff.GetField(TiffTag.IMAGEWIDTH)?[0].ToInt() ?? 0, tiff.GetField(TiffTag.IMAGELENGTH)?[0].ToInt() ?? 0);
        ImageFile.CheckSize(width, height, "TIFF");
        int[] pixels = new int[width * height];    // red in the lowest byte

        // As it is stored: LibTiff mirrors, but does not turn.
        int orientation = PictureFormat.TiffOrientation(file);
        bool hasAlpha = PictureFormat.HasTiffAlpha(file);
        bool isRead = hasAlpha && PictureFormat.TiffValue(file, 277) == 2
            ? ReadGrayAndAlpha(tiff, (Orientation)orientation, pixels)
            : tiff.ReadRGBAImageOriented(width, height, pixels, (Orientation)orientation, stopOnError: true);
        if (!isRead)
        {
            throw new InvalidDataException($"a truncated or damaged TIFF of {width}x{height} pixels");
        }

        if (hasAlpha)
        {
            Transparency.PutOnWhite(MemoryMarshal.AsBytes(pixels.AsSpan()), isPremultiplied: true);    // LibTiff multiplies where the file does not
        }

        return new StoredPicture(new BytesOf(pixels).Memory, width, height, PixelFormat.Rgba32, orientation);
    }

    // Of two values a pixel, LibTiff takes the second for nothing, or makes everything black.
    private static bool ReadGrayAndAlpha(Tiff tiff, Orientation orientation, int[] pixels)
    {
        TiffRgbaImage? image = TiffRgbaImage.Create(tiff, stopOnError: true, out _);
        if (image is null or { IsContig: false } or not { BitsPerSample: 8 or 16, Photometric: Photometric.MINISBLACK or Photometric.MINISWHITE })
        {
            throw new InvalidDataException("a TIFF of gray and alpha, in planes or not of 8 or 16 bits, which is not read; save it as PNG first");
        }

        (int bytes, bool isMultiplied, bool isInverted) = (image.BitsPerSample / 8, image.Alpha == ExtraSample.ASSOCALPHA, image.Photometric == Photometric.MINISWHITE);
        image.ReqOrientation = orientation;
        image.PutContig = (_, raster, rasterOffset, rasterShift, _, _, columns, rows, buffer, offset, bufferShift) =>
        {
            for (int y = 0; y < rows; y++, rasterOffset += columns + rasterShift, offset += ((columns * 2) + (bufferShift * 2)) * bytes)
            {
                for (int x = 0; x < columns; x++)
                {
                    int at = offset + (x * 2 * bytes) + bytes - 1;    // of 16 bits the upper 8, which LibTiff puts second
                    (int gray, int alpha) = (buffer[at], buffer[at + bytes]);
                    gray = isInverted ? (isMultiplied ? alpha : byte.MaxValue) - gray : gray;
                    gray = isMultiplied ? gray : ((gray * alpha) + 127) / byte.MaxValue;
                    raster[rasterOffset + x] = gray | (gray << 8) | (gray << 16) | (alpha << 24);
                }
            }
        };
        return image.GetRaster(pixels, 0, image.Width, image.Height);
    }

    /// <summary>The same memory, so that a large picture is there once.</summary>
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
