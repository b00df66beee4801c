namespace MlNetEmotion.Programs.Samples;

/// <summary>Hair on the head and behind it.</summary>
internal sealed class Hair(Appearance a, Head head, double pixel)
{
    /// <summary>The hair's coverage of a point on the head's surface, in [0, 1].</summary>
    public double Cover(SurfacePoint point)
    {
        double edge = a.Hair == HairStyle.Long ? 0.86 + (0.1 * Soft.Step(0.05, 0.35, point.Y)) : 0.9;
        if (a.Hair == HairStyle.Bald || (point.Y > -0.25 && point.Side < edge - 0.1))
        {
            return 0;
        }

        double x = Math.Abs(point.X);
        double wisp = 0.008 * Soft.Noise(point.X * 60, point.Y * 14, a.TextureSeed);
        double line = a.Hair switch
        {
            HairStyle.Receding => -0.46 - (0.07 * Soft.Bell((x - 0.17) * (x - 0.17) / 0.01)),
            HairStyle.Parted => point.X < -0.13 ? -0.43 - (0.9 * (point.X + 0.13)) : -0.43 + (0.45 * (point.X + 0.13)),
            HairStyle.Long => -0.44 + (1.6 * x * x),
            HairStyle.Curly => -0.38 + (0.8 * x * x),
            HairStyle.Tied => -0.42 + (0.5 * x * x),
            _ => -0.41 - (0.035 * Soft.Bell((x - 0.2) * (x - 0.2) / 0.008)),
        };
        double top = Soft.Cover(line + wisp - point.Y, pixel + 0.025);
        double burns = a.Hair switch
        {
            HairStyle.Long => 1,
            HairStyle.Tied => 1 - Soft.Step(-0.25, -0.1, point.Y),
            HairStyle.Curly => 1 - Soft.Step(0.02, 0.1, point.Y),
            _ => 1 - Soft.Step(-0.08, 0.04, point.Y),
        };
        return Math.Max(top, burns * Soft.Cover(point.Side - edge + (2 * wisp), pixel + 0.05));
    }

    /// <summary>The coverage by hair behind the head, in [0, 1], at a point of the image relative to the head.</summary>
    public double CoverBehind(double x, double y)
    {
        double curl = Soft.Noise(x * 22, y * 22, a.TextureSeed);
        switch (a.Hair)
        {
            case HairStyle.Bald:
                return 0;
            case HairStyle.Long:
                double down = y > 0 ? 0.16 * y : 0;
                double wide = head.RadiusX + 0.085 + down + (0.02 * curl);
                double roof = Ellipse(x, y + 0.03, wide, 0.62);
                return Soft.Cover(y < -0.03 ? roof : Math.Min(wide - Math.Abs(x), 0.75 - y), pixel + 0.01);
            case HairStyle.Curly:
                return Soft.Cover(Ellipse(x, y + 0.2, head.RadiusX + 0.17, 0.56) + (0.035 * curl), pixel + 0.02);
            default:
                double volume = (a.Hair == HairStyle.Short ? 0.03 : 0.015) * (1 - Soft.Step(-0.2, 0.02, y));
                double crop = Ellipse(x, y + 0.03, head.RadiusX + volume, 0.555 + (2 * volume)) + (0.006 * curl);
                return y > 0.02 ? 0 : Soft.Cover(crop, pixel + 0.01);
        }
    }

    /// <summary>The hair's reflectance at a point.</summary>
    public double Tone(double x, double y)
    {
        double strands = a.Hair == HairStyle.Curly
            ? Soft.Noise(x * 34, y * 34, a.TextureSeed)
            : Soft.Noise((x * 46) + (6 * y), (y * 9) - (5 * x), a.TextureSeed) + (0.5 * Soft.Noise(x * 110, y * 12, a.TextureSeed + 1));
        return Soft.Clamp(a.HairTone * (1 + (0.3 * strands)) + 0.01);
    }

    private static double Ellipse(double x, double y, double radiusX, double radiusY)
    {
        x /= radiusX;
        y /= radiusY;
        return (1 - Math.Sqrt((x * x) + (y * y))) * radiusX;
    }
}
