namespace MlNetEmotion.Samples.Drawing;

/// <summary>Both brows: an arc each from the inner to the outer end, thick inside and thin outside.</summary>
internal sealed class Brows
{
    private readonly double _pixel;
    private readonly double _inner;
    private readonly double _outer;
    private readonly double _innerY;
    private readonly double _controlY;
    private readonly double _outerY;
    private readonly double _thickness;
    private readonly double _tone;
    private readonly int _seed;

    public Brows(FaceParameters face, double pixel)
    {
        var (expression, appearance) = (face.Expression, face.Appearance);
        double lower = expression.BrowLower;
        double eyeX = FaceLayout.EyeX(face);
        _pixel = pixel;
        _inner = eyeX - 0.1 - (0.022 * lower) - (0.01 * expression.NoseWrinkle);
        _outer = eyeX + 0.105 - (0.008 * lower);
        double rest = FaceLayout.BrowY - (0.012 * appearance.BrowHeight);
        _innerY = rest + 0.01 - (0.066 * expression.InnerBrowRaise) + (lower * (0.056 - (0.03 * expression.InnerBrowRaise)))
            + (0.016 * expression.NoseWrinkle);
        _controlY = rest - 0.028 - (0.025 * expression.InnerBrowRaise) - (0.06 * expression.OuterBrowRaise) + (0.04 * lower)
            + (0.02 * expression.NoseWrinkle);
        _outerY = rest + 0.02 - (0.045 * expression.OuterBrowRaise) + (0.012 * expression.InnerBrowRaise) - (0.012 * lower)
            + (0.012 * expression.InnerBrowRaise * (1 - expression.OuterBrowRaise));
        _thickness = 0.018 * appearance.BrowThickness;
        _tone = Math.Min(appearance.HairTone * 0.8, appearance.SkinTone * 0.5);
        _seed = appearance.TextureSeed;
    }

    public double Paint(double reflectance, double x, double y)
    {
        double along = (Math.Abs(x) - _inner) / (_outer - _inner);
        if (along is < -0.2 or > 1.2 || y > FaceLayout.EyeY + 0.05 || y < -0.4)
        {
            return reflectance;
        }

        double t = Soft.Clamp(along);
        double middle = (_innerY * (1 - t) * (1 - t)) + (2 * _controlY * t * (1 - t)) + (_outerY * t * t);
        double thickness = _thickness * (1 - (0.65 * t * t)) * Soft.Step(-0.12, 0.12, along);
        double ends = Soft.Step(-0.12, 0.06, along) * (1 - Soft.Step(0.9, 1.1, along));
        double hairs = 0.82 + (0.18 * Soft.Noise(x * 110, (y - (x * 0.3)) * 60, _seed));
        double cover = Soft.Line(y - middle, thickness, _pixel + 0.008) * ends * hairs;
        return Soft.Mix(reflectance, _tone, 0.92 * cover);
    }
}
