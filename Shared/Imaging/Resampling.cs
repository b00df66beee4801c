using System.Runtime.Intrinsics;
using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace MlNetEmotion.Imaging;

/// <summary>
/// One axis of a separable triangle filter, in the 22-bit fixed point of Pillow's <c>Resample.c</c>: the source pixels of each output pixel and
/// their weights. Weights of pixels outside the frame are added to the edge pixel's, which is equivalent to repeating the edge, so only
/// existing pixels are read.
/// </summary>
internal readonly struct ResampleWeights : IDisposable
{
    /// <summary>The maximum length in pixels: longer axes would leave too few of the 22 bits per weight. OpenCV's decoders have the same limit.</summary>
    public const int MaxLength = 1 << 20;

    private const int Bits = 22;
    private const int Half = 1 << (Bits - 1);

    private readonly int[] starts; // [FacePreprocessor.Size], relative to First
    private readonly int[] weights; // [FacePreprocessor.Size, stride], zeros where an output has fewer
    private readonly int taps;
    private readonly int stride; // taps, rounded up to whole vectors

    /// <param name="offset">The crop's first pixel in the frame; may be outside it.</param>
    public ResampleWeights(int offset, int length, int frameLength)
    {
        First = Math.Clamp(offset, 0, frameLength - 1);
        Count = (int)Math.Clamp((long)offset + length - 1, 0, frameLength - 1) - First + 1;

        double scale = (double)length / FacePreprocessor.Size;
        double support = Math.Max(scale, 1);
        taps = Math.Min((2 * (int)Math.Ceiling(support)) + 1, Count);
        stride = (taps + Vector<int>.Count - 1) / Vector<int>.Count * Vector<int>.Count;
        starts = ArrayPool<int>.Shared.Rent(FacePreprocessor.Size);
        weights = ArrayPool<int>.Shared.Rent(FacePreprocessor.Size * stride);
        for (int i = 0; i < FacePreprocessor.Size; i++)
        {
            double center = (i + 0.5) * scale;
            int from = Math.Max((int)(center - support + 0.5), 0);
            int to = Math.Min((int)(center + support + 0.5), length);
            starts[i] = (int)Math.Clamp((long)offset + from - First, 0, Count - taps);
            Fill(weights.AsSpan(i * stride, stride), (long)offset - First - starts[i], from, to, center, support);
        }
    }

    /// <summary>The first pixel of the frame that the crop uses.</summary>
    public int First { get; }

    /// <summary>The number of the frame's pixels that the crop uses.</summary>
    public int Count { get; }

    /// <summary>Resamples along a row.</summary>
    /// <param name="row">Values in [0, 255], from pixel <see cref="First"/> on; at least <c>Count + Vector&lt;int&gt;.Count</c> long. Values beyond
    /// <see cref="Count"/> are ignored.</param>
    /// <param name="output">Receives 48 values in [0, 255].</param>
    public void ResampleRow(ReadOnlySpan<int> row, Span<int> output)
    {
        for (int i = 0; i < FacePreprocessor.Size; i++)
        {
            var factors = MemoryMarshal.Cast<int, Vector<int>>(weights.AsSpan(i * stride, stride));
            var values = MemoryMarshal.Cast<int, Vector<int>>(row.Slice(starts[i], stride));
            Vector<int> sum = Vector<int>.Zero;
            for (int v = 0; v < factors.Length; v++)
            {
                sum += factors[v] * values[v];
            }

            output[i] = Round(Vector.Sum(sum));
        }
    }

    /// <summary>Resamples across rows.</summary>
    /// <param name="rows">int32 [Count, 48], values in [0, 255].</param>
    /// <param name="output">Receives 48 values.</param>
    public void CombineRows(ReadOnlySpan<int> rows, int y, Span<byte> output)
    {
        Span<int> sums = stackalloc int[FacePreprocessor.Size];
        sums.Clear();
        var total = MemoryMarshal.Cast<int, Vector<int>>(sums);
        for (int tap = 0; tap < taps; tap++)
        {
            int weight = weights[(y * stride) + tap];
            var values = MemoryMarshal.Cast<int, Vector<int>>(rows.Slice((starts[y] + tap) * FacePreprocessor.Size, FacePreprocessor.Size));
            for (int v = 0; v < total.Length; v++)
            {
                total[v] += values[v] * weight;
            }
        }

        for (int x = 0; x < output.Length; x++)
        {
            output[x] = (byte)Round(sums[x]);
        }
    }

    public void Dispose()
    {
        ArrayPool<int>.Shared.Return(starts);
        ArrayPool<int>.Shared.Return(weights);
    }

    private void Fill(Span<int> row, long shift, int from, int to, double center, double support)
    {
        double total = 0;
        for (int x = from; x < to; x++)
        {
            total += Triangle((x + 0.5 - center) / support);
        }

        row.Clear();
        for (int x = from; x < to; x++)
        {
            double weight = Triangle((x + 0.5 - center) / support) / total;
            row[(int)Math.Clamp(shift + x, 0, taps - 1)] += (int)(0.5 + (weight * (1 << Bits)));
        }
    }

    private static double Triangle(double x) => Math.Max(1 - Math.Abs(x), 0);

    // The rounded weights may add up to slightly more than 1.
    private static int Round(int sum) => Math.Min((sum + Half) >> Bits, byte.MaxValue);
}

/// <summary>ITU-R BT.601 luma: 0.299 R + 0.587 G + 0.114 B, rounded, in the 15-bit fixed point of OpenCV's <c>cvtColor</c>.</summary>
internal static class Luma
{
    private const int Bits = 15;
    private const int Half = 1 << (Bits - 1);
    private const int Red = 9798;
    private const int Green = 19235;
    private const int Blue = 3735;

    /// <summary>Converts part of a row.</summary>
    /// <param name="gray">Receives one value per pixel, in [0, 255]; its length is the number of pixels.</param>
    public static void Convert(ImageView image, int x, int y, Span<int> gray)
    {
        int pixel = image.BytesPerPixel;
        ReadOnlySpan<byte> row = image.Pixels.Slice((y * image.Stride) + (x * pixel), gray.Length * pixel);
        switch (image.Format)
        {
            case PixelFormat.Gray8:
                Widen(row, gray);
                break;
            case PixelFormat.Bgr24 or PixelFormat.Bgra32:
                WeightChannels(row, pixel, Blue, Red, gray);
                break;
            default:
                WeightChannels(row, pixel, Red, Blue, gray);
                break;
        }
    }

    private static void WeightChannels(ReadOnlySpan<byte> row, int bytesPerPixel, int first, int third, Span<int> gray)
    {
        int i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            // Four pixels per step, one per int; with three bytes per pixel, a step also reads four bytes of the next pixels.
            for (; row.Length - (i * bytesPerPixel) >= Vector128<byte>.Count; i += Vector128<int>.Count)
            {
                var bytes = Vector128.Create(row[(i * bytesPerPixel)..]);
                Vector128<int> pixels = (bytesPerPixel == 4
                    ? bytes
                    : Vector128.Shuffle(bytes, Vector128.Create((byte)0, 1, 2, 255, 3, 4, 5, 255, 6, 7, 8, 255, 9, 10, 11, 255))).AsInt32();
                Vector128<int> mask = Vector128.Create(255);
                Vector128<int> sum = ((pixels & mask) * first) + (((pixels >> 8) & mask) * Green) + (((pixels >> 16) & mask) * third);
                ((sum + Vector128.Create(Half)) >> Bits).CopyTo(gray[i..]);
            }
        }

        for (int p = i * bytesPerPixel; i < gray.Length; i++, p += bytesPerPixel)
        {
            gray[i] = ((first * row[p]) + (Green * row[p + 1]) + (third * row[p + 2]) + Half) >> Bits;
        }
    }

    private static void Widen(ReadOnlySpan<byte> row, Span<int> gray)
    {
        for (int i = 0; i < gray.Length; i++)
        {
            gray[i] = row[i];
        }
    }
}
