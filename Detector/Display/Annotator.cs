using System.Runtime.InteropServices;
using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Display;

/// <summary>Draws what was found onto a frame: a box a face, on it a label with the emotion and its probability, beside
/// it the bars. Not thread-safe.</summary>
internal sealed class Annotator
{
    // Every label there may be, made when it is first needed: so a frame allocates nothing.
    private static readonly string?[,] Labels = new string?[Emotions.Count, 101];

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

        // After all boxes, so that bars keep off every face.
        for (int i = 0; showBars && i < faces.Count; i++)
        {
            taken.Add(BarChart.Draw(frame, faces[i], CollectionsMarshal.AsSpan(taken)));
        }
    }

    // The label stands on the box; where the frame's top leaves no room, within it.
    private static Box DrawLabel(Frame frame, FaceResult face, uint color, TextStyle style, int stroke)
    {
        int percent = (int)Math.Round(100 * face.Confidence);
        string text = face.IsUncertain ? "uncertain" : Labels[(int)face.Emotion, percent] ??= $"{face.Emotion} {percent}%";

        // Faces beside one another keep their labels apart where the text stays readable.
        double widest = style.Measure(text).Width + style.Pixels(20);
        style = new(Math.Max(TextStyle.SmallestScale, style.Scale * Math.Min(1, face.Box.Width / widest)));
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
