using System.Numerics;
using System.Runtime.InteropServices;
using BitMiracle.LibTiff.Classic;

namespace MlNetEmotion.Images;

/// <summary>Converts a TIFF's stored values, in this machine's byte order, to floats.</summary>
internal static class TiffValues
{
    /// <summary>Converts a row's bytes to values.</summary>
    public delegate void Reader(ReadOnlySpan<byte> bytes, Span<float> values);

    /// <summary>Returns the conversion for a number of bits and a format; null if unsupported.</summary>
    public static Reader? Of(int bits, SampleFormat format) => (format, bits) switch
    {
        (SampleFormat.UINT, 8) => Convert<byte>,
        (SampleFormat.UINT, > 8 and < 16) => (bytes, values) => ReadPacked(bytes, bits, values),
        (SampleFormat.UINT, 16) => Convert<ushort>,
        (SampleFormat.UINT, 32) => Convert<uint>,
        (SampleFormat.UINT, 64) => Convert<ulong>,
        (SampleFormat.INT, 16) => Convert<short>,
        (SampleFormat.INT, 32) => Convert<int>,
        (SampleFormat.INT, 64) => Convert<long>,
        (SampleFormat.IEEEFP, 16) => Convert<Half>,
        (SampleFormat.IEEEFP, 32) => Convert<float>,
        (SampleFormat.IEEEFP, 64) => Convert<double>,
        _ => null,
    };

    private static void Convert<T>(ReadOnlySpan<byte> bytes, Span<float> values)
        where T : struct, INumberBase<T>
    {
        ReadOnlySpan<T> stored = MemoryMarshal.Cast<byte, T>(bytes);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = float.CreateTruncating(stored[i]);
        }
    }

    // TIFF 6.0, section 2: packed without gaps, most significant bit first.
    private static void ReadPacked(ReadOnlySpan<byte> bytes, int bits, Span<float> values)
    {
        (uint held, int count) = (0, 0);
        foreach (ref float value in values)
        {
            for (; count < bits; count += 8)
            {
                held = (held << 8) | bytes[0];
                bytes = bytes[1..];
            }

            count -= bits;
            value = held >> count;
            held &= (1u << count) - 1;
        }
    }
}
