namespace MlNetEmotion.Images;

/// <summary>An image's values as stored, before reduction to 8 bits: [height, width, channels], gray or red, green and blue.</summary>
/// <param name="areUShorts">Whether all values are integers from 0 to 65535, which take half the memory of other values.</param>
internal sealed class Samples(int width, int height, int channels, bool areUShorts)
{
    private readonly ushort[]? integers = areUShorts ? new ushort[width * height * channels] : null;
    private readonly float[] others = new float[areUShorts ? 0 : width * height * channels];

    public int Channels => channels;

    public int Count => width * height * channels;

    /// <summary>Whether the file stores integers.</summary>
    public bool AreIntegers { get; init; } = areUShorts;

    /// <summary>Whether the smallest value is white.</summary>
    public bool IsInverted { get; init; }

    public float this[int index]
    {
        get => integers is null ? others[index] : integers[index];
        set
        {
            if (integers is null)
            {
                others[index] = value;
            }
            else
            {
                integers[index] = (ushort)value;
            }
        }
    }

    /// <summary>Maps a range linearly to 0 to 255, rounded and clamped; NaN becomes 0.</summary>
    /// <param name="orientation">The stored image's EXIF orientation, from 1 to 8.</param>
    public StoredImage Stretch(SampleRange range, int orientation) => ToImage(
        value => double.IsNaN(value) ? 0 : Math.Round((value - range.From) * byte.MaxValue / range.Width), orientation);

    /// <summary>Divides a range of integers into 256 equal steps; of 16 bits, the upper 8 remain.</summary>
    /// <param name="orientation">The stored image's EXIF orientation, from 1 to 8.</param>
    public StoredImage Reduce(SampleRange range, int orientation) => ToImage(
        value => Math.Floor((value - range.From) * (byte.MaxValue + 1) / (range.Width + 1)), orientation);

    private StoredImage ToImage(Func<double, double> toByte, int orientation)
    {
        byte[] pixels = GC.AllocateUninitializedArray<byte>(checked(width * height * 4));
        int next = 0;
        for (int i = 0; i < Count; i += channels)
        {
            for (int c = 0; c < 3; c++)
            {
                var value = (byte)Math.Clamp(toByte(this[channels == 1 ? i : i + c]), 0, byte.MaxValue);
                pixels[next++] = IsInverted ? (byte)(byte.MaxValue - value) : value;
            }

            pixels[next++] = byte.MaxValue;
        }

        return new StoredImage(pixels, width, height, PixelFormat.Rgba32, orientation);
    }
}
