using SkiaSharp;

namespace MlNetEmotion.Trainer.Reports;

/// <summary>Draws faces in a grid, at twice their size, 12 per row with a margin around each, and a wider space above each group.</summary>
internal static class ContactSheet
{
    private const int CellSize = 2 * FacePreprocessor.Size;
    private const int Margin = 8;
    private const int GroupSpace = 28;
    private const int Columns = 12;

    /// <summary>Returns a sheet of at least one face, uint8 [48, 48], gray, as a PNG file's bytes.</summary>
    public static byte[] ToPng(IReadOnlyList<byte[][]> groups)
    {
        int width = Margin + (Math.Min(Columns, groups.Max(faces => faces.Length)) * (CellSize + Margin));
        int height = groups.Sum(faces => HeightOf(faces.Length)) + Margin;
        using SKSurface surface = SKSurface.Create(new SKImageInfo(width, height, SKColorType.Bgra8888, SKAlphaType.Opaque));
        surface.Canvas.Clear(SKColors.White);
        int top = GroupSpace + Margin;
        foreach (byte[][] faces in groups)
        {
            for (int i = 0; i < faces.Length; i++)
            {
                int x = Margin + (i % Columns * (CellSize + Margin));
                int y = top + (i / Columns * (CellSize + Margin));
                using SKImage face = FacePng.Image(faces[i]);
                surface.Canvas.DrawImage(face, SKRect.Create(x, y, CellSize, CellSize));
            }

            top += HeightOf(faces.Length);
        }

        using SKImage sheet = surface.Snapshot();
        return FacePng.Encode(sheet);
    }

    private static int HeightOf(int faces) => GroupSpace + ((faces + Columns - 1) / Columns * (CellSize + Margin));
}
