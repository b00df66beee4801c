using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Display;

/// <summary>What the window says on top of the picture.</summary>
internal static class Overlay
{
    private static readonly (string Key, string Does)[] Keys =
    [
        ("q, Esc", "quit"), ("space", "pause and go on"), ("s", "save a snapshot"), ("b", "bars on and off"), ("m", "mirror"), ("?", "this help"),
    ];

    /// <summary>Draws a line of text in the frame's upper left corner: bars hang below faces more often than above
    /// them.</summary>
    public static void DrawStatus(Frame frame, string text)
    {
        var style = TextStyle.For(frame, 0.7);
        (int width, int ascent, int descent) = style.Measure(text);
        int margin = style.Pixels(12);
        Drawing.Shade(frame, new Box(0, 0, width + (2 * margin), ascent + descent + (2 * margin)), EmotionColors.Ink, 0.75);
        style.Draw(frame, text, margin, margin + ascent, EmotionColors.Paper);
    }

    /// <summary>Draws the keys in the frame's middle.</summary>
    public static void DrawHelp(Frame frame)
    {
        var style = TextStyle.For(frame, 0.8);
        int row = style.Pixels(44);
        int margin = style.Pixels(28);
        int keyWidth = Keys.Max(key => style.Measure(key.Key).Width) + margin;
        int width = keyWidth + Keys.Max(key => style.Measure(key.Does).Width) + (2 * margin);
        int height = (Keys.Length * row) + (2 * margin);
        var panel = new Box((frame.Width - width) / 2, (frame.Height - height) / 2, width, height);
        Drawing.Shade(frame, panel, EmotionColors.Ink, 0.88);
        foreach ((int i, (string key, string does)) in Keys.Index())
        {
            int baseline = panel.Y + margin + (i * row) + style.Pixels(30);
            style.Draw(frame, key, panel.X + margin, baseline, EmotionColors.Of(Emotion.Happy));
            style.Draw(frame, does, panel.X + margin + keyWidth, baseline, EmotionColors.Paper);
        }
    }
}
