namespace MlNetEmotion.Pictures;

/// <summary>A picture's values as stored, before reduction to 8 bits: float [height, width, channels], gray or red, green and blue.</summary>
internal sealed class Samples(int width, int height, int channels)
{
    public int Channels => channels;

    public float[] Values { get; } = new float[(long)width * height * channels];

    /// <summary>Whether the file stores integers.</summary>
    public bool AreIntegers { get; init; }

    /// <summary>Whether the smallest value is white.</summary>
    public bool IsInverted { get; init; }

    /// <summary>The values of a row.</summary>
    public Span<float> Row(int y) => Values.AsSpan(y * width * channels, width * channels);

    /// <summary>Maps a range linearly to 0 to 255, rounded and clamped; NaN becomes 0.</summary>
    /// <param name="orientation">The stored picture's EXIF orientation, from 1 to 8.</param>
    public StoredPicture Stretch(SampleRange range, int orientation) => ToPicture(
        value => double.IsNaN(value) ? 0 : Math.Round((value - range.From) * byte.MaxValue / range.Width), orientation);

    /// <summary>Divides a range of integers into 256 equal steps; of 16 bits, the upper 8 remain.</summary>
    /// <param name="orientation">The stored picture's EXIF orientation, from 1 to 8.</param>
    public StoredPicture Reduce(SampleRange range, int orientation) => ToPicture(
        value => Math.Floor((value - range.From) * (byte.MaxValue + 1) / (range.Width + 1)), orientation);

    private StoredPicture ToPicture(Func<double, double> toByte, int orientation)
    {
        byte[] pixels = GC.AllocateUninitializedArray<byte>(checked(width * height * 4));
        int next = 0;
        for (int i = 0; i < Values.Length; i += channels)
        {
            for (int c = 0; c < 3; c++)
            {
                var value = (byte)Math.Clamp(toByte(Values[channels == 1 ? i : i + c]), 0, byte.MaxValue);
                pixels[next++] = IsInverted ? (byte)(byte.MaxValue - value) : value;
            }

            pixels[next++] = byte.MaxValue;
        }

        return new StoredPicture(pixels, width, height, PixelFormat.Rgba32, orientation);
    }
}
