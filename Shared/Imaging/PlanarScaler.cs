using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MlNetEmotion.Imaging;

/// <summary>
/// Downscales an image into one plane per colour for a network: each pixel is the mean of the area that it covers (OpenCV's
/// <c>INTER_AREA</c>, but not rounded). Not thread-safe.
/// </summary>
internal sealed class PlanarScaler
{
    private float[] sums = []; // [image.Width, BytesPerPixel]: the weighted sum of the source rows of an output row
    private int[] firsts = []; // [width]: the first source column of each output column
    private float[] weights = []; // [width, taps], zeros where a column has fewer
    private int taps;
    private (int From, int To) columns;

    /// <param name="width">The width of the small image, at most the image's.</param>
    /// <param name="height">The height of the small image, at most the image's.</param>
    /// <param name="planes">float32 [3, planeHeight, planeWidth]: receives blue, green and red, in [0, 255], at the top left. The rest is not
    /// written.</param>
    /// <param name="planeWidth">At least <paramref name="width"/>.</param>
    /// <param name="planeHeight">At least <paramref name="height"/>.</param>
    public void Downscale(ImageView image, int width, int height, Span<float> planes, int planeWidth, int planeHeight)
    {
        if (columns != (image.Width, width))
        {
            PrepareColumns(image.Width, width);
        }

        int rowBytes = image.Width * image.BytesPerPixel;
        int needed = rowBytes + (taps * image.BytesPerPixel) + Vector128<float>.Count; // values beyond the end are read with weight 0
        if (sums.Length < needed)
        {
            sums = new float[needed];
        }

        double scale = (double)image.Height / height;
        Span<float> rowWeights = stackalloc float[(int)Math.Ceiling(scale) + 1];
        int plane = planeWidth * planeHeight;
        for (int y = 0; y < height; y++)
        {
            int first = ComputeWeights(y, scale, image.Height, rowWeights, out int count);
            SumRows(image.Pixels[(first * image.Stride)..], image.Stride, rowWeights[..count], sums.AsSpan(0, rowBytes));
            Span<float> blue = planes.Slice(y * planeWidth, width);
            Span<float> green = planes.Slice(plane + (y * planeWidth), width);
            Span<float> red = planes.Slice((2 * plane) + (y * planeWidth), width);
            switch (image.Format)
            {
                case PixelFormat.Gray8:
                    SumColumns(1, blue, green, red);    // a gray pixel's second and third channels belong to its neighbours
                    blue.CopyTo(green);
                    blue.CopyTo(red);
                    break;
                case PixelFormat.Bgr24 or PixelFormat.Bgra32:
                    SumColumns(image.BytesPerPixel, blue, green, red);
                    break;
                default:
                    SumColumns(image.BytesPerPixel, red, green, blue);
                    break;
            }
        }
    }

    private static void SumRows(ReadOnlySpan<byte> pixels, int stride, ReadOnlySpan<float> weights, Span<float> sums)
    {
        ref byte source = ref MemoryMarshal.GetReference(pixels);
        ref float target = ref MemoryMarshal.GetReference(sums);
        int i = 0;
        for (; i <= sums.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector<float> a = default, b = default, c = default, d = default;
            for (int row = 0; row < weights.Length; row++)
            {
                Vector.Widen(Vector.LoadUnsafe(ref source, (nuint)((row * stride) + i)), out Vector<ushort> low, out Vector<ushort> high);
                Vector.Widen(low, out Vector<uint> first, out Vector<uint> second);
                Vector.Widen(high, out Vector<uint> third, out Vector<uint> fourth);
                var weight = new Vector<float>(weights[row]);
                a += Vector.ConvertToSingle(Vector.AsVectorInt32(first)) * weight;
                b += Vector.ConvertToSingle(Vector.AsVectorInt32(second)) * weight;
                c += Vector.ConvertToSingle(Vector.AsVectorInt32(third)) * weight;
                d += Vector.ConvertToSingle(Vector.AsVectorInt32(fourth)) * weight;
            }

            a.StoreUnsafe(ref target, (nuint)i);
            b.StoreUnsafe(ref target, (nuint)(i + Vector<float>.Count));
            c.StoreUnsafe(ref target, (nuint)(i + (2 * Vector<float>.Count)));
            d.StoreUnsafe(ref target, (nuint)(i + (3 * Vector<float>.Count)));
        }

        for (; i < sums.Length; i++)
        {
            sums[i] = 0;
            for (int row = 0; row < weights.Length; row++)
            {
                sums[i] += pixels[(row * stride) + i] * weights[row];
            }
        }
    }

    // One vector holds all channels of a pixel, and a part of the next pixel.
    private void SumColumns(int bytesPerPixel, Span<float> first, Span<float> second, Span<float> third)
    {
        ref float source = ref MemoryMarshal.GetArrayDataReference(sums);
        for (int x = 0; x < first.Length; x++)
        {
            Vector128<float> sum = default;
            nuint pixel = (nuint)(firsts[x] * bytesPerPixel);
            foreach (float weight in weights.AsSpan(x * taps, taps))
            {
                sum += Vector128.LoadUnsafe(ref source, pixel) * weight;
                pixel += (nuint)bytesPerPixel;
            }

            (first[x], second[x], third[x]) = (sum[0], sum[1], sum[2]);
        }
    }

    private void PrepareColumns(int from, int to)
    {
        double scale = (double)from / to;
        taps = (int)Math.Ceiling(scale) + 1;
        firsts = new int[to];
        weights = new float[to * taps];
        for (int x = 0; x < to; x++)
        {
            firsts[x] = ComputeWeights(x, scale, from, weights.AsSpan(x * taps, taps), out _);
        }

        columns = (from, to);
    }

    // Computes the weights of the source pixels that an output pixel covers; returns the first one's index.
    private static int ComputeWeights(int index, double scale, int length, Span<float> weights, out int count)
    {
        double from = index * scale;
        double to = from + scale;
        int first = (int)from;
        int end = Math.Clamp((int)Math.Ceiling(to - 1e-6), first + 1, length);
        count = Math.Min(end - first, weights.Length);
        for (int i = 0; i < count; i++)
        {
            weights[i] = (float)((Math.Min(first + i + 1, to) - Math.Max(first + i, from)) / scale);
        }

        return first;
    }
}
