namespace MlNetEmotion.Samples;

/// <summary>Hair on the head and behind it.</summary>
internal sealed class Hair
{
    private readonly double _pixel;
    private readonly HairStyle _style;
    private readonly double _tone;
    private readonly double _radiusX;
    private readonly int _seed;

    public Hair(FaceParameters face, Head head, double pixel)
    {
        _pixel = pixel;
        _style = face.Appearance.Hair;
        _tone = face.Appearance.HairTone;
        _radiusX = head.RadiusX;
        _seed = face.Appearance.TextureSeed;
    }

    /// <summary>How much of the head's surface is covered with hair.</summary>
    public double Cover(SurfacePoint point)
    {
        if (_style == HairStyle.Bald)
        {
            return 0;
        }

        double x = Math.Abs(point.X);
        double wisp = 0.012 * Soft.Noise(point.X * 60, point.Y * 14, _seed);
        double line = _style switch
        {
            HairStyle.Receding => -0.4 - (0.5 * Soft.Bell((x - 0.2) * (x - 0.2) / 0.02) * 0.2),
            HairStyle.Parted => -0.34 - (0.35 * (point.X + 0.12) * (point.X < -0.12 ? 2.5 : -0.55)) ,
            HairStyle.Long => -0.4 + (1.5 * x * x),
            HairStyle.Curly => -0.35 + (0.9 * x * x),
            _ => -0.36 + (0.5 * x * x),
        };
        double side = _style switch
        {
            HairStyle.Long => point.Y < 0.3 ? 0.2 : 0.14,
            HairStyle.Curly => point.Y < 0.05 ? 0.14 : -1,
            _ => point.Y < -0.06 ? 0.12 : -1,
        };
        double top = Soft.Cover(line + wisp - point.Y, _pixel + 0.015);
        double temple = Soft.Cover(side + (2 * wisp) - point.Z, _pixel + 0.02);
        return Math.Max(top, temple);
    }

    /// <summary>How much of the picture is covered with hair behind the head; the point is relative to the head.</summary>
    public double CoverBehind(double x, double y)
    {
        double curl = Soft.Noise(x * 22, y * 22, _seed);
        switch (_style)
        {
            case HairStyle.Bald:
                return 0;
            case HairStyle.Long:
                double down = y > 0 ? 0.16 * y : 0;
                double wide = _radiusX + 0.085 + down + (0.02 * curl);
                double roof = Ellipse(x, y + 0.03, wide, 0.62);
                return Soft.Cover(y < -0.03 ? roof : Math.Min(wide - Math.Abs(x), 0.75 - y), _pixel + 0.01);
            case HairStyle.Curly:
                return Soft.Cover(Ellipse(x, y + 0.2, _radiusX + 0.17, 0.56) + (0.035 * curl), _pixel + 0.02);
            default:
                double volume = _style == HairStyle.Receding ? 0.012 : 0.03;
                return Soft.Cover(y > 0.02 ? -1 : Ellipse(x, y + 0.03, _radiusX + volume, 0.555 + (2 * volume)) + (0.006 * curl), _pixel + 0.01);
        }
    }

    /// <summary>Reflectance of the hair at a point.</summary>
    public double Tone(double x, double y)
    {
        double strands = _style == HairStyle.Curly
            ? Soft.Noise(x * 34, y * 34, _seed)
            : Soft.Noise((x * 46) + (6 * y), (y * 9) - (5 * x), _seed) + (0.5 * Soft.Noise(x * 110, y * 12, _seed + 1));
        return Soft.Clamp(_tone * (1 + (0.3 * strands)) + 0.01);
    }

    private static double Ellipse(double x, double y, double radiusX, double radiusY)
    {
        x /= radiusX;
        y /= radiusY;
        return (1 - Math.Sqrt((x * x) + (y * y))) * radiusX;
    }
}
