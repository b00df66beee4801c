namespace MlNetEmotion.Programs.Samples;

/// <summary>
/// Soft shapes, computed only with operations that IEEE 754 rounds exactly (no sin, exp, pow), so that all platforms draw the same pixels.
/// </summary>
internal static class Soft
{
    /// <summary>Clamps a value to [0, 1].</summary>
    public static double Clamp(double value) => value < 0 ? 0 : value > 1 ? 1 : value;

    /// <summary>Interpolates linearly, from a at 0 to b at 1.</summary>
    public static double Mix(double a, double b, double amount) => a + ((b - a) * amount);

    /// <summary>A smooth step from 0 below the low end to 1 above the high end.</summary>
    public static double Step(double low, double high, double value)
    {
        double t = Clamp((value - low) / (high - low));
        return t * t * (3 - (2 * t));
    }

    /// <summary>A bell of the squared distance: 1 at the centre, smoothly 0 from distance 1 on.</summary>
    public static double Bell(double squaredDistance)
    {
        double t = 1 - squaredDistance;
        return t <= 0 ? 0 : t * t;
    }

    /// <summary>A bell over an ellipse.</summary>
    public static double Bell(double x, double y, double radiusX, double radiusY)
    {
        x /= radiusX;
        y /= radiusY;
        return Bell((x * x) + (y * y));
    }

    /// <summary>The share of a pixel that is inside an edge, by a box filter. Distance and pixel size are in the same unit.</summary>
    public static double Cover(double inside, double pixel) => Clamp((inside / pixel) + 0.5);

    /// <summary>The share of a pixel that is within a line of any width.</summary>
    public static double Line(double distance, double halfWidth, double pixel) =>
        Clamp(((distance + halfWidth) / pixel) + 0.5) - Clamp(((distance - halfWidth) / pixel) + 0.5);

    /// <summary>Sine of a small angle (at most 1 radian), to 1e-6.</summary>
    public static double Sin(double radians)
    {
        double square = radians * radians;
        return radians * (1 - (square / 6 * (1 - (square / 20 * (1 - (square / 42))))));
    }

    /// <summary>Cosine of a small angle.</summary>
    public static double Cos(double radians) => Math.Sqrt(1 - (Sin(radians) * Sin(radians)));

    /// <summary>Smooth noise in [-1, 1] with features of size 1.</summary>
    public static double Noise(double x, double y, int seed)
    {
        double floorX = Math.Floor(x);
        double floorY = Math.Floor(y);
        int left = (int)floorX;
        int top = (int)floorY;
        double tx = Step(0, 1, x - floorX);
        double ty = Step(0, 1, y - floorY);
        return Mix(
            Mix(White(left, top, seed), White(left + 1, top, seed), tx),
            Mix(White(left, top + 1, seed), White(left + 1, top + 1, seed), tx),
            ty);
    }

    /// <summary>White noise in [-1, 1] on an integer grid.</summary>
    public static double White(int x, int y, int seed) => (Hash(x, y, seed) * (2.0 / uint.MaxValue)) - 1;

    private static uint Hash(int x, int y, int seed)
    {
        uint hash = ((uint)x * 0x9E3779B1) ^ ((uint)y * 0x85EBCA77) ^ ((uint)seed * 0xC2B2AE3D);
        hash = (hash ^ (hash >> 15)) * 0x2C1B3C6D;
        hash = (hash ^ (hash >> 12)) * 0x297A2D39;
        return hash ^ (hash >> 15);
    }
}
