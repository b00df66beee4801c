namespace MlNetEmotion.Samples.Drawing;

/// <summary>What is not the face: neck, clothes, ears, and the hair behind them, in upright picture coordinates.</summary>
internal sealed class Body
{
    private readonly Head _head;
    private readonly Hair _hair;
    private readonly double _pixel;
    private readonly double _skin;
    private readonly double _shirt;
    private readonly double _lightX;
    private readonly bool _earsCovered;

    public Body(FaceParameters face, Head head, Hair hair, double pixel)
    {
        _head = head;
        _hair = hair;
        _pixel = pixel;
        _skin = face.Appearance.SkinTone;
        _shirt = 0.08 + (0.7 * Math.Abs(Soft.White(1, 2, face.Appearance.TextureSeed)));
        _lightX = 0.15 * face.Photograph.LightX;
        _earsCovered = face.Appearance.Hair == HairStyle.Long;
    }

    /// <summary>Paints what the head hides.</summary>
    public double Paint(double brightness, double x, double y)
    {
        x -= _head.BackX;
        double shade = 0.8 + (_lightX * x);
        brightness = Soft.Mix(brightness, _hair.Tone(x, y) * 0.75 * shade, _hair.CoverBehind(x, y));

        // The head's shadow lies on the throat.
        double neck = Soft.Cover(Math.Min(0.235 + (0.6 * Math.Max(0, y - 0.54)) - Math.Abs(x), y - 0.2), _pixel);
        brightness = Soft.Mix(brightness, _skin * shade * Soft.Mix(0.5, 0.8, Soft.Step(0.45, 0.8, y)), neck);
        double collar = 0.64 + (0.13 * Soft.Bell(x * x / 0.09)) + (0.3 * x * x);
        return Soft.Mix(brightness, _shirt * shade, Soft.Cover(y - collar, _pixel));
    }

    /// <summary>Paints the ears; the one turned to the camera lies over the head's side, the other shrinks behind it.</summary>
    public double PaintEars(double brightness, double x, double y)
    {
        if (_earsCovered || Math.Abs(y) > 0.2)
        {
            return brightness;
        }

        for (int side = -1; side <= 1; side += 2)
        {
            double radius = 0.032 - (0.08 * side * _head.SinYaw);
            if (radius < 0.01)
            {
                continue;
            }

            var (earX, earY) = _head.ToPicture(side * (_head.RadiusX + 0.012), -0.01, -0.03);
            double dx = (x - earX) / radius;
            double dy = (y - earY) / 0.105;
            double distance = Math.Sqrt((dx * dx) + (dy * dy));
            double shell = 0.62 + (0.2 * Soft.Step(0.4, 0.8, distance)) + (_lightX * side);
            brightness = Soft.Mix(brightness, _skin * shell, Soft.Cover((1 - distance) * radius, _pixel));
        }

        return brightness;
    }
}
