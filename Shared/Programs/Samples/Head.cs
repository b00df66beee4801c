namespace MlNetEmotion.Programs.Samples;

/// <summary>A point of the head's surface. Lengths are shares of the face square's side, the origin is the square's centre.</summary>
/// <param name="X">To the right of the middle of the face.</param>
/// <param name="Y">Down.</param>
/// <param name="Z">Towards the viewer of a frontal face.</param>
/// <param name="Inside">Distance from the silhouette, positive inside.</param>
/// <param name="Side">The position around the head: 0 in the middle of the face, 1 at the ear, above 1 behind it.</param>
internal readonly record struct SurfacePoint(double X, double Y, double Z, double Inside, double Side);

/// <summary>The head: a rotated ellipsoid, tapered at the jaw, in orthographic projection.</summary>
internal sealed class Head(Appearance appearance, Pose pose, double jawDrop)
{
    private const double CentreY = -0.03;
    private const double JawTop = 0.1;
    private const double RadiusY = 0.55;
    private const double RadiusZ = 0.42;
    private readonly double jawStretch = 1 + (0.17 * jawDrop);
    private readonly double cosYaw = Soft.Cos(pose.YawRadians);
    private readonly double sinPitch = Soft.Sin(pose.PitchRadians);
    private readonly double cosPitch = Soft.Cos(pose.PitchRadians);

    // A face detector centres its box on eyes, nose and mouth, so most of their shift by the rotation is compensated.
    private readonly double shiftX = 0.85 * Soft.Sin(pose.YawRadians) * RadiusZ;
    private readonly double shiftY = 0.7 * Soft.Sin(pose.PitchRadians) * RadiusZ;

    /// <summary>Half the head's width.</summary>
    public double RadiusX { get; } = 0.375 * appearance.HeadWidth;

    /// <summary>The sine of the yaw, positive to the image's right.</summary>
    public double SinYaw { get; } = Soft.Sin(pose.YawRadians);

    /// <summary>The direction to the camera in the head's coordinates.</summary>
    public (double X, double Y, double Z) View => (-SinYaw, -cosYaw * sinPitch, cosYaw * cosPitch);

    /// <summary>The image's x coordinate of the middle of the back of the head.</summary>
    public double BackX => -shiftX - (0.1 * SinYaw);

    /// <summary>Projects a point on or near the head to the image; the inverse of <see cref="Project"/>, except for the jaw.</summary>
    public (double X, double Y) ToImage(double x, double y, double z)
    {
        y -= CentreY;
        double down = (y * cosPitch) + (z * sinPitch);
        double forward = (z * cosPitch) - (y * sinPitch);
        return ((x * cosYaw) + (forward * SinYaw) - shiftX, down + CentreY - shiftY);
    }

    /// <summary>Rotates a direction from the camera's to the head's coordinates.</summary>
    public (double X, double Y, double Z) ToHead(double x, double y, double z)
    {
        double forward = (x * SinYaw) + (z * cosYaw);
        return ((x * cosYaw) - (z * SinYaw), (y * cosPitch) - (forward * sinPitch), (y * sinPitch) + (forward * cosPitch));
    }

    /// <summary>The point of the head that is visible at a point of the image; outside the silhouette, the nearest point of its rim.</summary>
    public SurfacePoint Project(double x, double y)
    {
        x += shiftX;
        y += shiftY;
        x /= 1 + ((appearance.JawWidth - 0.95) * Soft.Step(-0.05, 0.35, y));
        y = (y > JawTop ? JawTop + ((y - JawTop) / jawStretch) : y) - CentreY;

        var (originX, originY, originZ) = ToHead(x, y, 0);
        var (viewX, viewY, viewZ) = View;
        double ox = originX / RadiusX, oy = originY / RadiusY, oz = originZ / RadiusZ;
        double vx = viewX / RadiusX, vy = viewY / RadiusY, vz = viewZ / RadiusZ;
        double a = (vx * vx) + (vy * vy) + (vz * vz);
        double b = (ox * vx) + (oy * vy) + (oz * vz);
        double closest = (ox * ox) + (oy * oy) + (oz * oz) - (b * b / a);
        double t = Math.Sqrt(Math.Max(0, (1 - closest) / a)) - (b / a);
        double headX = originX + (t * viewX), headY = originY + (t * viewY), headZ = originZ + (t * viewZ);
        double level = Math.Sqrt(Math.Max(0.01, 1 - (headY * headY / (RadiusY * RadiusY))));
        double side = Math.Abs(headX) / (RadiusX * level);
        return new SurfacePoint(headX, headY + CentreY, headZ, (1 - Math.Sqrt(Math.Max(0, closest))) * RadiusX, headZ < 0 ? 2 - side : side);
    }

    /// <summary>The outward normal at a point of the surface.</summary>
    public (double X, double Y, double Z) Normal(SurfacePoint point)
    {
        double x = point.X / (RadiusX * RadiusX);
        double y = (point.Y - CentreY) / (RadiusY * RadiusY);
        double z = point.Z / (RadiusZ * RadiusZ);
        double length = Math.Sqrt((x * x) + (y * y) + (z * z));
        return (x / length, y / length, z / length);
    }
}
