namespace MlNetEmotion.Programs.Samples.Drawing;

/// <summary>Both brows: an arc each from the inner to the outer end, thick inside and thin outside.</summary>
internal sealed class Brows
{
    private readonly double pixel;
    private readonly double inner;
    private readonly double outer;
    private readonly double innerY;
    private readonly double controlY;
    private readonly double outerY;
    private readonly double thickness;
    private readonly double tone;
    private readonly int seed;

    public Brows(FaceParameters face, double pixel)
    {
        var (expression, appearance) = (face.Expression, face.Appearance);
        double lower = expression.BrowLower;
        double eyeX = FaceLayout.EyeX(face);
        this.pixel = pixel;
        inner = eyeX - 0.1 - (0.022 * lower) - (0.01 * expression.NoseWrinkle);
        outer = eyeX + 0.105 - (0.008 * lower);
        double rest = FaceLayout.BrowY - (0.012 * appearance.BrowHeight);
        innerY = rest + 0.01 - (0.066 * expression.InnerBrowRaise) + (lower * (0.056 - (0.03 * expression.InnerBrowRaise)))
            + (0.016 * expression.NoseWrinkle);
        controlY = rest - 0.028 - (0.025 * expression.InnerBrowRaise) - (0.06 * expression.OuterBrowRaise) + (0.04 * lower)
            + (0.02 * expression.NoseWrinkle);
        outerY = rest + 0.02 - (0.045 * expression.OuterBrowRaise) + (0.012 * expression.InnerBrowRaise) - (0.012 * lower)
            + (0.012 * expression.InnerBrowRaise * (1 - expression.OuterBrowRaise));
        this.thickness = 0.018 * appearance.BrowThickness;
        tone = Math.Min(appearance.HairTone * 0.8, appearance.SkinTone * 0.5);
        seed = appearance.TextureSeed;
    }

    public double Paint(double reflectance, double x, double y)
    {
        double along = (Math.Abs(x) - inner) / (outer - inner);
        if (along is < -0.2 or > 1.2 || y > FaceLayout.EyeY + 0.05 || y < -0.4)
        {
            return reflectance;
        }

        double t = Soft.Clamp(along);
        double middle = (innerY * (1 - t) * (1 - t)) + (2 * controlY * t * (1 - t)) + (outerY * t * t);
        double thickness = this.thickness * (1 - (0.65 * t * t)) * Soft.Step(-0.12, 0.12, along);
        double ends = Soft.Step(-0.12, 0.06, along) * (1 - Soft.Step(0.9, 1.1, along));
        double hairs = 0.82 + (0.18 * Soft.Noise(x * 110, (y - (x * 0.3)) * 60, seed));
        double cover = Soft.Line(y - middle, thickness, this.pixel + 0.008) * ends * hairs;
        return Soft.Mix(reflectance, tone, 0.92 * cover);
    }
}
