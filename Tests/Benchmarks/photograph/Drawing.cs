using MlNetEmotion.Trainer.Reports;
using SkiaSharp;

namespace MlNetEmotion.Benchmarks;

/// <summary>Draws on faces. The origin is the middle of the eyes, the unit their distance, the x axis the line through them.</summary>
internal static class Drawing
{
    private static readonly SKColor Dark = new(25, 25, 25);

    public static byte[] On(ReadOnlySpan<byte> face, FaceLandmarks points, Action<SKCanvas, SKPoint, SKPoint> draw)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(48, 48, SKColorType.Bgra8888, SKAlphaType.Opaque));
        using (var canvas = new SKCanvas(bitmap))
        {
            using SKImage image = FacePng.Image(face);
            canvas.DrawImage(image, 0, 0);
            var eyes = (points.LeftEye + points.RightEye) / 2;
            float unit = (points.LeftEye - points.RightEye).Length();
            canvas.Translate(eyes.X, eyes.Y);
            canvas.RotateRadians((float)points.TiltRadians);
            canvas.Scale(unit);
            var back = SKMatrix.CreateRotation(-(float)points.TiltRadians).PostConcat(SKMatrix.CreateScale(1 / unit, 1 / unit));
            var (nose, mouth) = (points.Nose - eyes, ((points.RightMouthCorner + points.LeftMouthCorner) / 2) - eyes);
            draw(canvas, back.MapPoint(nose.X, nose.Y), back.MapPoint(mouth.X, mouth.Y));
        }

        return [.. bitmap.Pixels.Select(pixel => pixel.Red)];
    }

    public static void Glasses(SKCanvas canvas, SKPoint nose, SKPoint mouth) => DrawGlasses(canvas, SKPaintStyle.Stroke);

    public static void DarkGlasses(SKCanvas canvas, SKPoint nose, SKPoint mouth) => DrawGlasses(canvas, SKPaintStyle.StrokeAndFill);

    /// <summary>A light mask with two folds from the bridge of the nose to the chin, and its bands.</summary>
    public static void Mask(SKCanvas canvas, SKPoint nose, SKPoint mouth)
    {
        using var paint = new SKPaint { IsAntialias = true, Color = new SKColor(205, 205, 205), StrokeWidth = 0.05f };
        float top = Math.Min(nose.Y - 0.2f, 0.55f * mouth.Y);
        (float left, float right, float chin) = (mouth.X - 0.85f, mouth.X + 0.85f, mouth.Y + 0.75f);
        using var path = new SKPath();
        path.MoveTo(left, nose.Y - 0.05f);
        path.QuadTo(nose.X - 0.35f, top + 0.02f, nose.X, top);
        path.QuadTo(nose.X + 0.35f, top + 0.02f, right, nose.Y - 0.05f);
        path.QuadTo(right - 0.02f, mouth.Y + 0.3f, mouth.X + 0.4f, chin);
        path.QuadTo(mouth.X, chin + 0.12f, mouth.X - 0.4f, chin);
        path.QuadTo(left + 0.02f, mouth.Y + 0.3f, left, nose.Y - 0.05f);
        canvas.DrawPath(path, paint);
        canvas.DrawLine(left, nose.Y, left - 0.6f, nose.Y - 0.35f, paint);
        canvas.DrawLine(right, nose.Y, right + 0.6f, nose.Y - 0.35f, paint);
        paint.Color = new SKColor(165, 165, 165);
        canvas.DrawLine(left + 0.1f, mouth.Y - 0.1f, right - 0.1f, mouth.Y - 0.1f, paint);
        canvas.DrawLine(left + 0.2f, mouth.Y + 0.25f, right - 0.2f, mouth.Y + 0.25f, paint);
    }

    private static void DrawGlasses(SKCanvas canvas, SKPaintStyle style)
    {
        using var paint = new SKPaint { IsAntialias = true, Style = style, Color = Dark, StrokeWidth = 0.07f };
        foreach (int side in new[] { -1, 1 })
        {
            canvas.DrawRoundRect(SKRect.Create((side * 0.5f) - 0.37f, -0.22f, 0.74f, 0.54f), 0.2f, 0.2f, paint);
            canvas.DrawLine(side * 0.87f, -0.05f, side * 1.4f, -0.1f, paint);
        }

        canvas.DrawLine(-0.13f, -0.02f, 0.13f, -0.02f, paint);
    }
}
