using System.Buffers;
using System.Runtime.InteropServices;
using SkiaSharp;

namespace MlNetEmotion.Images;

/// <summary>A decoded image without transparency: its pixels as stored, and their orientation. Faces are cropped from the stored pixels and then rotated,
/// which is faster than rotating the image and keeps training data bit-identical.</summary>
/// <param name="pixels">Rows without padding; four bytes per pixel if <paramref name="orientation"/> is not 1.</param>
/// <param name="orientation">EXIF orientation, from 1 to 8.</param>
/// <param name="owner">Frees the pixels; null if they are managed memory.</param>
internal sealed class StoredImage(ReadOnlyMemory<byte> pixels, int width, int height, PixelFormat format, int orientation, IDisposable? owner = null) : IDisposable
{
    private const int RowsPerBlock = 16;

    /// <summary>Width in pixels of the upright image.</summary>
    public int Width => IsOnItsSide ? height : width;

    /// <summary>Height in pixels of the upright image.</summary>
    public int Height => IsOnItsSide ? width : height;

    private bool IsOnItsSide => orientation >= 5;

    /// <summary>The stored pixels; valid until the image is disposed.</summary>
    public ImageView View => new(pixels.Span, width, height, format);

    /// <summary>Frees the pixels. Faces and upright copies stay valid.</summary>
    public void Dispose() => owner?.Dispose();

    /// <summary>Converts the whole image to a face, upright: uint8 [48, 48], gray.</summary>
    public byte[] ToFace() => ToFace(new Box(0, 0, Width, Height));

    /// <summary>Crops a face, upright: uint8 [48, 48], gray.</summary>
    /// <param name="box">The face's box in the upright image.</param>
    /// <exception cref="ArgumentException">The box is empty, outside the image, or wider or higher than 1,048,576 pixels.</exception>
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

    /// <summary>Returns the upright image in managed memory, in the same pixel format.</summary>
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

    /// <summary>Returns this image if it is stored upright; otherwise a rotated copy, after disposing this one.</summary>
    public StoredImage TurnUpright()
    {
        if (orientation == 1)
        {
            return this;
        }

        // The bitmap only provides memory; the order of its channels does not matter.
        var upright = new BitmapMemory(new SKBitmap(new SKImageInfo(Width, Height, SKColorType.Bgra8888, SKAlphaType.Opaque)));
        TurnPixels(upright.GetSpan());
        Dispose();
        return new StoredImage(upright.Memory, Width, Height, format, orientation: 1, upright);
    }

    private void TurnPixels(Span<byte> upright) =>
        Turn(MemoryMarshal.Cast<byte, uint>(pixels.Span), width, height, orientation, MemoryMarshal.Cast<byte, uint>(upright));

    // In blocks of rows: if the image is on its side, one stored row holds a pixel of every upright row, so whole rows would miss the cache.
    private static void Turn<T>(ReadOnlySpan<T> stored, int width, int height, int orientation, Span<T> upright)
    {
        (int columns, int rows) = orientation >= 5 ? (height, width) : (width, height);
        int first = Index(0, 0);
        (int right, int down) = (Index(1, 0) - first, Index(0, 1) - first);
        for (int top = 0; top < rows; top += RowsPerBlock)
        {
            int bottom = Math.Min(top + RowsPerBlock, rows);
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

    // The stored position of a pixel of the upright image.
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

/// <summary>A bitmap's pixels in native memory, freed on Dispose; arrays of several large images would accumulate until a garbage collection.</summary>
internal sealed unsafe class BitmapMemory(SKBitmap bitmap) : MemoryManager<byte>
{
    public override Span<byte> GetSpan() => new((void*)bitmap.GetPixels(), bitmap.ByteCount);

    public override MemoryHandle Pin(int elementIndex = 0) => new((byte*)bitmap.GetPixels() + elementIndex);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing) => bitmap.Dispose();
}
