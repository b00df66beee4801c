using MlNetEmotion.Imaging;
using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Display;

/// <summary>The seven probabilities of a face as a panel of bars beside it.</summary>
internal static class BarChart
{
    private const double FullBar = 90;
    private const double RowHeight = 34;
    private const double Margin = 10;
    private const double LargestScale = 0.6;

    // Beside a small frame's faces there may be room only for smaller text.
    private static readonly double[] Shrinkings = [1, 0.85, 0.7];

    private static readonly string Longest = Emotions.Labels.MaxBy(label => label.Length)!;

    /// <summary>Draws the bars where they cover the least of what is there already: right, left, below or above the face.</summary>
    public static Box Draw(Frame frame, FaceResult face, ReadOnlySpan<Box> taken)
    {
        (TextStyle style, Box panel) = Place(frame, face.Box, taken);
        Drawing.Shade(frame, panel, EmotionColors.Ink, 0.66);
        int margin = style.Pixels(Margin);
        int row = style.Pixels(RowHeight);
        int barLeft = panel.X + (2 * margin) + style.Measure(Longest).Width;
        int barWidth = panel.X + panel.Width - margin - barLeft;
        int ascent = style.Measure(Longest).Ascent;
        for (int i = 0; i < Emotions.Count; i++)
        {
            var emotion = (Emotion)i;
            int top = panel.Y + margin + (i * row);
            style.Draw(frame, Emotions.Labels[i], panel.X + margin, top + ((row + ascent) / 2), emotion == face.Emotion && !face.IsUncertain ? EmotionColors.Of(emotion) : EmotionColors.Paper);
            var track = new Box(barLeft, top + (row / 5), barWidth, row - (2 * (row / 5)));
            Drawing.Shade(frame, track, EmotionColors.Paper, 0.18);
            int length = (int)Math.Round(barWidth * face.Scores[emotion]);
            if (length > 0)
            {
                Drawing.Fill(frame, track with { Width = length }, EmotionColors.Of(emotion));
            }
        }

        return panel;
    }

    private static (TextStyle Style, Box Panel) Place(Frame frame, Box face, ReadOnlySpan<Box> taken)
    {
        (TextStyle Style, Box Panel) best = default;
        double leastCovered = double.MaxValue;
        foreach (double shrinking in Shrinkings)
        {
            var style = TextStyle.For(frame, LargestScale * shrinking);
            int width = style.Measure(Longest).Width + style.Pixels(FullBar) + (3 * style.Pixels(Margin));
            int height = (Emotions.Count * style.Pixels(RowHeight)) + (2 * style.Pixels(Margin));
            int gap = style.Pixels(12);
            ReadOnlySpan<Box> candidates =
            [
                new(face.X + face.Width + gap, face.Y, width, height),
                new(face.X - gap - width, face.Y, width, height),
                new(face.X, face.Y + face.Height + gap, width, height),
                new(face.X, face.Y - (4 * gap) - height, width, height),
                new(face.X + face.Width + gap, face.Y + face.Height - height, width, height),
                new(face.X - gap - width, face.Y + face.Height - height, width, height),
            ];
            foreach (Box panel in candidates)
            {
                double covered = Covered(frame, panel, taken);
                if (covered < leastCovered)
                {
                    (leastCovered, best) = (covered, (style, panel));
                }
            }
        }

        return best;
    }

    // The area that something else has already, and that falls off the frame.
    private static double Covered(Frame frame, Box panel, ReadOnlySpan<Box> taken)
    {
        double covered = ((double)panel.Width * panel.Height) - CommonArea(panel, new Box(0, 0, frame.Width, frame.Height));
        foreach (Box box in taken)
        {
            covered += CommonArea(box, panel);
        }

        return covered;
    }

    private static double CommonArea(Box a, Box b)
    {
        double width = Math.Min((double)a.X + a.Width, (double)b.X + b.Width) - Math.Max(a.X, b.X);
        double height = Math.Min((double)a.Y + a.Height, (double)b.Y + b.Height) - Math.Max(a.Y, b.Y);
        return width > 0 && height > 0 ? width * height : 0;
    }
}
