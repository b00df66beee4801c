using MlNetEmotion.Native.OpenCv;

namespace MlNetEmotion.Detector.Display;

/// <summary>Text of a size.</summary>
/// <param name="Scale">1 makes capitals about 22 pixels high.</param>
internal readonly record struct TextStyle(double Scale)
{
    /// <summary>Smaller text cannot be read.</summary>
    public const double SmallestScale = 0.38;

    private int Weight => Math.Max(1, (int)Math.Round(1.4 * Scale));

    /// <summary>Text that looks as large on a large frame as on a small one, and can be read on both.</summary>
    /// <param name="frame">What the text will stand on.</param>
    /// <param name="scale">The scale on a frame of 720 rows.</param>
    public static TextStyle For(Mat frame, double scale) => new(Math.Max(SmallestScale, scale * frame.Height / 720));

    /// <summary>A length that grows with the text, in whole pixels.</summary>
    /// <param name="length">The length at scale 1, in pixels.</param>
    public int Pixels(double length) => Math.Max(1, (int)Math.Round(length * Scale));

    /// <summary>Pixels across, up from the baseline, and down from it.</summary>
    /// <param name="text">ASCII.</param>
    public (int Width, int Ascent, int Descent) Measure(string text) => Drawing.TextSize(text, Scale, Weight);

    /// <summary>Draws a line.</summary>
    /// <param name="frame">Drawn on.</param>
    /// <param name="text">ASCII.</param>
    /// <param name="x">Where the line starts.</param>
    /// <param name="baseline">Where it stands.</param>
    /// <param name="rgb">0xRRGGBB.</param>
    public void Draw(Mat frame, string text, int x, int baseline, uint rgb) => Drawing.PutText(frame, text, x, baseline, Scale, rgb, Weight);
}
