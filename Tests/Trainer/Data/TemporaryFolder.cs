using System.Text;
using MlNetEmotion.Imaging;
using MlNetEmotion.Native.OpenCv;

namespace MlNetEmotion.Tests.Trainer.Data;

/// <summary>A folder of a test's own that goes when the test ends.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("MlNetEmotion").FullName;

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

    /// <summary>Writes an image of one colour, in the format of the path's extension.</summary>
    public string WriteImage(string path, int width, int height, params byte[] pixel)
    {
        byte[] pixels = [.. Enumerable.Repeat(pixel, width * height).SelectMany(values => values)];
        using Mat mat = Mat.FromPixels(new ImageView(pixels, width, height, pixel.Length == 1 ? PixelFormat.Gray8 : PixelFormat.Rgb24));
        return Write(path, mat.Encode(Path.GetExtension(path)));
    }

    public string Write(string path, byte[] content)
    {
        string full = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllBytes(full, content);
        return full;
    }

    public string Write(string path, string content) => Write(path, Encoding.UTF8.GetBytes(content));

    public string CreateFolder(string path) => Directory.CreateDirectory(Path.Combine(Root, path)).FullName;

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
