using System.Runtime.InteropServices;
using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Display;

/// <summary>Annotates a frame: a box per face, a label on it with the emotion and its probability, and the bar chart beside it. Not thread-safe.</summary>
internal sealed class Annotator
{
    private readonly List<Box> taken = [];

    public void Draw(Frame frame, List<FaceResult> faces, bool showBars = true)
    {
        var style = TextStyle.For(frame, 0.9);
        int stroke = Math.Max(2, style.Pixels(3));
        taken.Clear();
        foreach (FaceResult face in faces)
        {
            uint color = face.IsUncertain ? EmotionColors.Uncertain : EmotionColors.Of(face.Emotion);
            Drawing.Rectangle(frame, face.Box, color, stroke);
            taken.Add(face.Box);
            taken.Add(DrawLabel(frame, face, color, style, stroke));
        }

        // Bars are drawn after all boxes, to keep them off every face.
        for (int i = 0; showBars && i < faces.Count; i++)
        {
            taken.Add(BarChart.Draw(frame, faces[i], CollectionsMarshal.AsSpan(taken)));
        }
    }

    // The label is above the box, or inside it at the frame's top edge.
    private static Box DrawLabel(Frame frame, FaceResult face, uint color, TextStyle style, int stroke)
    {
        string text = face.IsUncertain ? "uncertain" : $"{face.Emotion} {Math.Round(100 * face.Confidence)}%";

        // Shrinks the text to the box's width, so that labels of neighbouring faces do not overlap, but not below the readable size.
        double widest = style.Measure(text).Width + style.Pixels(20);
        style = new(Math.Max(TextStyle.MinScale, style.Scale * Math.Min(1, face.Box.Width / widest)));
        (int width, int ascent, int descent) = style.Measure(text);
        int margin = style.Pixels(10);
        int height = ascent + descent + margin;
        int left = Math.Clamp(face.Box.X - (stroke / 2), 0, Math.Max(0, frame.Width - width - (2 * margin)));
        int top = face.Box.Y - height >= 0 ? face.Box.Y - height : face.Box.Y;
        var label = new Box(left, top, width + (2 * margin), height);
        Drawing.Fill(frame, label, color);
        style.Draw(frame, text, left + margin, top + ascent + (margin / 2) + (descent / 4), EmotionColors.Ink);
        return label;
    }
}
