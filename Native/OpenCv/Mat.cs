using MlNetEmotion.Imaging;

namespace MlNetEmotion.Native.OpenCv;

/// <summary>An image in OpenCV's memory: uint8 [height, width, channels], gray or BGR. Dispose frees it. Not thread-safe.</summary>
public sealed class Mat : IDisposable
{
    /// <summary>The largest image that <see cref="Decode"/> accepts: 100 megapixels, 300 MB decoded. A few kilobytes may claim more.</summary>
    public const long MaxDecodedPixels = 100_000_000;

    private const int DefaultQuality = -1;

    /// <summary>An empty image, to be filled by an operation that writes to it.</summary>
    public Mat()
    {
        NativeMethods.Check(NativeMethods.MatNew(out MatHandle handle), "mlcv_mat_new");
        Handle = handle;
    }

    /// <summary>Pixels a row; 0 while empty.</summary>
    public int Width => Info.Width;

    /// <summary>Rows; 0 while empty.</summary>
    public int Height => Info.Height;

    /// <summary>1 for gray, 3 for BGR.</summary>
    public int Channels => Info.Channels;

    /// <summary>The pixels, where they are. Valid only until this image is disposed (or collected: keep it in use) or written to.</summary>
    /// <exception cref="InvalidOperationException">The image is empty, or no 8-bit gray or BGR image.</exception>
    public unsafe ImageView View
    {
        get
        {
            NativeMethods.MatInfo info = Info;
            PixelFormat format = (info.Data is null, info.Depth, info.Channels) switch
            {
                (false, 0, 1) => PixelFormat.Gray8,
                (false, 0, 3) => PixelFormat.Bgr24,
                _ => throw new InvalidOperationException($"no 8-bit gray or BGR image: {info.Width}x{info.Height}, {info.Channels} channels, depth {info.Depth}"),
            };
            int length = checked((int)(((info.Height - 1) * info.Step) + ((long)info.Width * info.Channels)));
            return new ImageView(new ReadOnlySpan<byte>(info.Data, length), info.Width, info.Height, format, (int)info.Step);
        }
    }

    internal MatHandle Handle { get; }

    private NativeMethods.MatInfo Info
    {
        get
        {
            NativeMethods.MatGetInfo(Handle, out NativeMethods.MatInfo info);
            return info;
        }
    }

    /// <summary>
    /// Decodes a BMP, JPEG, PNG, PNM, TIFF or WebP file's content to 8 bits a channel: 16 bits are reduced, transparency is
    /// dropped, and an EXIF orientation is applied.
    /// </summary>
    /// <param name="encoded">The whole file.</param>
    /// <param name="mode">Gray or colour.</param>
    /// <returns>An image of at least one pixel, owned by the caller.</returns>
    /// <exception cref="InvalidDataException">The bytes are empty, of no known format, truncated, damaged, or an image larger than <see cref="MaxDecodedPixels"/>.</exception>
    public static unsafe Mat Decode(ReadOnlySpan<byte> encoded, ImreadMode mode)
    {
        // OpenCV's decoders fill up a truncated file with gray, and allocate before they read.
        ImageHeader header = ImageHeader.Read(encoded);
        if ((long)header.Width * header.Height > MaxDecodedPixels)
        {
            throw new InvalidDataException($"{header.Format} of {header.Width}x{header.Height} pixels, larger than the limit of {MaxDecodedPixels / 1_000_000} megapixels");
        }

        var mat = new Mat();
        fixed (byte* bytes = encoded)
        {
            if (NativeMethods.Imdecode(bytes, encoded.Length, (int)mode, mat.Handle) != 0)
            {
                mat.Dispose();
                throw new InvalidDataException($"damaged {header.Format} of {header.Width}x{header.Height} pixels: {NativeMethods.LastErrorText()}");
            }
        }

        return mat;
    }

    /// <summary>A new image of these pixels: gray stays gray, colours become BGR, transparency is dropped.</summary>
    /// <param name="pixels">Any 8-bit image.</param>
    /// <returns>An image owned by the caller.</returns>
    public static Mat FromPixels(ImageView pixels)
    {
        var mat = new Mat();
        mat.CopyFrom(pixels);
        return mat;
    }

    /// <summary>Copies pixels in, as <see cref="FromPixels"/> does; the memory is reused where it fits.</summary>
    /// <param name="pixels">Any 8-bit image; not this one's own.</param>
    public unsafe void CopyFrom(ImageView pixels)
    {
        fixed (byte* start = pixels.Pixels)
        {
            int status = NativeMethods.MatFromPixels(start, pixels.Width, pixels.Height, pixels.Stride, (int)pixels.Format, Handle);
            NativeMethods.Check(status, "mlcv_mat_from_pixels");
        }
    }

    /// <summary>Encodes as an image file's content, with the format's default quality.</summary>
    /// <param name="extension">The format, for example <c>.png</c> or <c>.jpg</c>.</param>
    /// <exception cref="NativeException">The image is empty, or OpenCV has no encoder of that name.</exception>
    public byte[] Encode(string extension) => Encode(extension, DefaultQuality);

    /// <summary>Encodes as a JPEG file's content.</summary>
    /// <param name="quality">From 0, the smallest file, to 100, the best.</param>
    /// <exception cref="ArgumentOutOfRangeException">The quality is not between 0 and 100.</exception>
    /// <exception cref="NativeException">The image is empty.</exception>
    public byte[] EncodeJpeg(int quality)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(quality);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        return Encode(".jpg", quality);
    }

    /// <summary>Resizes into another image, whose memory is reused where it fits.</summary>
    /// <param name="destination">Receives the result; may not be this image.</param>
    /// <param name="width">Pixels across, at least 1.</param>
    /// <param name="height">Pixels down, at least 1.</param>
    /// <param name="interpolation">How pixels are weighted.</param>
    public void ResizeTo(Mat destination, int width, int height, Interpolation interpolation) =>
        NativeMethods.Check(NativeMethods.Resize(Handle, destination.Handle, width, height, (int)interpolation), "mlcv_resize");

    /// <summary>Converts colours into another image, whose memory is reused where it fits.</summary>
    /// <param name="destination">Receives the result.</param>
    /// <param name="conversion">From which channels to which.</param>
    public void CvtColorTo(Mat destination, ColorConversion conversion) =>
        NativeMethods.Check(NativeMethods.CvtColor(Handle, destination.Handle, (int)conversion), "mlcv_cvt_color");

    /// <summary>Copies into another image, whose memory is reused where it fits.</summary>
    /// <param name="destination">Receives the copy.</param>
    public void CopyTo(Mat destination) => NativeMethods.Check(NativeMethods.Copy(Handle, destination.Handle), "mlcv_copy");

    /// <summary>Exchanges left and right into another image, whose memory is reused where it fits.</summary>
    /// <param name="destination">Receives the result; may not be this image.</param>
    public void MirrorTo(Mat destination) => NativeMethods.Check(NativeMethods.Mirror(Handle, destination.Handle), "mlcv_mirror");

    /// <summary>Surrounds with black into another image, so that this one stands in its middle.</summary>
    /// <param name="destination">Receives the result; may not be this image.</param>
    /// <param name="width">Pixels across, at least this image's.</param>
    /// <param name="height">Pixels down, at least this image's.</param>
    public void PadTo(Mat destination, int width, int height) =>
        NativeMethods.Check(NativeMethods.Pad(Handle, destination.Handle, width, height), "mlcv_pad");

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();

    private byte[] Encode(string extension, int jpegQuality)
    {
        using var encoded = new Mat();
        NativeMethods.Check(NativeMethods.Imencode(Handle, extension, jpegQuality, encoded.Handle), "mlcv_imencode");
        return encoded.View.Pixels.ToArray();
    }
}
