namespace MlNetEmotion.Programs.Samples.Drawing;

/// <summary>Both eyes: lids, white, iris, pupil and the light's reflection in it.</summary>
internal sealed class Eyes
{
    private readonly double pixel;
    private readonly double centreX;
    private readonly double halfWidth;
    private readonly double upper;
    private readonly double lower;
    private readonly double tilt;
    private readonly double irisRadius;
    private readonly double irisTone;
    private readonly double gazeX;
    private readonly double gazeY;
    private readonly double crease;

    public Eyes(FaceParameters face, double pixel)
    {
        var (expression, appearance) = (face.Expression, face.Appearance);
        this.pixel = pixel;
        centreX = FaceLayout.EyeX(face);
        halfWidth = 0.088 * appearance.EyeSize;
        double open = 1 - (0.45 * expression.LidTighten) - (0.4 * expression.CheekRaise) - (0.2 * expression.BrowLower)
            - (0.2 * expression.NoseWrinkle) + (0.75 * expression.UpperLidRaise);
        double upper = 0.036 * appearance.EyeSize * Math.Max(0.1, open);
        lower = 0.021 * appearance.EyeSize * (1 - (0.55 * expression.CheekRaise) - (0.35 * expression.LidTighten)
            + (0.25 * expression.UpperLidRaise));
        this.upper = Soft.Mix(upper, -0.8 * lower, expression.EyesClosed);
        tilt = 0.007 * appearance.EyeTilt;
        irisRadius = 0.037 * Math.Sqrt(appearance.EyeSize);
        irisTone = appearance.IrisTone;
        gazeX = 0.028 * expression.GazeX;
        gazeY = (0.014 * expression.GazeY) - 0.004;
        this.crease = 0.022 * (1 - (0.6 * expression.BrowLower));
    }

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

        double upperLid = -this.upper * arch * (1 - (0.12 * along));
        double lowerLid = lower * arch * (1 + (0.2 * along));
        double slope = 2 * along / halfWidth;
        double upperScale = 1 / Math.Sqrt(1 + (this.upper * this.upper * slope * slope));
        double lowerScale = 1 / Math.Sqrt(1 + (lower * lower * slope * slope));

        double lashes = Soft.Step(-0.35, 0.1, arch);
        double crease = Soft.Line((down - (upperLid - this.crease)) * upperScale, 0.004, 0.012 + this.pixel) * Soft.Step(0, 0.4, arch);
        reflectance *= 1 - (0.5 * crease);
        double inside = Math.Min((down - upperLid) * upperScale, (lowerLid - down) * lowerScale);
        reflectance = Soft.Mix(reflectance, Ball(side, offset, down, (down - upperLid) * upperScale), Soft.Cover(inside, this.pixel));
        double upperLash = Soft.Line((down - upperLid + 0.003) * upperScale, 0.006, this.pixel + 0.004);
        double lowerLash = Soft.Line((down - lowerLid) * lowerScale, 0.004, this.pixel + 0.006);
        return reflectance * (1 - (0.85 * upperLash * lashes)) * (1 - (0.35 * lowerLash * lashes));
    }

    /// <summary>The eyeball's reflectance, as if there were no lids.</summary>
    private double Ball(double side, double offset, double down, double belowLid)
    {
        double irisX = offset - (side * gazeX);
        double irisY = down - gazeY;
        double distance = Math.Sqrt((irisX * irisX) + (irisY * irisY));
        double white = 0.72 * (1 - (0.35 * offset * offset / (halfWidth * halfWidth)));
        double ball = Soft.Mix(white, irisTone, Soft.Cover(irisRadius - distance, this.pixel));
        ball = Soft.Mix(ball, 0.02, Soft.Cover((0.45 * irisRadius) - distance, this.pixel));
        ball *= 1 - (0.5 * (1 - Soft.Step(0, 0.022, belowLid)));
        double glintX = (side * irisX) + (0.35 * irisRadius);
        double glintY = irisY + (0.35 * irisRadius);
        double glint = Soft.Cover(0.008 - Math.Sqrt((glintX * glintX) + (glintY * glintY)), this.pixel);
        return Soft.Mix(ball, 1, 0.9 * glint);
    }
}
