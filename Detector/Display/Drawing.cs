using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Imaging;
using OpenCvSharp;
using OpenCvSharp.Internal;

namespace MlNetEmotion.Detector.Display;

/// <summary>Draws on BGR frames. Colours are 0xRRGGBB; what falls outside the frame is cut off. Allocates nothing.</summary>
internal static class Drawing
{
    private const HersheyFonts Font = HersheyFonts.HersheyDuplex;

    /// <summary>An outline, whose thickness in pixels is centred on the edge.</summary>
    public static void Rectangle(Frame frame, Box box, uint rgb, int thickness) =>
        Cv2.Rectangle(frame.Mat, new Rect(box.X, box.Y, box.Width, box.Height), Bgr(rgb), thickness);

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

    /// <summary>A line of ASCII text (Hershey duplex) whose baseline starts at (x, y). Scale 1 makes capitals about 22 pixels high.</summary>
    public static void PutText(Frame frame, string text, int x, int y, double scale, uint rgb, int thickness) =>
        NativeMethods.HandleException(NativeMethods.imgproc_putText(
            frame.Output, text, new Point(x, y), (int)Font, scale, Bgr(rgb), thickness, (int)LineTypes.AntiAlias, bottomLeftOrigin: 0));

    /// <summary>The room that a line takes, in pixels: across, up from the baseline, and down from it.</summary>
    public static (int Width, int Ascent, int Descent) TextSize(string text, double scale, int thickness)
    {
        Size size = Cv2.GetTextSize(text, Font, scale, thickness, out int descent);
        return (size.Width, size.Height, descent);
    }

    private static Scalar Bgr(uint rgb) => new(rgb & 0xFF, (rgb >> 8) & 0xFF, (rgb >> 16) & 0xFF);
}

/// <summary>Text of a size.</summary>
/// <param name="Scale">1 makes capitals about 22 pixels high.</param>
internal readonly record struct TextStyle(double Scale)
{
    /// <summary>Smaller text cannot be read.</summary>
    public const double SmallestScale = 0.38;

    private int Weight => Math.Max(1, (int)Math.Round(1.4 * Scale));

    /// <summary>Text that looks as large on a large frame as on a small one, and can be read on both.</summary>
    public static TextStyle For(Frame frame, double scale) => new(Math.Max(SmallestScale, scale * frame.Height / 720));

    /// <summary>A length that grows with the text, in whole pixels.</summary>
    public int Pixels(double length) => Math.Max(1, (int)Math.Round(length * Scale));

    /// <summary>Pixels across, up from the baseline, and down from it.</summary>
    public (int Width, int Ascent, int Descent) Measure(string text) => Drawing.TextSize(text, Scale, Weight);

    public void Draw(Frame frame, string text, int x, int baseline, uint rgb) => Drawing.PutText(frame, text, x, baseline, Scale, rgb, Weight);
}

/// <summary>The colour that stands for an emotion, wherever it is drawn.</summary>
internal static class EmotionColors
{
    /// <summary>Dark: panels, and text on the emotions' colours.</summary>
    public const uint Ink = 0x16181C;

    /// <summary>Light: text on panels.</summary>
    public const uint Paper = 0xE8EAED;

    /// <summary>For no emotion in particular.</summary>
    public const uint Uncertain = 0x9AA3AD;

    /// <summary>Light enough for dark text on it, and apart from one another for the colour-blind by lightness too.</summary>
    public static uint Of(Emotion emotion) => emotion switch
    {
        Emotion.Angry => 0xFF6B5E,
        Emotion.Disgust => 0x7BC86C,
        Emotion.Fear => 0xC79BFF,
        Emotion.Happy => 0xFFD84D,
        Emotion.Sad => 0x6FB1FF,
        Emotion.Surprise => 0xFFA94D,
        Emotion.Neutral => 0xD5DBE1,
        _ => throw new ArgumentOutOfRangeException(nameof(emotion), emotion, "not an emotion"),
    };
}
