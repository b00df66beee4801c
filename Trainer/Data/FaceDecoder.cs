using MlNetEmotion.Imaging;
using MlNetEmotion.Native.OpenCv;

namespace MlNetEmotion.Trainer.Data;

/// <summary>Turns an image file of any size and colour into a face.</summary>
internal static class FaceDecoder
{
    /// <summary>As much as the largest image that can be decoded takes without compression; more would only exhaust memory.</summary>
    internal const long MaxFileBytes = 512L << 20;

    private static readonly string[] Extensions =
        [".jpg", ".jpeg", ".jpe", ".png", ".bmp", ".dib", ".webp", ".pgm", ".ppm", ".pbm", ".pnm", ".tif", ".tiff"];

    /// <summary>Whether a file's name ends as images' names do.</summary>
    /// <param name="path">A file's path. Names that start with a dot are other programs' notes.</param>
    public static bool IsImageName(string path) =>
        Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase) && Path.GetFileName(path)[0] != '.';

    /// <summary>Reads a file.</summary>
    /// <param name="path">An image file.</param>
    /// <returns>uint8 [48, 48], gray.</returns>
    /// <exception cref="InvalidDataException">The file is empty, truncated, damaged, too large, or no image.</exception>
    public static byte[] Read(string path)
    {
        long length = new FileInfo(path).Length;
        if (length > MaxFileBytes)
        {
            throw new InvalidDataException($"{length >> 20} MiB, files over {MaxFileBytes >> 20} MiB are not read");
        }

        // In colour, as a camera's frames come, so that training sees the same gray as the live loop.
        using Mat image = Mat.Decode(length == 0 ? [] : File.ReadAllBytes(path), ImreadMode.Color);
        var face = new byte[FacePreprocessor.PixelCount];
        FacePreprocessor.ToFace(image.View, face);
        return face;
    }
}
