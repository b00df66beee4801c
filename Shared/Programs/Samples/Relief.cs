namespace MlNetEmotion.Programs.Samples;

/// <summary>The relief on the head's ellipsoid: nose, brow ridge, eye sockets, cheeks, lips, chin.</summary>
internal sealed class Relief(Expression e, Appearance a)
{
    private const double NoseStep = 0.004;
    private readonly double noseTip = FaceLayout.NoseTipY(e, a);
    private readonly Mound[] mounds =
    [
        new(0.13, -0.2, 0.17, 0.07, 0.03),
        new(0.165, -0.12, 0.13, 0.1, -0.06),
        new(0.19, 0.07 - (0.03 * e.CheekRaise), 0.18, 0.17, 0.038 + (0.012 * e.CheekRaise) + (0.012 * e.LipCornerPull)),
        new(0, 0.27, 0.22, 0.17, 0.036),
        new(0, 0.36, 0.12, 0.045, -0.022),
        new(0, 0.44, 0.14, 0.11, 0.045),
    ];

    /// <summary>The height above the ellipsoid, as a share of the face square's side.</summary>
    public double Height(double x, double y)
    {
        x = Math.Abs(x);
        double height = Nose(x, y);
        foreach (ref readonly var mound in mounds.AsSpan())
        {
            height += mound.Height * Cubic((x - mound.X) / mound.RadiusX, (y - mound.Y) / mound.RadiusY);
        }

        return height;
    }

    /// <summary>The height's derivatives to the right and down.</summary>
    public (double X, double Y) Slope(double x, double y)
    {
        double side = x < 0 ? -1 : 1;
        x *= side;
        double nose = Nose(x, y);
        double slopeX = (Nose(x + NoseStep, y) - nose) / NoseStep;
        double slopeY = (Nose(x, y + NoseStep) - nose) / NoseStep;
        foreach (ref readonly var mound in mounds.AsSpan())
        {
            double dx = (x - mound.X) / mound.RadiusX;
            double dy = (y - mound.Y) / mound.RadiusY;
            double t = Math.Max(0, 1 - (dx * dx) - (dy * dy));
            slopeX -= mound.Height * 6 * t * t * dx / mound.RadiusX;
            slopeY -= mound.Height * 6 * t * t * dy / mound.RadiusY;
        }

        return (side * slopeX, slopeY);
    }

    private double Nose(double x, double y)
    {
        double along = (y + 0.16) / (noseTip + 0.16);
        if (along is <= 0 or >= 1.5 || x > 0.12)
        {
            return 0;
        }

        double rise = along < 1 ? 0.1 * along * Math.Sqrt(along) : 0.1 * Soft.Bell((along - 1) * (along - 1) / 0.05);
        return (rise * Cubic(x / (0.05 + (0.035 * a.NoseWidth * along)), 0))
            + (0.035 * Cubic((x - (0.05 * a.NoseWidth)) / 0.042, (y - noseTip - 0.005) / 0.042));
    }

    private static double Cubic(double x, double y)
    {
        double t = Math.Max(0, 1 - (x * x) - (y * y));
        return t * t * t;
    }

    /// <summary>A cubic bell over an ellipse, whose curvature is continuous, so that its shading is smooth.</summary>
    private readonly record struct Mound(double X, double Y, double RadiusX, double RadiusY, double Height);
}
