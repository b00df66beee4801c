namespace MlNetEmotion.Programs.Samples.Drawing;

/// <summary>Beard and moustache.</summary>
internal sealed class Beard(Appearance appearance)
{
    private readonly double beard = appearance.Beard;
    private readonly double moustache = appearance.Moustache;
    private readonly double tone = appearance.HairTone;
    private readonly double mouthWidth = 0.12 * appearance.MouthWidth;
    private readonly int seed = appearance.TextureSeed;

    public double Paint(double reflectance, double x, double y)
    {
        if (beard + moustache <= 0 || y < -0.1)
        {
            return reflectance;
        }

        double side = Math.Abs(x);
        double hairs = 0.75 + (0.25 * Soft.Noise(x * 90, y * 45, seed));
        double beyond = Math.Max(0, side - 0.12);
        double cheekLine = 0.23 - (5 * beyond * beyond);
        double mouth = Soft.Clamp(1.6 * Soft.Bell(x, y - 0.275, mouthWidth * 1.25, 0.085));
        double jaw = Soft.Step(cheekLine - 0.03, cheekLine + 0.04, y) * (1 - mouth);
        double lip = Soft.Bell(x, y - 0.205, mouthWidth * 1.3, 0.05);
        double cover = Soft.Clamp(Math.Max(beard * jaw, moustache * Soft.Clamp(2 * lip)) * hairs);
        return Soft.Mix(reflectance, Math.Min(tone, reflectance), 0.85 * cover);
    }
}
