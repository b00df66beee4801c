using MlNetEmotion.Detector.Frames;
using OpenCvSharp.Internal;

namespace MlNetEmotion.Detector.Display;

/// <summary>Draws on BGR frames. Colours are 0xRRGGBB; what falls outside the frame is cut off. Allocates
/// nothing.</summary>
internal static class Drawing
{
    /// <summary>An outline, whose thickness in pixels is centred on the edge.</summary>
    public static void Rectangle(Frame frame, Box box, uint rgb, int thickness) =>
        Cv2.Rectangle(frame.Mat, box.ToRect(), Bgr(rgb), thickness);

    public static void Fill(Frame frame, Box box, uint rgb) => Rectangle(frame, box, rgb, thickness: -1);

    /// <summary>Blends a colour over a rectangle. Opacity 0 leaves what is there, 1 covers it.</summary>
    public static void Shade(Frame frame, Box box, uint rgb, double opacity)
    {
        Box part = frame.Clip(box);
        int keep = (int)Math.Round(256 * (1 - opacity));
        int blue = ((int)(rgb & 0xFF) * (256 - keep)) + 128;
        int green = ((int)((rgb >> 8) & 0xFF) * (256 - keep)) + 128;
        int red = ((int)((rgb >> 16) & 0xFF) * (256 - keep)) + 128;
        for (int y = part.Y; y < part.Y + part.Height; y++)
        {
            Span<byte> row = frame.Row(y).Slice(3 * part.X, 3 * part.Width);
            for (int i = 0; i + 2 < row.Length; i += 3)
            {
                row[i] = (byte)(((row[i] * keep) + blue) >> 8);
                row[i + 1] = (byte)(((row[i + 1] * keep) + green) >> 8);
                row[i + 2] = (byte)(((row[i + 2] * keep) + red) >> 8);
            }
        }
    }

    public static Scalar Bgr(uint rgb) => new(rgb & 0xFF, (rgb >> 8) & 0xFF, (rgb >> 16) & 0xFF);
}

/// <summary>Text of a size, in Hershey's duplex letters: ASCII.</summary>
/// <param name="Scale">1 makes capitals about 22 pixels high.</param>
internal readonly record struct TextStyle(double Scale)
{
    /// <summary>Smaller text cannot be read.</summary>
    public const double SmallestScale = 0.38;

    private const HersheyFonts Font = HersheyFonts.HersheyDuplex;

    private int Weight => Math.Max(1, (int)Math.Round(1.4 * Scale));

    /// <summary>Text that looks as large on a large frame as on a small one, and can be read on both.</summary>
    public static TextStyle For(Frame frame, double scale) => new(Math.Max(SmallestScale, scale * frame.Height / 720));

    /// <summary>A length that grows with the text, in whole pixels.</summary>
    public int Pixels(double length) => Math.Max(1, (int)Math.Round(length * Scale));

    /// <summary>Pixels across, up from the baseline, and down from it.</summary>
    public (int Width, int Ascent, int Descent) Measure(string text)
    {
        Size size = Cv2.GetTextSize(text, Font, Scale, Weight, out int descent);
        return (size.Width, size.Height, descent);
    }

    public void Draw(Frame frame, string text, int x, int baseline, uint rgb) =>
        NativeMethods.HandleException(NativeMethods.imgproc_putText(
            frame.Output, text, new Point(x, baseline), (int)Font, Scale, Drawing.Bgr(rgb), Weight, (int)LineTypes.AntiAlias, bottomLeftOrigin: 0));
}

/// <summary>The colour that stands for an emotion, wherever it is drawn.</summary>
internal static class EmotionColors
{
    // Panels, and text on the emotions' colours; text on panels.
    public const uint Ink = 0x16181C;
    public const uint Paper = 0xE8EAED;

    public const uint Uncertain = 0x9AA3AD;

    // Light enough for dark text on it, and apart from one another for the colour-blind by lightness too.
    private static readonly uint[] Colors = [0xFF6B5E, 0x7BC86C, 0xC79BFF, 0xFFD84D, 0x6FB1FF, 0xFFA94D, 0xD5DBE1];

    public static uint Of(Emotion emotion) => Colors[(int)emotion];
}
