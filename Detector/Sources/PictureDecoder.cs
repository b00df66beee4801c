using System.Text;
using System.Text.RegularExpressions;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Pictures;
using static System.Buffers.Binary.BinaryPrimitives;

namespace MlNetEmotion.Detector.Sources;

/// <summary>Decodes BMP, GIF, JPEG, JPEG 2000, PNG, PNM, TIFF and WebP files to 8-bit BGR: of several pictures the first, 16 bits are reduced or
/// stretched, floating-point values stretched, transparency is put on white (JPEG 2000's is dropped), an EXIF orientation is applied.</summary>
internal static partial class PictureDecoder
{
    // 300 MB. A few kilobytes may claim more, and the decoders allocate what the header claims before they look further.
    private const int MaxMegapixels = 100;

    // A progressive JPEG has about ten. Each takes the time of a whole picture, however small it is.
    private const int MaxJpegScans = 50;

    private const int MaxPnmHeader = 1 << 16;

    /// <returns>A remark on a picture that is not all of the file, or not as it is stored; null for any other.</returns>
    /// <exception cref="InvalidDataException">The bytes are empty, of no known format, truncated, damaged, or too large a picture.</exception>
    public static string? Decode(ReadOnlySpan<byte> file, Frame frame, int maxMegapixels = MaxMegapixels)
    {
        if (file.IsEmpty)
        {
            throw new InvalidDataException("the image file is empty");
        }

        (string format, long width, long height) = ReadHeader(file);
        string what = $"{format} of {width}x{height} pixels";
        if (width * height > maxMegapixels * 1_000_000L)
        {
            throw new InvalidDataException($"{what}, larger than the limit of {maxMegapixels} megapixels");
        }

        try
        {
            string? several = PictureCount.Remark(file);
            if (PictureFormat.MayBeTransparent(file))
            {
                return Join(several, DecodeOnWhite(file, frame.Mat));
            }

            if (DeepPicture.TryStretch(file, frame.Mat) is { } stretched)
            {
                return Join(several, stretched);
            }

            // OpenCV does not look for a WebP's orientation, nor for a PNG's behind its pixels; should it learn to, nothing is turned twice.
            int? orientation = PictureFormat.Orientation(file);
            using Mat decoded = Cv2.ImDecode(file, orientation is null ? ImreadModes.Color : ImreadModes.Color | ImreadModes.IgnoreOrientation);
            if (decoded.Empty())
            {
                throw new InvalidDataException($"{what}, damaged or truncated");
            }

            CopyUpright(decoded, orientation ?? 1, frame.Mat);
            return several;
        }
        catch (OpenCVException e)
        {
            throw new InvalidDataException($"damaged {what}: {e.ErrMsg}", e);
        }
    }

    // Training's decoder, so that transparency means the same everywhere. OpenCV drops it, and does not read that of some files at all.
    private static unsafe string? DecodeOnWhite(ReadOnlySpan<byte> file, Mat picture)
    {
        using StoredPicture stored = ImageFile.Decode(file.ToArray());
        ImageView upright = stored.ToUpright().View;
        fixed (byte* pixels = upright.Pixels)
        {
            using Mat view = Mat.FromPixelData(upright.Height, upright.Width, MatType.CV_8UC4, (IntPtr)pixels);
            Cv2.CvtColor(view, picture, upright.Format == PixelFormat.Bgra32 ? ColorConversionCodes.BGRA2BGR : ColorConversionCodes.RGBA2BGR);
        }

        using var deep = new Mat();
        return DeepPicture.TryStretch(file, deep)?.Replace("are stretched to 8 bits", "are not stretched to 8 bits, for the picture has transparency", StringComparison.Ordinal);
    }

    private static string? Join(string? remark, string? other) => remark is null ? other : other is null ? remark : $"{remark}; {other}";

    // EXIF: from 5 on, rows and columns are exchanged; what is left is a mirroring or a half turn.
    private static void CopyUpright(Mat stored, int orientation, Mat upright)
    {
        if (orientation >= 5)
        {
            Cv2.Transpose(stored, upright);
        }
        else
        {
            stored.CopyTo(upright);
        }

        FlipMode? flip = orientation switch { 2 or 6 => FlipMode.Y, 3 or 7 => FlipMode.XY, 4 or 8 => FlipMode.X, _ => null };
        if (flip is { } mode)
        {
            Cv2.Flip(upright, upright, mode);
        }
    }

    private static (string Format, long Width, long Height) ReadHeader(ReadOnlySpan<byte> file)
    {
        try
        {
            return file switch
            {
                [0xFF, 0xD8, ..] => ReadJpeg(file),
                [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => ReadPng(file),
                [(byte)'B', (byte)'M', ..] => ReadBmp(file),
                [(byte)'G', (byte)'I', (byte)'F', (byte)'8', ..] => ("GIF", ReadUInt16LittleEndian(file[6..]), ReadUInt16LittleEndian(file[8..])),
                [(byte)'I', (byte)'I', 42, 0, ..] or [(byte)'M', (byte)'M', 0, 42, ..] =>
                    ("TIFF", PictureFormat.TiffValue(file, 256) ?? 0, PictureFormat.TiffValue(file, 257) ?? 0),
                [(byte)'P', >= (byte)'1' and <= (byte)'6', ..] => ReadPnm(file),
                _ when PictureFormat.IsJpeg2000(file) => ReadJpeg2000(file),
                _ when PictureFormat.Unreadable(file) is { } other => throw new InvalidDataException(other),
                _ when PictureFormat.IsWebP(file) => ReadWebP(file),
                _ => throw new InvalidDataException("not an image of a known format (BMP, GIF, JPEG, JPEG 2000, PNG, PNM, TIFF, WebP)"),
            };
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new InvalidDataException($"truncated: the file ends after {file.Length} bytes, within its header", e);
        }
    }

    // W3C's PNG, 5.3: chunks of a length, a name, data and a checksum. OpenCV makes room for whatever length is claimed, up to 4 GB.
    private static (string Format, long Width, long Height) ReadPng(ReadOnlySpan<byte> file)
    {
        long end = 8;
        bool isLast = false;
        while (!isLast && end + 8 <= file.Length)
        {
            ReadOnlySpan<byte> chunk = file[(int)end..];
            isLast = chunk[4..8].SequenceEqual("IEND"u8);
            end += 12 + ReadUInt32BigEndian(chunk);
        }

        return end <= file.Length
            ? ("PNG", ReadUInt32BigEndian(file[16..]), ReadUInt32BigEndian(file[20..]))
            : throw new InvalidDataException($"damaged or truncated PNG: a part ends at byte {end}, the file after {file.Length}");
    }

    // ITU-T T.81, annex B: segments up to the one that tells the frame's size.
    private static (string Format, long Width, long Height) ReadJpeg(ReadOnlySpan<byte> file)
    {
        int scans = file.Count((ReadOnlySpan<byte>)[0xFF, 0xDA]);
        if (scans > MaxJpegScans)
        {
            throw new InvalidDataException($"JPEG of {scans} scans, more than the limit of {MaxJpegScans}");
        }

        int position = 2;
        while (true)
        {
            ReadOnlySpan<byte> segment = file[position..];
            byte marker = segment.Length > 3 && segment[0] == 0xFF ? segment[1] : throw new InvalidDataException($"damaged JPEG: no marker at byte {position}");
            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
            {
                return ("JPEG", ReadUInt16BigEndian(segment[7..]), ReadUInt16BigEndian(segment[5..]));
            }

            position += marker switch
            {
                0xFF => 1,    // filling
                0x01 or (>= 0xD0 and <= 0xD7) => 2,
                _ => 2 + ReadUInt16BigEndian(segment[2..]),
            };
        }
    }

    // A negative height: the top row comes first.
    private static (string Format, long Width, long Height) ReadBmp(ReadOnlySpan<byte> file) => ReadInt32LittleEndian(file[14..]) == 12
        ? ("BMP", ReadUInt16LittleEndian(file[18..]), ReadUInt16LittleEndian(file[20..]))
        : ("BMP", ReadInt32LittleEndian(file[18..]), Math.Abs((long)ReadInt32LittleEndian(file[22..])));

    // RFC 9649: a lossy, a lossless or an extended picture.
    private static (string Format, long Width, long Height) ReadWebP(ReadOnlySpan<byte> file)
    {
        uint bits = ReadUInt32LittleEndian(file[21..]);
        return file[15] switch
        {
            (byte)' ' => ("WebP", ReadUInt16LittleEndian(file[26..]) & 0x3FFF, ReadUInt16LittleEndian(file[28..]) & 0x3FFF),
            (byte)'L' => ("WebP", (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1),
            _ => ("WebP", (ReadUInt32LittleEndian(file[24..]) & 0xFFFFFF) + 1, (ReadUInt32LittleEndian(file[26..]) >> 8) + 1),
        };
    }

    // ITU-T T.800: a bare picture begins with its size; in boxes, a box 'ihdr' tells it.
    private static (string Format, long Width, long Height) ReadJpeg2000(ReadOnlySpan<byte> file)
    {
        if (file[0] != 0)
        {
            return ("JPEG 2000", ReadUInt32BigEndian(file[8..]), ReadUInt32BigEndian(file[12..]));
        }

        int header = file.IndexOf("ihdr"u8);
        return header < 0
            ? throw new InvalidDataException("a damaged or truncated JPEG 2000: no size in its header")
            : ("JPEG 2000", ReadUInt32BigEndian(file[(header + 8)..]), ReadUInt32BigEndian(file[(header + 4)..]));
    }

    // Netpbm: 'P1' to 'P6', width and height, as text with comments.
    private static (string Format, long Width, long Height) ReadPnm(ReadOnlySpan<byte> file)
    {
        Match header = PnmHeader().Match(Encoding.Latin1.GetString(file[..Math.Min(file.Length, MaxPnmHeader)]));
        return header.Success ? ("PNM", Number("width"), Number("height")) : throw new InvalidDataException("a damaged or truncated PNM: no size in its header");

        long Number(string name) => Math.Min(long.Parse(header.Groups[name].ValueSpan), int.MaxValue);
    }

    [GeneratedRegex(@"^P[1-6](\s|#[^\n]*\n)*(?<width>\d{1,18})(\s|#[^\n]*\n)+(?<height>\d{1,18})", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PnmHeader();
}
