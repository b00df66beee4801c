namespace MlNetEmotion.Programs.Samples;

/// <summary>The mouth: lips, and the line between them or the opening with teeth and tongue.</summary>
internal sealed class Mouth(Expression e, Appearance a, double pixel)
{
    private readonly double halfWidth = (0.132 + (0.068 * e.LipCornerPull) + (0.042 * e.LipStretch) - (0.034 * e.JawDrop)
        - (0.012 * e.LipPress) - (0.006 * e.LipCornerDepress)) * a.MouthWidth;
    private readonly double middleY = FaceLayout.MouthY + (0.008 * e.LipCornerPull) - (0.012 * e.ChinRaise) - (0.026 * e.UpperLipRaise)
        - (0.018 * e.LipCornerDepress) + (0.035 * e.JawDrop);
    private readonly double cornerDown = (0.058 * e.LipCornerDepress) - (0.07 * e.LipCornerPull) + (0.028 * e.UpperLipRaise)
        + (0.02 * e.LipStretch) + (0.014 * e.ChinRaise);
    private readonly double openUp = (0.016 * e.LipsPart) + (0.02 * e.UpperLipRaise * e.LipsPart) + (0.06 * e.JawDrop);
    private readonly double openDown = (0.024 * e.LipsPart) + (0.022 * e.LowerLipDepress) + (0.09 * e.JawDrop)
        + (0.042 * e.LipCornerPull * e.LipsPart);
    private readonly double ovalness = e.JawDrop * (1 - (0.7 * e.LipCornerPull)) * (1 - e.LowerLipDepress);
    private readonly double squareness = Soft.Clamp(e.LipStretch + e.LowerLipDepress + (0.3 * e.UpperLipRaise));
    private readonly double upperLip = 0.027 * Thickness(e, a) * (1 - (0.2 * e.UpperLipRaise));
    private readonly double lowerLip = 0.037 * Thickness(e, a) * (1 + (0.2 * e.ChinRaise));
    private readonly double lipTone = 1 - a.LipContrast;
    private readonly double dimples = Soft.Clamp((0.55 * e.LipCornerPull) + (0.45 * e.LipCornerDepress) + (0.3 * e.LipStretch));
    private readonly double upperTeeth = 0.04 * Soft.Clamp(
        e.LipCornerPull + e.UpperLipRaise + (0.4 * e.LipStretch * (1 - e.JawDrop)) + (0.6 * e.LowerLipDepress));
    private readonly double lowerTeeth = 0.03 * Soft.Clamp(e.LowerLipDepress - (0.3 * e.JawDrop));

    public double Paint(double reflectance, double x, double y)
    {
        x = Math.Abs(x);
        double along = x / halfWidth;
        if (along > 1.25 || y < 0.1)
        {
            return reflectance;
        }

        double square = along * along;
        double round = 1 - square;
        double opening = Soft.Mix(Soft.Mix(round, Math.Sqrt(Math.Max(0, round)), ovalness), 1 - (square * square), squareness);
        double middle = middleY + (cornerDown * square);
        double top = middle - (openUp * opening);
        double bottom = middle + (openDown * opening);
        double bow = 1 - (0.3 * Soft.Bell(x * x / 0.0016));
        double upperEdge = top - (upperLip * round * bow);
        double lowerEdge = bottom + (lowerLip * round);

        double lips = Soft.Cover(Math.Min(y - upperEdge, lowerEdge - y), pixel + 0.008);
        double shine = 1 + (0.25 * Soft.Bell(x, y - bottom - (0.5 * lowerLip), 0.06, 0.014));
        reflectance = Soft.Mix(reflectance, reflectance * lipTone * shine, lips);
        double inside = Soft.Cover(Math.Min(y - top, bottom - y), pixel);
        reflectance = Soft.Mix(reflectance, Inside(along, y, top, bottom), inside);
        double seam = Soft.Line(y - middle, 0.007, pixel + 0.004) * (1 - inside) * (1 - Soft.Step(0.9, 1.15, along));
        double dimple = dimples * Soft.Bell(along - 1.04, (y - middleY - cornerDown) / 0.035, 0.16, 1);
        double shadow = Soft.Bell(x, y - lowerEdge - 0.022, halfWidth * 0.8, 0.028);
        return reflectance * (1 - (0.8 * seam)) * (1 - dimple) * (1 - (0.22 * shadow));
    }

    private double Inside(double along, double y, double top, double bottom)
    {
        double shade = 1 - (0.85 * Soft.Clamp(along * along * along * along));
        double gap = bottom - top;
        double tongue = Soft.Step(0.3, 1, (y - top) / Math.Max(0.02, gap)) * Soft.Step(0.04, 0.1, gap);
        double tone = 0.05 + (0.16 * tongue * shade);
        double upper = Soft.Cover(upperTeeth - (y - top), pixel) * Soft.Clamp(upperTeeth / 0.01);
        double lower = Soft.Cover(lowerTeeth - (bottom - y), pixel) * Soft.Clamp(lowerTeeth / 0.01);
        tone = Soft.Mix(tone, 0.7 * shade, 0.85 * lower);
        return Soft.Mix(tone, 0.85 * shade, upper);
    }

    private static double Thickness(Expression e, Appearance a) => (1 - (0.62 * e.LipPress)) * (1 - (0.25 * e.LipCornerPull)) * a.LipThickness;
}
