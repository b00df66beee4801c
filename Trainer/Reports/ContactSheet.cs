using SkiaSharp;

namespace MlNetEmotion.Trainer.Reports;

/// <summary>
/// Draws faces in a grid, at twice their size, 12 per row with a margin around each, with a caption above each group.
/// </summary>
internal static class ContactSheet
{
    private const int CellSize = 2 * FacePreprocessor.Size;
    private const int Margin = 8;
    private const int CaptionHeight = 28;
    private const int Columns = 12;

    // The letters of the emotions' names as strokes from the baseline up, with their widths: captions need no font on the machine.
    private static readonly Dictionary<char, (float Width, string Strokes)> Letters = new()
    {
        ['A'] = (13.5f, "M0 0 L5.5 -14 L11 0 M2 -5 H9"),
        ['D'] = (13.5f, "M0 -14 V0 H3.5 A6.5 7 0 0 0 3.5 -14 Z"),
        ['F'] = (11, "M9 -14 H0 V0 M0 -7.5 H7"),
        ['H'] = (13.5f, "M0 -14 V0 M10 -14 V0 M0 -7.2 H10"),
        ['N'] = (13.5f, "M0 0 V-14 L10 0 V-14"),
        ['S'] = (12.5f, "M9 -11.5 C7.5 -15 0.5 -15 0.5 -10.6 C0.5 -6 9.5 -8 9.5 -3.4 C9.5 1 1.5 1 0 -2.8"),
        ['a'] = (12, "M9 -4.5 A4.5 4.5 0 1 0 0 -4.5 A4.5 4.5 0 1 0 9 -4.5 M9 -9 V0"),
        ['d'] = (12, "M9 -4.5 A4.5 4.5 0 1 0 0 -4.5 A4.5 4.5 0 1 0 9 -4.5 M9 -14 V0"),
        ['e'] = (11.5f, "M0 -4.8 H9 A4.5 4.5 0 1 0 7.6 -1.2"),
        ['g'] = (12, "M9 -4.5 A4.5 4.5 0 1 0 0 -4.5 A4.5 4.5 0 1 0 9 -4.5 M9 -9 V0 A4.4 4.4 0 0 1 1 2.4"),
        ['i'] = (3.5f, "M0 -9 V0 M0 -13 V-12.8"),
        ['l'] = (3.5f, "M0 -14 V0"),
        ['n'] = (11, "M0 -9 V0 M0 -5 A4 4 0 0 1 8 -5 V0"),
        ['p'] = (12, "M9 -4.5 A4.5 4.5 0 1 0 0 -4.5 A4.5 4.5 0 1 0 9 -4.5 M0 -9 V4.6"),
        ['r'] = (7, "M0 -9 V0 M0 -5 A4.5 4.2 0 0 1 5 -9"),
        ['s'] = (10, "M6.5 -7.4 C5 -9.6 0.5 -9.6 0.5 -6.8 C0.5 -4 7 -5.2 7 -2.3 C7 0.6 1.5 0.6 0 -1.7"),
        ['t'] = (7, "M1.5 -13 V-3 Q1.5 0 4.5 0 M-1 -9 H4.5"),
        ['u'] = (11, "M0 -9 V-4 A4 4 0 0 0 8 -4 M8 -9 V0"),
        ['y'] = (10, "M0 -9 L4.2 0 M8 -9 L4.2 0 Q3 4 -0.2 4.4"),
    };

    /// <summary>Returns a sheet of at least one face, uint8 [48, 48], gray, as a PNG file's bytes.</summary>
    public static byte[] ToPng(IReadOnlyList<(Emotion Emotion, byte[][] Faces)> groups)
    {
        int width = Margin + (Math.Min(Columns, groups.Max(group => group.Faces.Length)) * (CellSize + Margin));
        int height = groups.Sum(group => HeightOf(group.Faces.Length)) + Margin;
        using SKSurface surface = SKSurface.Create(new SKImageInfo(width, height, SKColorType.Bgra8888, SKAlphaType.Opaque));
        surface.Canvas.Clear(SKColors.White);
        int top = 0;
        foreach ((Emotion emotion, byte[][] faces) in groups)
        {
            Write(surface.Canvas, $"{emotion}", Margin + 1, top + CaptionHeight - 2);
            for (int i = 0; i < faces.Length; i++)
            {
                int x = Margin + (i % Columns * (CellSize + Margin));
                int y = top + CaptionHeight + Margin + (i / Columns * (CellSize + Margin));
                using SKImage face = FacePng.Image(faces[i]);
                surface.Canvas.DrawImage(face, SKRect.Create(x, y, CellSize, CellSize));
            }

            top += HeightOf(faces.Length);
        }

        using SKImage sheet = surface.Snapshot();
        return FacePng.Encode(sheet);
    }

    private static int HeightOf(int faces) => CaptionHeight + ((faces + Columns - 1) / Columns * (CellSize + Margin));

    private static void Write(SKCanvas canvas, string caption, float x, float y)
    {
        using var ink = new SKPaint
        {
            Color = new SKColor(0x1B, 0x21, 0x30),
            IsStroke = true,
            StrokeWidth = 1.8f,
            StrokeCap = SKStrokeCap.Round,
            StrokeJoin = SKStrokeJoin.Round,
            IsAntialias = true,
        };
        foreach (char letter in caption)
        {
            (float width, string strokes) = Letters[letter];
            using SKPath path = SKPath.ParseSvgPathData(strokes);
            path.Transform(SKMatrix.CreateTranslation(x, y));
            canvas.DrawPath(path, ink);
            x += width;
        }
    }
}
