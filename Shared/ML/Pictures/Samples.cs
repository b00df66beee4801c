using MlNetEmotion.Imaging;

namespace MlNetEmotion.Pictures;

/// <summary>A picture's values as its file has them, before they are reduced to 8 bits: float [height, width, channels], gray or red, green and blue.</summary>
internal sealed class Samples(int width, int height, int channels)
{
    public int Channels => channels;

    public float[] Values { get; } = new float[(long)width * height * channels];

    /// <summary>Whether the file has whole numbers.</summary>
    public bool AreWhole { get; init; }

    /// <summary>Whether the smallest value is white.</summary>
    public bool IsInverted { get; init; }

    /// <summary>The values of a row.</summary>
    public Span<float> Row(int y) => Values.AsSpan(y * width * channels, width * channels);

    /// <summary>8 bits a value: linear from <paramref name="range"/>'s ends to 0 and 255, rounded; 0 for what is no number.</summary>
    /// <param name="orientation">Which way up the picture is stored, from 1 to 8.</param>
    public StoredPicture Stretch(SampleRange range, int orientation) => ToPicture(
        value => double.IsNaN(value) ? 0 : Math.Round((value - range.From) * byte.MaxValue / range.Width), orientation);

    /// <summary>8 bits a value: of the range's whole numbers, as many become each of 256; of 16 bits, the upper 8 stay.</summary>
    /// <param name="orientation">Which way up the picture is stored, from 1 to 8.</param>
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
