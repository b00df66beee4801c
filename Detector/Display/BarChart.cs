using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Display;

/// <summary>A panel beside a face with its seven probabilities as bars.</summary>
internal static class BarChart
{
    private const double FullBar = 90;
    private const double RowHeight = 34;
    private const double Margin = 10;
    private const double MaxScale = 0.6;

    // Relative text sizes: small frames may only have room for smaller text.
    private static readonly double[] TextScales = [1, 0.85, 0.7];

    private static readonly string LongestLabel = Emotions.Labels.MaxBy(label => label.Length)!;

    /// <summary>Draws the panel right of, left of, below or above the face, where it overlaps <paramref name="taken"/> least; returns its box.</summary>
    public static Box Draw(Frame frame, FaceResult face, ReadOnlySpan<Box> taken)
    {
        (TextStyle style, Box panel) = Place(frame, face.Box, taken);
        Drawing.Shade(frame, panel, EmotionColors.Ink, 0.66);
        int margin = style.Pixels(Margin);
        int row = style.Pixels(RowHeight);
        (int textWidth, int ascent, _) = style.Measure(LongestLabel);
        int barLeft = panel.X + (2 * margin) + textWidth;
        int barWidth = panel.X + panel.Width - margin - barLeft;
        for (int i = 0; i < Emotions.Count; i++)
        {
            uint color = EmotionColors.Of((Emotion)i);
            int top = panel.Y + margin + (i * row);
            bool isAnswer = i == (int)face.Emotion && !face.IsUncertain;
            style.Draw(frame, Emotions.Labels[i], panel.X + margin, top + ((row + ascent) / 2), isAnswer ? color : EmotionColors.Paper);
            var track = new Box(barLeft, top + (row / 5), barWidth, row - (2 * (row / 5)));
            Drawing.Shade(frame, track, EmotionColors.Paper, 0.18);
            int length = (int)Math.Round(barWidth * face.Scores[(Emotion)i]);
            if (length > 0)
            {
                Drawing.Fill(frame, track with { Width = length }, color);
            }
        }

        return panel;
    }

    private static (TextStyle Style, Box Panel) Place(Frame frame, Box face, ReadOnlySpan<Box> taken)
    {
        (TextStyle Style, Box Panel) best = default;
        double leastCovered = double.MaxValue;
        foreach (double scale in TextScales)
        {
            var style = TextStyle.For(frame, MaxScale * scale);
            int width = style.Measure(LongestLabel).Width + style.Pixels(FullBar) + (3 * style.Pixels(Margin));
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

    // The panel's area in pixels that is outside the frame or overlaps other boxes.
    private static double Covered(Frame frame, Box panel, ReadOnlySpan<Box> taken)
    {
        double covered = ((double)panel.Width * panel.Height) - panel.Intersection(new Box(0, 0, frame.Width, frame.Height));
        foreach (Box box in taken)
        {
            covered += box.Intersection(panel);
        }

        return covered;
    }
}
