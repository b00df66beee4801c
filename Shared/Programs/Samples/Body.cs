namespace MlNetEmotion.Programs.Samples;

/// <summary>Neck, clothes, ears and the hair behind them, in upright image coordinates.</summary>
internal sealed class Body(FaceParameters face, Head head, Hair hair, double pixel)
{
    private readonly double skin = face.Appearance.SkinTone;
    private readonly double shirt = 0.08 + (0.7 * Math.Abs(Soft.White(1, 2, face.Appearance.TextureSeed)));
    private readonly double lightX = 0.15 * face.Photograph.LightX;
    private readonly bool earsCovered = face.Appearance.Hair == HairStyle.Long;

    /// <summary>Paints the parts behind the head.</summary>
    public double Paint(double brightness, double x, double y)
    {
        x -= head.BackX;
        double shade = 0.8 + (lightX * x);
        brightness = Soft.Mix(brightness, hair.Tone(x, y) * 0.75 * shade, hair.CoverBehind(x, y));

        // The head casts a shadow on the throat.
        double neck = Soft.Cover(Math.Min(0.235 + (0.6 * Math.Max(0, y - 0.54)) - Math.Abs(x), y - 0.2), pixel);
        brightness = Soft.Mix(brightness, skin * shade * Soft.Mix(0.5, 0.8, Soft.Step(0.45, 0.8, y)), neck);
        double collar = 0.64 + (0.13 * Soft.Bell(x * x / 0.09)) + (0.3 * x * x);
        return Soft.Mix(brightness, shirt * shade, Soft.Cover(y - collar, pixel));
    }

    /// <summary>Paints the ears: the one turned to the camera in front of the head's side, the other smaller behind it.</summary>
    public double PaintEars(double brightness, double x, double y)
    {
        if (earsCovered || Math.Abs(y) > 0.2)
        {
            return brightness;
        }

        for (int side = -1; side <= 1; side += 2)
        {
            double radius = 0.032 - (0.08 * side * head.SinYaw);
            if (radius < 0.01)
            {
                continue;
            }

            var (earX, earY) = head.ToImage(side * (head.RadiusX + 0.012), -0.01, -0.03);
            double dx = (x - earX) / radius;
            double dy = (y - earY) / 0.105;
            double distance = Math.Sqrt((dx * dx) + (dy * dy));
            double shell = 0.62 + (0.2 * Soft.Step(0.4, 0.8, distance)) + (lightX * side);
            brightness = Soft.Mix(brightness, skin * shell, Soft.Cover((1 - distance) * radius, pixel));
        }

        return brightness;
    }
}
