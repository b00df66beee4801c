using System.Buffers;
using System.Runtime.InteropServices;
using MlNetEmotion.Imaging;
using SkiaSharp;

namespace MlNetEmotion.Pictures;

/// <summary>A decoded picture without transparency: its pixels as they are stored, and which way up they are shown. Faces are cut out of the stored
/// pixels and turned afterwards, which costs less than to turn the picture, and gives training the same bits as ever.</summary>
/// <param name="pixels">Rows without padding; of four bytes a pixel where <paramref name="orientation"/> is not 1.</param>
/// <param name="width">Pixels in a stored row.</param>
/// <param name="height">Stored rows.</param>
/// <param name="orientation">From 1 to 8, as EXIF counts.</param>
/// <param name="owner">Frees the pixels; null where the garbage collector does.</param>
internal sealed class StoredPicture(ReadOnlyMemory<byte> pixels, int width, int height, PixelFormat format, int orientation, IDisposable? owner = null) : IDisposable
{
    private const int RowsTogether = 16;

    /// <summary>Width in pixels of the upright picture.</summary>
    public int Width => IsOnItsSide ? height : width;

    /// <summary>Height in pixels of the upright picture.</summary>
    public int Height => IsOnItsSide ? width : height;

    private bool IsOnItsSide => orientation >= 5;

    /// <summary>The stored pixels; valid until the picture is disposed of.</summary>
    public ImageView View => new(pixels.Span, width, height, format);

    /// <summary>Frees the pixels; faces and upright pictures of it stay.</summary>
    public void Dispose() => owner?.Dispose();

    /// <summary>Turns the whole picture into a face, upright: uint8 [48, 48], gray.</summary>
    public byte[] ToFace() => ToFace(new Box(0, 0, Width, Height));

    /// <summary>Cuts a face out, upright: uint8 [48, 48], gray.</summary>
    /// <param name="box">Where the face is in the upright picture.</param>
    /// <exception cref="ArgumentException">The box is empty, outside the picture, or wider or higher than 1,048,576 pixels.</exception>
    public byte[] ToFace(Box box)
    {
        FacePreprocessor.CheckBox(box, Width, Height);
        (int x1, int y1) = Stored(box.X, box.Y, width, height, orientation);
        (int x2, int y2) = Stored(box.X + box.Width - 1, box.Y + box.Height - 1, width, height, orientation);
        var stored = new Box(Math.Min(x1, x2), Math.Min(y1, y2), Math.Abs(x2 - x1) + 1, Math.Abs(y2 - y1) + 1);

        var face = new byte[FacePreprocessor.PixelCount];
        FacePreprocessor.ToFace(new ImageView(pixels.Span, width, height, format), stored, face);
        if (orientation == 1)
        {
            return face;
        }

        var upright = new byte[face.Length];
        Turn<byte>(face, FacePreprocessor.Size, FacePreprocessor.Size, orientation, upright);
        return upright;
    }

    /// <summary>The upright picture in managed memory, of as many bytes a pixel as the stored one.</summary>
    public ImageMemory ToUpright()
    {
        if (orientation == 1)
        {
            return new ImageMemory(owner is null ? pixels : pixels.ToArray(), width, height, format);
        }

        byte[] upright = GC.AllocateUninitializedArray<byte>(pixels.Length);
        TurnPixels(upright);
        return new ImageMemory(upright, Width, Height, format);
    }

    /// <summary>The picture with its rows stored upright: this one, or another one in its place, which is disposed of.</summary>
    public StoredPicture TurnUpright()
    {
        if (orientation == 1)
        {
            return this;
        }

        // A bitmap as memory, whichever the order of its bytes.
        var upright = new BitmapMemory(new SKBitmap(new SKImageInfo(Width, Height, SKColorType.Bgra8888, SKAlphaType.Opaque)));
        TurnPixels(upright.GetSpan());
        Dispose();
        return new StoredPicture(upright.Memory, Width, Height, format, orientation: 1, upright);
    }

    private void TurnPixels(Span<byte> upright) =>
        Turn(MemoryMarshal.Cast<byte, uint>(pixels.Span), width, height, orientation, MemoryMarshal.Cast<byte, uint>(upright));

    // A few rows at a time: of a picture on its side, each stored row gives a pixel to every upright row, and lies in as many places of memory.
    private static void Turn<T>(ReadOnlySpan<T> stored, int width, int height, int orientation, Span<T> upright)
    {
        (int columns, int rows) = orientation >= 5 ? (height, width) : (width, height);
        int first = Index(0, 0);
        (int right, int down) = (Index(1, 0) - first, Index(0, 1) - first);
        for (int top = 0; top < rows; top += RowsTogether)
        {
            int bottom = Math.Min(top + RowsTogether, rows);
            for (int x = 0; x < columns; x++)
            {
                int from = first + (x * right) + (top * down);
                for (int y = top; y < bottom; y++)
                {
                    upright[(y * columns) + x] = stored[from];
                    from += down;
                }
            }
        }

        int Index(int x, int y) => Stored(x, y, width, height, orientation) is var at ? (at.Y * width) + at.X : 0;
    }

    // Where the pixel at x, y of the upright picture is stored.
    private static (int X, int Y) Stored(int x, int y, int width, int height, int orientation) => orientation switch
    {
        2 => (width - 1 - x, y),
        3 => (width - 1 - x, height - 1 - y),
        4 => (x, height - 1 - y),
        5 => (y, x),
        6 => (y, height - 1 - x),
        7 => (width - 1 - y, height - 1 - x),
        8 => (width - 1 - y, x),
        _ => (x, y),
    };
}

/// <summary>A bitmap's pixels. Its memory is given back at once; the garbage collector lets the arrays of several large pictures pile up.</summary>
internal sealed unsafe class BitmapMemory(SKBitmap bitmap) : MemoryManager<byte>
{
    public override Span<byte> GetSpan() => new((void*)bitmap.GetPixels(), bitmap.ByteCount);

    public override MemoryHandle Pin(int elementIndex = 0) => new((byte*)bitmap.GetPixels() + elementIndex);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing) => bitmap.Dispose();
}
