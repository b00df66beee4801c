using System.Numerics;
using Microsoft.ML.OnnxRuntime;
using MlNetEmotion.Imaging;
using MlNetEmotion.Onnx;

namespace MlNetEmotion.Faces;

/// <summary>The network, its input and its guesses, for images that are all of about one size. For one thread at a time.</summary>
/// <param name="fixedWidth">The network's, or -1 where any multiple of 32 will do.</param>
/// <param name="fixedHeight">The same, down.</param>
internal sealed class YuNetRun(InferenceSession session, string inputName, int fixedWidth, int fixedHeight) : IDisposable
{
    private float[] planes = []; // float32 [1, 3, height, width] at its beginning: blue, green, red, each in [0, 255]; as long as the largest image needed
    private YuNetGrid[] grids = [];
    private BoundRun? run;

    /// <summary>What the input is after <see cref="Prepare"/>, in pixels.</summary>
    public int Width { get; private set; }
    public int Height { get; private set; }

    public bool IsOfFixedSize => fixedWidth > 0 || fixedHeight > 0;

    /// <summary>The scale at which an image just fits into the network; 1 where that has no size of its own.</summary>
    public double MinScale(ImageView image) => Math.Max(
        fixedWidth > 0 ? (double)image.Width / fixedWidth : 1, fixedHeight > 0 ? (double)image.Height / fixedHeight : 1);

    /// <summary>Makes room for an image, or what of it the network has room for; black beyond it.</summary>
    public Span<float> Prepare(int width, int height)
    {
        (int networkWidth, int networkHeight) = (fixedWidth > 0 ? fixedWidth : RoundUp(width), fixedHeight > 0 ? fixedHeight : RoundUp(height));
        int length = checked(3 * networkHeight * networkWidth);
        if (run is null || (networkWidth, networkHeight) != (Width, Height))
        {
            // Where there is no memory for the next, nothing is left of the last one.
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

/// <summary>A look at images as a whole.</summary>
internal sealed class YuNetPass(YuNetRun network) : IDisposable
{
    private readonly PlanarScaler scaler = new();

    public bool IsOfFixedSize => network.IsOfFixedSize;

    public double MinScale(ImageView image) => network.MinScale(image);

    /// <param name="scale">How many of the image's pixels become one; <paramref name="pixel"/> is what they are after rounding.</param>
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
