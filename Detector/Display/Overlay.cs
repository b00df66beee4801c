using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Display;

/// <summary>The window's text on top of the image.</summary>
internal static class Overlay
{
    private static readonly (string Key, string Action)[] Keys =
    [
        ("q, Esc", "quit"), ("space", "pause and resume"), ("s", "save a snapshot"), ("b", "bars on and off"), ("m", "mirror"), ("?", "this help"),
    ];

    /// <summary>Draws a line of text in the frame's upper left corner, where it rarely covers bars: they are mostly below faces.</summary>
    public static void DrawStatus(Frame frame, string text)
    {
        var style = TextStyle.For(frame, 0.7);
        (int width, int ascent, int descent) = style.Measure(text);
        int margin = style.Pixels(12);
        Drawing.Shade(frame, new Box(0, 0, width + (2 * margin), ascent + descent + (2 * margin)), EmotionColors.Ink, 0.75);
        style.Draw(frame, text, margin, margin + ascent, EmotionColors.Paper);
    }

    /// <summary>Draws the key help at the frame's lower edge, in as few rows as fit, to keep faces visible.</summary>
    public static void DrawHelp(Frame frame)
    {
        var style = TextStyle.For(frame, 0.7);
        int row = style.Pixels(40);
        int margin = style.Pixels(20);
        int keyWidth = Keys.Max(key => style.Measure(key.Key).Width) + (margin / 2);
        int columnWidth = keyWidth + Keys.Max(key => style.Measure(key.Action).Width) + margin;
        int columns = Math.Clamp((frame.Width - margin) / columnWidth, 1, 3);
        int rows = (Keys.Length + columns - 1) / columns;
        int height = (rows * row) + margin;
        var panel = new Box((frame.Width - (columns * columnWidth) - margin) / 2, frame.Height - height, (columns * columnWidth) + margin, height);
        Drawing.Shade(frame, panel, EmotionColors.Ink, 0.88);
        foreach ((int i, (string key, string action)) in Keys.Index())
        {
            int x = panel.X + margin + (i / rows * columnWidth);
            int baseline = panel.Y + (margin / 2) + (i % rows * row) + style.Pixels(28);
            style.Draw(frame, key, x, baseline, EmotionColors.Of(Emotion.Happy));
            style.Draw(frame, action, x + keyWidth, baseline, EmotionColors.Paper);
        }
    }
}
