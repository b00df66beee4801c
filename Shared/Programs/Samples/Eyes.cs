namespace MlNetEmotion.Programs.Samples;

/// <summary>Both eyes: lids, white, iris, pupil and the reflected light.</summary>
internal sealed class Eyes(Expression e, Appearance a, double pixel)
{
    private readonly double centreX = FaceLayout.EyeX(a);
    private readonly double halfWidth = 0.088 * a.EyeSize;
    private readonly double lower = LowerLid(e, a);
    private readonly double upper = Soft.Mix(UpperLid(e, a), -0.8 * LowerLid(e, a), e.EyesClosed);
    private readonly double tilt = 0.007 * a.EyeTilt;
    private readonly double irisRadius = 0.037 * Math.Sqrt(a.EyeSize);
    private readonly double gazeX = 0.028 * e.GazeX;
    private readonly double gazeY = (0.014 * e.GazeY) - 0.004;
    private readonly double creaseHeight = 0.022 * (1 - (0.6 * e.BrowLower));

    public double Paint(double reflectance, double x, double y)
    {
        double side = x < 0 ? -1 : 1;
        double offset = (side * x) - centreX;
        double along = offset / halfWidth;
        double down = y - FaceLayout.EyeY + (tilt * along);
        double arch = 1 - (along * along);
        if (arch < -0.5 || Math.Abs(down) > 0.12)
        {
            return reflectance;
        }

        double upperLid = -upper * arch * (1 - (0.12 * along));
        double lowerLid = lower * arch * (1 + (0.2 * along));
        double slope = 2 * along / halfWidth;
        double upperScale = 1 / Math.Sqrt(1 + (upper * upper * slope * slope));
        double lowerScale = 1 / Math.Sqrt(1 + (lower * lower * slope * slope));

        double lashes = Soft.Step(-0.35, 0.1, arch);
        double crease = Soft.Line((down - (upperLid - creaseHeight)) * upperScale, 0.004, 0.012 + pixel) * Soft.Step(0, 0.4, arch);
        reflectance *= 1 - (0.5 * crease);
        double inside = Math.Min((down - upperLid) * upperScale, (lowerLid - down) * lowerScale);
        reflectance = Soft.Mix(reflectance, Ball(side, offset, down, (down - upperLid) * upperScale), Soft.Cover(inside, pixel));
        double upperLash = Soft.Line((down - upperLid + 0.003) * upperScale, 0.006, pixel + 0.004);
        double lowerLash = Soft.Line((down - lowerLid) * lowerScale, 0.004, pixel + 0.006);
        return reflectance * (1 - (0.85 * upperLash * lashes)) * (1 - (0.35 * lowerLash * lashes));
    }

    /// <summary>The eyeball's reflectance without the lids.</summary>
    private double Ball(double side, double offset, double down, double belowLid)
    {
        double irisX = offset - (side * gazeX);
        double irisY = down - gazeY;
        double distance = Math.Sqrt((irisX * irisX) + (irisY * irisY));
        double white = 0.72 * (1 - (0.35 * offset * offset / (halfWidth * halfWidth)));
        double ball = Soft.Mix(white, a.IrisTone, Soft.Cover(irisRadius - distance, pixel));
        ball = Soft.Mix(ball, 0.02, Soft.Cover((0.45 * irisRadius) - distance, pixel));
        ball *= 1 - (0.5 * (1 - Soft.Step(0, 0.022, belowLid)));
        double glintX = (side * irisX) + (0.35 * irisRadius);
        double glintY = irisY + (0.35 * irisRadius);
        double glint = Soft.Cover(0.008 - Math.Sqrt((glintX * glintX) + (glintY * glintY)), pixel);
        return Soft.Mix(ball, 1, 0.9 * glint);
    }

    private static double UpperLid(Expression e, Appearance a) => 0.036 * a.EyeSize * Math.Max(0.1, 1 - (0.45 * e.LidTighten) - (0.4 * e.CheekRaise)
        - (0.2 * e.BrowLower) - (0.2 * e.NoseWrinkle) + (0.75 * e.UpperLidRaise));

    private static double LowerLid(Expression e, Appearance a) =>
        0.021 * a.EyeSize * (1 - (0.55 * e.CheekRaise) - (0.35 * e.LidTighten) + (0.25 * e.UpperLidRaise));
}

/// <summary>Both brows: arcs, thick at the inner end and thin at the outer end.</summary>
internal sealed class Brows(Expression e, Appearance a, double pixel)
{
    private readonly double inner = FaceLayout.EyeX(a) - 0.1 - (0.022 * e.BrowLower) - (0.01 * e.NoseWrinkle);
    private readonly double outer = FaceLayout.EyeX(a) + 0.105 - (0.008 * e.BrowLower);
    private readonly double innerY = Rest(a) + 0.01 - (0.066 * e.InnerBrowRaise) + (e.BrowLower * (0.056 - (0.03 * e.InnerBrowRaise)))
        + (0.016 * e.NoseWrinkle);
    private readonly double controlY = Rest(a) - 0.028 - (0.025 * e.InnerBrowRaise) - (0.06 * e.OuterBrowRaise) + (0.04 * e.BrowLower)
        + (0.02 * e.NoseWrinkle);
    private readonly double outerY = Rest(a) + 0.02 - (0.045 * e.OuterBrowRaise) + (0.012 * e.InnerBrowRaise) - (0.012 * e.BrowLower)
        + (0.012 * e.InnerBrowRaise * (1 - e.OuterBrowRaise));
    private readonly double tone = Math.Min(a.HairTone * 0.8, a.SkinTone * 0.5);

    public double Paint(double reflectance, double x, double y)
    {
        double along = (Math.Abs(x) - inner) / (outer - inner);
        if (along is < -0.2 or > 1.2 || y > FaceLayout.EyeY + 0.05 || y < -0.4)
        {
            return reflectance;
        }

        double t = Soft.Clamp(along);
        double middle = (innerY * (1 - t) * (1 - t)) + (2 * controlY * t * (1 - t)) + (outerY * t * t);
        double thickness = 0.018 * a.BrowThickness * (1 - (0.65 * t * t)) * Soft.Step(-0.12, 0.12, along);
        double ends = Soft.Step(-0.12, 0.06, along) * (1 - Soft.Step(0.9, 1.1, along));
        double hairs = 0.82 + (0.18 * Soft.Noise(x * 110, (y - (x * 0.3)) * 60, a.TextureSeed));
        double cover = Soft.Line(y - middle, thickness, pixel + 0.008) * ends * hairs;
        return Soft.Mix(reflectance, tone, 0.92 * cover);
    }

    private static double Rest(Appearance a) => FaceLayout.BrowY - (0.012 * a.BrowHeight);
}

/// <summary>Glasses: two rounded rims, a bridge, and the arms.</summary>
internal sealed class Glasses(Appearance a, double pixel)
{
    private const double RimHalfWidth = 0.007;
    private readonly double eyeX = FaceLayout.EyeX(a);

    public double Paint(double light, double x, double y)
    {
        x = Math.Abs(x);
        double down = y - FaceLayout.EyeY - 0.012;
        if (a.Glasses <= 0 || Math.Abs(down) > 0.13)
        {
            return light;
        }

        double outsideX = Math.Max(0, Math.Abs(x - eyeX) - 0.055);
        double outsideY = Math.Max(0, Math.Abs(down) - 0.03);
        double rim = Math.Sqrt((outsideX * outsideX) + (outsideY * outsideY)) - 0.052;
        double frame = Soft.Line(rim, RimHalfWidth, pixel + 0.002);
        double bridge = Soft.Line(down + 0.025 + (2 * x * x), RimHalfWidth, pixel + 0.002) * (x < eyeX - 0.1 ? 1 : 0);
        double arm = Soft.Line(down + 0.02, RimHalfWidth, pixel + 0.002) * (x > eyeX + 0.1 ? 1 : 0);
        return light * (1 - (0.9 * a.Glasses * Math.Max(frame, Math.Max(bridge, arm))));
    }
}
