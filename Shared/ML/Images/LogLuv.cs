using BitMiracle.LibTiff.Classic;

namespace MlNetEmotion.Images;

/// <summary>Reads TIFFs in the 32-bit LogLuv encoding, which OpenCV writes for floating-point colours and LibTiff does not decode (G. Ward Larson: LogLuv
/// encoding for full-gamut, high-dynamic range images, 1998; byte order as in LibTIFF's tif_luv.c).</summary>
internal static class LogLuv
{
    private const int Logarithmic = 34676;    // Compression.SGILOG
    private const double ChromaScale = 410;

    /// <summary>Whether a TIFF's first page is in this encoding.</summary>
    public static bool Is(Tiff tiff) =>
        tiff.GetField(TiffTag.COMPRESSION)?[0].ToInt() == Logarithmic && (Photometric?)tiff.GetField(TiffTag.PHOTOMETRIC)?[0].ToInt() == Photometric.LOGLUV;

    /// <summary>Decodes all strips to linear red, green and blue.</summary>
    /// <exception cref="InvalidDataException">The file is truncated.</exception>
    public static Samples Read(Tiff tiff, int width, int height)
    {
        var samples = new Samples(width, height, channels: 3, areUShorts: false);
        int rowsPerStrip = Math.Clamp(tiff.GetField(TiffTag.ROWSPERSTRIP)?[0].ToInt() ?? height, 1, height);
        var row = new uint[width];
        for (int top = 0; top < height; top += rowsPerStrip)
        {
            int strip = top / rowsPerStrip;
            var bytes = new byte[tiff.RawStripSize(strip)];
            ReadOnlySpan<byte> stored = bytes.AsSpan(0, Math.Max(0, tiff.ReadRawStrip(strip, bytes, 0, bytes.Length)));
            for (int y = top; y < Math.Min(top + rowsPerStrip, height); y++)
            {
                Unpack(ref stored, row);
                for (int x = 0; x < width; x++)
                {
                    int at = 3 * ((y * width) + x);
                    (samples[at], samples[at + 1], samples[at + 2]) = ToRgb(row[x]);
                }
            }
        }

        return samples;
    }

    // Decodes the row's run-length encoding: byte planes from the highest byte to the lowest, each in runs of one byte or literal bytes.
    private static void Unpack(ref ReadOnlySpan<byte> stored, Span<uint> row)
    {
        row.Clear();
        for (int shift = 24; shift >= 0; shift -= 8)
        {
            for (int x = 0; x < row.Length;)
            {
                bool isRun = stored[0] >= 128;
                int count = isRun ? stored[0] - 126 : stored[0];
                for (int i = 0; i < count && x < row.Length; i++, x++)
                {
                    row[x] |= (uint)stored[isRun ? 1 : 1 + i] << shift;
                }

                stored = stored[(isRun ? 2 : 1 + count)..];
            }
        }
    }

    private static (float Red, float Green, float Blue) ToRgb(uint pixel)
    {
        uint exponent = (pixel >> 16) & 0x7FFF;
        double luminance = exponent == 0 ? 0 : Math.Pow(2, ((exponent + 0.5) / 256) - 64) * ((pixel >> 31) == 0 ? 1 : -1);
        (double u, double v) = ((((pixel >> 8) & 0xFF) + 0.5) / ChromaScale, ((pixel & 0xFF) + 0.5) / ChromaScale);
        double sum = (6 * u) - (16 * v) + 12;
        (double chromaX, double chromaY) = (9 * u / sum, 4 * v / sum);
        (double x, double z) = (chromaX / chromaY * luminance, (1 - chromaX - chromaY) / chromaY * luminance);

        // CIE XYZ to linear RGB with sRGB's primaries, by OpenCV's coefficients.
        return (
            (float)((3.240479 * x) - (1.53715 * luminance) - (0.498535 * z)),
            (float)((-0.969256 * x) + (1.875991 * luminance) + (0.041556 * z)),
            (float)((0.055648 * x) - (0.204043 * luminance) + (1.057311 * z)));
    }
}
