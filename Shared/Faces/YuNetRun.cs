using System.Numerics;
using Microsoft.ML.OnnxRuntime;
using MlNetEmotion.Imaging;
using MlNetEmotion.Onnx;

namespace MlNetEmotion.Faces;

/// <summary>The network with its input and output buffers, which are reused for inputs of the same size. Not thread-safe.</summary>
/// <param name="fixedWidth">The width of the network's input, or -1 for any multiple of 32; likewise <paramref name="fixedHeight"/>.</param>
internal sealed class YuNetRun(InferenceSession session, string inputName, int fixedWidth, int fixedHeight) : IDisposable
{
    private float[] planes = []; // starts with float32 [1, 3, height, width]: blue, green, red, in [0, 255]; as long as the largest input so far
    private YuNetGrid[] grids = [];
    private BoundRun? run;

    /// <summary>The input's width in pixels, set by <see cref="Prepare"/>.</summary>
    public int Width { get; private set; }
    public int Height { get; private set; }

    public bool HasFixedSize => fixedWidth > 0 || fixedHeight > 0;

    /// <summary>The smallest downscale factor at which an image fits the network's fixed size; 1 for a free size.</summary>
    public double MinScale(ImageView image) => Math.Max(
        fixedWidth > 0 ? (double)image.Width / fixedWidth : 1, fixedHeight > 0 ? (double)image.Height / fixedHeight : 1);

    /// <summary>Resizes the input buffer for an image (or to the network's fixed size), zeroes the padding and returns the buffer.</summary>
    public Span<float> Prepare(int width, int height)
    {
        (int networkWidth, int networkHeight) = (fixedWidth > 0 ? fixedWidth : RoundUp(width), fixedHeight > 0 ? fixedHeight : RoundUp(height));
        int length = checked(3 * networkHeight * networkWidth);
        if (run is null || (networkWidth, networkHeight) != (Width, Height))
        {
            // Released first, so that a failed allocation leaves no run for other sizes behind.
            run?.Dispose();
            run = null;
            (Width, Height) = (networkWidth, networkHeight);
            if (planes.Length < length)
            {
                planes = [];
                planes = GC.AllocateUninitializedArray<float>(length, pinned: true);
            }

            grids = YuNetGrid.For(Width, Height);
            run = new BoundRun(
                session, new TensorBuffer(inputName, [1, 3, Height, Width], planes.AsMemory(0, length)), [.. grids.SelectMany(grid => grid.Outputs)]);
        }

        ClearBeyond(width, height);
        return planes.AsSpan(0, length);
    }

    public YuNetGrid[] Run()
    {
        run!.Run();
        return grids;
    }

    public void Dispose() => run?.Dispose();

    private void ClearBeyond(int width, int height)
    {
        for (int row = 0; row < 3 * Height; row++)
        {
            int from = row % Height < height ? Math.Min(width, Width) : 0;
            planes.AsSpan((row * Width) + from, Width - from).Clear();
        }
    }

    private static int RoundUp(int side) => (side + YuNetGrid.MaxStride - 1) / YuNetGrid.MaxStride * YuNetGrid.MaxStride;
}

/// <summary>One full-image detection pass.</summary>
internal sealed class YuNetPass(YuNetRun network) : IDisposable
{
    private readonly PlanarScaler scaler = new();

    public YuNetRun Network => network;

    /// <param name="scale">The downscale factor.</param>
    /// <param name="pixel">The exact downscale factors across and down, after the copy's size was rounded to whole pixels.</param>
    public YuNetGrid[] At(ImageView image, double scale, out Vector2 pixel)
    {
        int width = Math.Max(1, (int)Math.Round(image.Width / scale));
        int height = Math.Max(1, (int)Math.Round(image.Height / scale));
        Span<float> planes = network.Prepare(width, height);
        scaler.Downscale(image, width, height, planes, network.Width, network.Height);
        pixel = new Vector2((float)image.Width / width, (float)image.Height / height);
        return network.Run();
    }

    public void Dispose() => network.Dispose();
}
