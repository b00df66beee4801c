using MlNetEmotion.Imaging;
using MlNetEmotion.Native.OpenCv;

namespace MlNetEmotion.Trainer.Reports;

/// <summary>
/// Draws faces in a grid, under captions. Faces stand at twice their size, 12 a row, with a margin around each; a
/// group's caption stands in a band above its rows.
/// </summary>
internal static class ContactSheet
{
    /// <summary>Width and height of a face on the sheet, in pixels.</summary>
    internal const int CellSize = Scale * FacePreprocessor.Size;

    /// <summary>Pixels between faces, and between faces and the sheet's edge.</summary>
    internal const int Margin = 8;

    /// <summary>Height of the band that a caption stands in, above the margin of its first row.</summary>
    internal const int CaptionHeight = 28;

    /// <summary>Faces a row, at most.</summary>
    internal const int Columns = 12;

    private const int Scale = 2;
    private const byte Paper = 255;

    /// <summary>Draws a sheet.</summary>
    /// <param name="groups">Captions (ASCII) and their faces, uint8 [48, 48], gray; at least one face in all.</param>
    /// <returns>A PNG file's bytes.</returns>
    public static byte[] ToPng(IReadOnlyList<(string Caption, byte[][] Faces)> groups)
    {
        int width = Margin + (Math.Min(Columns, groups.Max(group => group.Faces.Length)) * (CellSize + Margin));
        int height = groups.Sum(group => HeightOf(group.Faces.Length)) + Margin;
        var canvas = new byte[width * height];
        Array.Fill(canvas, Paper);
        int top = 0;
        foreach ((_, byte[][] faces) in groups)
        {
            for (int i = 0; i < faces.Length; i++)
            {
                int x = Margin + (i % Columns * (CellSize + Margin));
                int y = top + CaptionHeight + Margin + (i / Columns * (CellSize + Margin));
                Enlarge(faces[i], canvas.AsSpan((y * width) + x), width);
            }

            top += HeightOf(faces.Length);
        }

        using Mat gray = Mat.FromPixels(new ImageView(canvas, width, height, PixelFormat.Gray8));
        using var sheet = new Mat();
        gray.CvtColorTo(sheet, ColorConversion.GrayToBgr);
        WriteCaptions(sheet, groups);
        return sheet.Encode(".png");
    }

    private static int HeightOf(int faces) => CaptionHeight + ((faces + Columns - 1) / Columns * (CellSize + Margin));

    private static void Enlarge(ReadOnlySpan<byte> face, Span<byte> target, int stride)
    {
        for (int y = 0; y < CellSize; y++)
        {
            for (int x = 0; x < CellSize; x++)
            {
                target[(y * stride) + x] = face[(y / Scale * FacePreprocessor.Size) + (x / Scale)];
            }
        }
    }

    private static void WriteCaptions(Mat sheet, IReadOnlyList<(string Caption, byte[][] Faces)> groups)
    {
        int top = 0;
        foreach ((string caption, byte[][] faces) in groups)
        {
            Drawing.PutText(sheet, caption, Margin, top + CaptionHeight - 2, scale: 0.7, rgb: 0x1B2130);
            top += HeightOf(faces.Length);
        }
    }
}
