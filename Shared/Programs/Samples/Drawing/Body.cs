namespace MlNetEmotion.Programs.Samples.Drawing;

/// <summary>What is not the face: neck, clothes, ears, and the hair behind them, in upright picture coordinates.</summary>
internal sealed class Body
{
    private readonly Head head;
    private readonly Hair hair;
    private readonly double pixel;
    private readonly double skin;
    private readonly double shirt;
    private readonly double lightX;
    private readonly bool earsCovered;

    public Body(FaceParameters face, Head head, Hair hair, double pixel)
    {
        this.head = head;
        this.hair = hair;
        this.pixel = pixel;
        skin = face.Appearance.SkinTone;
        shirt = 0.08 + (0.7 * Math.Abs(Soft.White(1, 2, face.Appearance.TextureSeed)));
        lightX = 0.15 * face.Photograph.LightX;
        earsCovered = face.Appearance.Hair == HairStyle.Long;
    }

    /// <summary>Paints what the head hides.</summary>
    public double Paint(double brightness, double x, double y)
    {
        x -= this.head.BackX;
        double shade = 0.8 + (lightX * x);
        brightness = Soft.Mix(brightness, this.hair.Tone(x, y) * 0.75 * shade, this.hair.CoverBehind(x, y));

        // The head's shadow lies on the throat.
        double neck = Soft.Cover(Math.Min(0.235 + (0.6 * Math.Max(0, y - 0.54)) - Math.Abs(x), y - 0.2), this.pixel);
        brightness = Soft.Mix(brightness, skin * shade * Soft.Mix(0.5, 0.8, Soft.Step(0.45, 0.8, y)), neck);
        double collar = 0.64 + (0.13 * Soft.Bell(x * x / 0.09)) + (0.3 * x * x);
        return Soft.Mix(brightness, shirt * shade, Soft.Cover(y - collar, this.pixel));
    }

    /// <summary>Paints the ears; the one turned to the camera lies over the head's side, the other shrinks behind it.</summary>
    public double PaintEars(double brightness, double x, double y)
    {
        if (earsCovered || Math.Abs(y) > 0.2)
        {
            return brightness;
        }

        for (int side = -1; side <= 1; side += 2)
        {
            double radius = 0.032 - (0.08 * side * this.head.SinYaw);
            if (radius < 0.01)
            {
                continue;
            }

            var (earX, earY) = this.head.ToPicture(side * (this.head.RadiusX + 0.012), -0.01, -0.03);
            double dx = (x - earX) / radius;
            double dy = (y - earY) / 0.105;
            double distance = Math.Sqrt((dx * dx) + (dy * dy));
            double shell = 0.62 + (0.2 * Soft.Step(0.4, 0.8, distance)) + (lightX * side);
            brightness = Soft.Mix(brightness, skin * shell, Soft.Cover((1 - distance) * radius, this.pixel));
        }

        return brightness;
    }
}
