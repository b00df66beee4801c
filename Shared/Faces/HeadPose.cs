namespace MlNetEmotion;

/// <summary>
/// A head's approximate rotation in degrees; all are 0 if it faces the camera upright. It is the rotation of a mean face whose five points, seen without
/// perspective, fit the landmarks best. A person whose nose or face is longer than the mean appears turned by some degrees; docs/detector.md has the errors.
/// </summary>
/// <param name="Yaw">The nose's direction in (-90, 90), positive to the image's right.</param>
/// <param name="Pitch">The nose's direction, positive upwards.</param>
/// <param name="Roll">The head's lean in the image, positive clockwise.</param>
public readonly record struct HeadPose(double Yaw, double Pitch, double Roll)
{
    // Centimetres: x to the image's right, y down, z away from the camera. Distances between the points are those of MediaPipe's canonical face
    // (Apache 2.0), with pupils between the eyes' corners; the height of the nose is that of frontal photographs.
    private static readonly (double X, double Y, double Z)[] Mean = Centred([(-3.15, -2.62, -3.6), (3.15, -2.62, -3.6), (0, 1.5, -7.48), (-2.456, 4.34, -4.28), (2.456, 4.34, -4.28)]);

    private static readonly double XX = Mean.Sum(static point => point.X * point.X);
    private static readonly double YY = Mean.Sum(static point => point.Y * point.Y);
    private static readonly double ZZ = Mean.Sum(static point => point.Z * point.Z);
    private static readonly double YZ = Mean.Sum(static point => point.Y * point.Z);

    /// <summary>Estimates the pose from a face's landmarks.</summary>
    /// <returns>The pose; null if the landmarks lie on a line or are not finite.</returns>
    public static HeadPose? Of(FaceLandmarks landmarks)
    {
        (double a1, double b1, double c1) = Fit(landmarks.RightEye.X, landmarks.LeftEye.X, landmarks.Nose.X, landmarks.RightMouthCorner.X, landmarks.LeftMouthCorner.X);
        (double a2, double b2, double c2) = Fit(landmarks.RightEye.Y, landmarks.LeftEye.Y, landmarks.Nose.Y, landmarks.RightMouthCorner.Y, landmarks.LeftMouthCorner.Y);

        // The rows of the affine map become orthonormal by the inverse square root of the matrix (p q; q r) of their products.
        (double p, double q, double r) = ((a1 * a1) + (b1 * b1) + (c1 * c1), (a1 * a2) + (b1 * b2) + (c1 * c2), (a2 * a2) + (b2 * b2) + (c2 * c2));
        double root = Math.Sqrt((p * r) - (q * q));
        double scale = root * Math.Sqrt(p + r + (2 * root));
        if (!(scale > 1e-9))
        {
            return null;
        }

        (double x1, double y1, double z1) = Row(r + root, -q);
        (double x2, double y2, double z2) = Row(-q, p + root);
        (double x3, double y3, double z3) = ((y1 * z2) - (z1 * y2), (z1 * x2) - (x1 * z2), (x1 * y2) - (y1 * x2));
        return new HeadPose(Degrees(Math.Asin(Math.Clamp(x3, -1, 1))), Degrees(-Math.Atan2(y3, z3)), Degrees(Math.Atan2(x2, x1)));

        (double X, double Y, double Z) Row(double first, double second) =>
            (((first * a1) + (second * a2)) / scale, ((first * b1) + (second * b2)) / scale, ((first * c1) + (second * c2)) / scale);
    }

    // The row of the affine map from the mean face to one coordinate of its five points, by least squares. The mean face is symmetric, so that only the
    // equations of y and z depend on each other.
    private static (double A, double B, double C) Fit(params ReadOnlySpan<float> values)
    {
        (double x, double y, double z) = (0, 0, 0);
        for (int i = 0; i < values.Length; i++)
        {
            (x, y, z) = (x + (values[i] * Mean[i].X), y + (values[i] * Mean[i].Y), z + (values[i] * Mean[i].Z));
        }

        double determinant = (YY * ZZ) - (YZ * YZ);
        return (x / XX, ((ZZ * y) - (YZ * z)) / determinant, ((YY * z) - (YZ * y)) / determinant);
    }

    private static (double X, double Y, double Z)[] Centred((double X, double Y, double Z)[] points)
    {
        (double x, double y, double z) = (points.Average(static point => point.X), points.Average(static point => point.Y), points.Average(static point => point.Z));
        return [.. points.Select(point => (point.X - x, point.Y - y, point.Z - z))];
    }

    private static double Degrees(double radians) => radians * 180 / Math.PI;
}
