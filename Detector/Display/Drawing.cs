using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Display;

/// <summary>Draws on BGR frames, clipped at their edges. Colours are 0xRRGGBB.</summary>
internal static class Drawing
{
    /// <summary>Draws an outline, centred on the box's edge; thickness in pixels.</summary>
    public static void Rectangle(Frame frame, Box box, uint rgb, int thickness) =>
        Cv2.Rectangle(frame.Mat, box.ToRect(), Bgr(rgb), thickness);

    public static void Fill(Frame frame, Box box, uint rgb) => Rectangle(frame, box, rgb, thickness: -1);

    /// <summary>Blends a colour over a rectangle. Opacity 0 is transparent, 1 opaque.</summary>
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

/// <summary>Text in OpenCV's Hershey duplex font, which has ASCII only.</summary>
/// <param name="Scale">Relative size; at 1, capitals are about 22 pixels high.</param>
internal readonly record struct TextStyle(double Scale)
{
    /// <summary>The smallest readable scale.</summary>
    public const double MinScale = 0.38;

    private const HersheyFonts Font = HersheyFonts.HersheyDuplex;

    private int Weight => Math.Max(1, (int)Math.Round(1.4 * Scale));

    /// <summary>Scales text with the frame's height (1 at 720 pixels), but keeps it readable.</summary>
    public static TextStyle For(Frame frame, double scale) => new(Math.Max(MinScale, scale * frame.Height / 720));

    /// <summary>Scales a length with the text, to at least one whole pixel.</summary>
    public int Pixels(double length) => Math.Max(1, (int)Math.Round(length * Scale));

    /// <summary>Measures a text in pixels: its width, and its extent above and below the baseline.</summary>
    public (int Width, int Ascent, int Descent) Measure(string text)
    {
        Size size = Cv2.GetTextSize(text, Font, Scale, Weight, out int descent);
        return (size.Width, size.Height, descent);
    }

    public void Draw(Frame frame, string text, int x, int baseline, uint rgb) =>
        Cv2.PutText(frame.Mat, text, new Point(x, baseline), Font, Scale, Drawing.Bgr(rgb), Weight, LineTypes.AntiAlias);
}

/// <summary>The emotions' colours in images, as 0xRRGGBB.</summary>
internal static class EmotionColors
{
    // Ink: panels, and text on the emotions' colours. Paper: text on panels.
    public const uint Ink = 0x16181C;
    public const uint Paper = 0xE8EAED;

    public const uint Uncertain = 0x8A949E;

    // Light enough for dark text. Each pair, Uncertain included, differs by a CIEDE2000 of at least 15 also for the three kinds of color blindness (ColorTests).
    private static readonly uint[] Colors = [0xD75954, 0x1CD297, 0xD3ACFF, 0xFFF50A, 0x3A7EFF, 0xE29F28, 0xDDE9F1];

    public static uint Of(Emotion emotion) => Colors[(int)emotion];
}
