using MlNetEmotion.Detector.Pipeline;
using MlNetEmotion.Imaging;
using MlNetEmotion.Native.OpenCv;

namespace MlNetEmotion.Detector.Display;

/// <summary>Draws what was found onto a frame: a box a face, and on it a label with the emotion and its probability.</summary>
internal static class Annotator
{
    private const uint Ink = 0x16181C;
    private const double SmallestScale = 0.4;

    /// <summary>Draws faces.</summary>
    /// <param name="frame">Drawn on.</param>
    /// <param name="faces">What was found in it.</param>
    public static void Draw(Mat frame, IReadOnlyList<FaceResult> faces)
    {
        // Text that a small frame leaves readable looks as large on a large one.
        double scale = Math.Clamp(frame.Height / 720.0, 0.5, 3);
        int stroke = Math.Max(2, (int)Math.Round(3 * scale));
        foreach (FaceResult face in faces)
        {
            uint color = EmotionColors.Of(face.Scores.Top);
            Drawing.Rectangle(frame, face.Box, color, stroke);
            DrawLabel(frame, face, color, scale, stroke);
        }
    }

    /// <summary>Draws a line of text in the frame's lower left corner.</summary>
    /// <param name="frame">Drawn on.</param>
    /// <param name="text">ASCII.</param>
    public static void DrawStatus(Mat frame, string text)
    {
        double scale = Math.Clamp(frame.Height / 900.0, 0.4, 2);
        int weight = Weight(scale);
        (int width, int ascent, int descent) = Drawing.TextSize(text, scale, weight);
        int margin = (int)Math.Round(12 * scale);
        var chip = new Box(0, frame.Height - ascent - descent - (2 * margin), width + (2 * margin), ascent + descent + (2 * margin));
        Drawing.Fill(frame, chip, Ink);
        Drawing.PutText(frame, text, margin, frame.Height - descent - margin, scale, 0xE8EAED, weight);
    }

    // The label stands on the box; where the frame's top leaves no room, within it.
    private static void DrawLabel(Mat frame, FaceResult face, uint color, double scale, int stroke)
    {
        // Faces beside one another keep their labels apart where the text stays readable.
        string text = $"{face.Scores.Top} {100 * face.Scores.Confidence:0}%";
        double widest = Drawing.TextSize(text, scale, Weight(scale)).Width + (20 * scale);
        scale = Math.Max(SmallestScale, scale * Math.Min(1, face.Box.Width / widest));
        int weight = Weight(scale);
        (int width, int ascent, int descent) = Drawing.TextSize(text, scale, weight);
        int margin = (int)Math.Round(10 * scale);
        int height = ascent + descent + margin;
        int left = Math.Clamp(face.Box.X - (stroke / 2), 0, Math.Max(0, frame.Width - width - (2 * margin)));
        int top = face.Box.Y - height >= 0 ? face.Box.Y - height : face.Box.Y;
        Drawing.Fill(frame, new Box(left, top, width + (2 * margin), height), color);
        Drawing.PutText(frame, text, left + margin, top + ascent + (margin / 2) + (descent / 4), scale, Ink, weight);
    }

    private static int Weight(double scale) => Math.Max(1, (int)Math.Round(1.4 * scale));
}
