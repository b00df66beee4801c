namespace MlNetEmotion.Programs.Samples.Drawing;

/// <summary>Glasses: two rounded rims, a bridge, and the arms.</summary>
internal sealed class Glasses(FaceParameters face, double pixel)
{
    private const double RimHalfWidth = 0.007;
    private readonly double darkness = face.Appearance.Glasses;
    private readonly double eyeX = FaceLayout.EyeX(face);

    public double Paint(double light, double x, double y)
    {
        x = Math.Abs(x);
        double down = y - FaceLayout.EyeY - 0.012;
        if (darkness <= 0 || Math.Abs(down) > 0.13)
        {
            return light;
        }

        double outsideX = Math.Max(0, Math.Abs(x - eyeX) - 0.055);
        double outsideY = Math.Max(0, Math.Abs(down) - 0.03);
        double rim = Math.Sqrt((outsideX * outsideX) + (outsideY * outsideY)) - 0.052;
        double frame = Soft.Line(rim, RimHalfWidth, pixel + 0.002);
        double bridge = Soft.Line(down + 0.025 + (2 * x * x), RimHalfWidth, pixel + 0.002) * (x < eyeX - 0.1 ? 1 : 0);
        double arm = Soft.Line(down + 0.02, RimHalfWidth, pixel + 0.002) * (x > eyeX + 0.1 ? 1 : 0);
        return light * (1 - (0.9 * darkness * Math.Max(frame, Math.Max(bridge, arm))));
    }
}
