using System.Text;
using SkiaSharp;

namespace MlNetEmotion.Tests.Trainer.Data;

/// <summary>A folder of a test's own that goes when the test ends.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("MlNetEmotion").FullName;

    /// <summary>The full path of what lies in it, written with '/' on every system.</summary>
    public string At(string path) => Path.Combine(Root, path.Replace('/', Path.DirectorySeparatorChar));

    /// <summary>48×48 gray pixels of one value, for which no two values look alike.</summary>
    public static byte[] Face(byte value)
    {
        var face = new byte[2304];
        Array.Fill(face, value);
        face[0] = (byte)(255 - value);
        return face;
    }

    /// <summary>Writes a 48×48 gray image by hand: binary PGM.</summary>
    public string WritePgm(string path, byte[] face) => Write(path, [.. Encoding.ASCII.GetBytes("P5\n48 48\n255\n"), .. face]);

    /// <summary>Writes an image of one colour, red, green and blue or gray, in the format of the path's extension.</summary>
    public string WriteImage(string path, int width, int height, params byte[] pixel)
    {
        byte[] rgb = pixel is [var gray] ? [gray, gray, gray] : pixel;
        byte[] pixels = [.. Enumerable.Repeat(rgb, width * height).SelectMany(values => values)];
        return Write(path, Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".ppm" => [.. Encoding.ASCII.GetBytes($"P6 # red, green, blue\n{width} {height}\n255\n"), .. pixels],
            ".bmp" => Bitmap(pixels, width, height),
            ".tif" => Tiff(pixels, width, height),
            string name => Compressed(pixels, width, height, name),
        });
    }

    private static byte[] Compressed(byte[] rgb, int width, int height, string extension)
    {
        byte[] rgba = [.. rgb.Chunk(3).SelectMany(pixel => pixel.Append((byte)255))];
        using SKImage image = SKImage.FromPixelCopy(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque), rgba);
        SKEncodedImageFormat format = extension switch
        {
            ".png" => SKEncodedImageFormat.Png,
            ".webp" => SKEncodedImageFormat.Webp,
            _ => SKEncodedImageFormat.Jpeg,
        };
        return image.Encode(format, quality: 95).ToArray();
    }

    // 24 bits, bottom row first, each row filled up to four bytes.
    private static byte[] Bitmap(byte[] rgb, int width, int height)
    {
        int stride = ((3 * width) + 3) / 4 * 4;
        IEnumerable<byte> rows = rgb.Chunk(3 * width).Reverse()
            .SelectMany(row => row.Chunk(3).SelectMany(pixel => pixel.Reverse()).Concat(new byte[stride - (3 * width)]));
        int[] header = [54 + (stride * height), 0, 54, 40, width, height, 1 | (24 << 16), 0, stride * height, 2835, 2835, 0, 0];
        return [(byte)'B', (byte)'M', .. header.SelectMany(BitConverter.GetBytes), .. rows];
    }

    // Uncompressed, one strip: eight bytes, the directory of nine tags (each tag, type 4, count 1, value), then the pixels.
    private static byte[] Tiff(byte[] rgb, int width, int height)
    {
        (short Tag, int Value)[] tags =
            [(256, width), (257, height), (258, 8), (259, 1), (262, 2), (273, 8 + 2 + (9 * 12) + 4), (277, 3), (278, height), (279, rgb.Length)];
        IEnumerable<byte> entries = tags.SelectMany(tag =>
            (byte[])[.. BitConverter.GetBytes(tag.Tag), 4, 0, 1, 0, 0, 0, .. BitConverter.GetBytes(tag.Value)]);
        return [(byte)'I', (byte)'I', 42, 0, 8, 0, 0, 0, 9, 0, .. entries, 0, 0, 0, 0, .. rgb];
    }

    public string Write(string path, byte[] content)
    {
        string full = At(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllBytes(full, content);
        return full;
    }

    public string Write(string path, string content) => Write(path, Encoding.UTF8.GetBytes(content));

    public string CreateFolder(string path) => Directory.CreateDirectory(At(path)).FullName;

    // On Windows a program that has just ended, or a virus scanner, may hold a file for a moment more.
    public void Dispose()
    {
        for (int left = OperatingSystem.IsWindows() ? 20 : 0; ; left--)
        {
            try
            {
                Directory.Delete(Root, recursive: true);
                return;
            }
            catch (Exception e) when (left > 0 && e is IOException or UnauthorizedAccessException)
            {
                Thread.Sleep(100);
            }
        }
    }
}
