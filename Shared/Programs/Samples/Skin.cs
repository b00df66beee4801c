using System.Runtime.InteropServices;

namespace MlNetEmotion.Programs.Samples;

/// <summary>The skin's folds and wrinkles, shaded areas, beard and moustache.</summary>
internal sealed class Skin
{
    private readonly Appearance a;
    private readonly List<Crease> creases = [];
    private readonly double noseTip;
    private readonly double lid;
    private readonly double mouthWidth;

    public Skin(Expression e, Appearance a)
    {
        this.a = a;
        noseTip = FaceLayout.NoseTipY(e, a);
        lid = 0.3 + (0.25 * e.BrowLower);
        mouthWidth = 0.12 * a.MouthWidth;
        AddCreases(e, 0.7 + (0.6 * a.Age));
    }

    /// <summary>Paints the soft dark lines from expression and age, mirrored at the middle of the face.</summary>
    public double PaintCreases(double reflectance, double x, double y)
    {
        x = Math.Abs(x);
        foreach (ref readonly var crease in CollectionsMarshal.AsSpan(creases))
        {
            reflectance *= 1 - crease.Darkness(x, y);
        }

        return reflectance;
    }

    public double PaintBeard(double reflectance, double x, double y)
    {
        if (a.Beard + a.Moustache <= 0 || y < -0.1)
        {
            return reflectance;
        }

        double side = Math.Abs(x);
        double hairs = 0.75 + (0.25 * Soft.Noise(x * 90, y * 45, a.TextureSeed));
        double beyond = Math.Max(0, side - 0.12);
        double cheekLine = 0.23 - (5 * beyond * beyond);
        double mouth = Soft.Clamp(1.6 * Soft.Bell(x, y - 0.275, mouthWidth * 1.25, 0.085));
        double jaw = Soft.Step(cheekLine - 0.03, cheekLine + 0.04, y) * (1 - mouth);
        double lip = Soft.Bell(x, y - 0.205, mouthWidth * 1.3, 0.05);
        double cover = Soft.Clamp(Math.Max(a.Beard * jaw, a.Moustache * Soft.Clamp(2 * lip)) * hairs);
        return Soft.Mix(reflectance, Math.Min(a.HairTone, reflectance), 0.85 * cover);
    }

    /// <summary>Paints the shade in the eye sockets, under the nose and in the nostrils.</summary>
    public double PaintShade(double reflectance, double x, double y)
    {
        x = Math.Abs(x);
        double socket = (lid * Soft.Bell(x - 0.15, y + 0.125, 0.14, 0.085)) + (0.2 * Soft.Bell(x - 0.085, y + 0.125, 0.06, 0.07));
        double below = 0.3 * Soft.Bell(x, y - noseTip - 0.05, 0.1, 0.045);
        double nostril = 0.75 * Soft.Bell(x - (0.034 * a.NoseWidth), y - noseTip - 0.028, 0.026, 0.016);
        return reflectance * (1 - socket) * (1 - below) * (1 - nostril);
    }

    private void AddCreases(Expression e, double deep)
    {
        double noseWidth = 0.07 * a.NoseWidth;
        double smile = e.LipCornerPull;
        double fold = Soft.Clamp((0.35 * a.Age) + (0.7 * smile) + (0.75 * e.UpperLipRaise) + (0.5 * e.NoseWrinkle) + (0.3 * e.LipStretch));
        double foldX = (0.14 + (0.035 * smile) + (0.015 * e.LipStretch)) * a.MouthWidth;
        double foldMiddle = (noseWidth + foldX + 0.02) / 2;
        Add(noseWidth + 0.008, 0.085 - (0.02 * e.UpperLipRaise), foldMiddle, 0.15, 0.024, fold * 0.4 * deep);
        Add(foldMiddle, 0.15, foldX + 0.012, 0.235, 0.022, fold * 0.33 * deep);

        double frown = Soft.Clamp(e.BrowLower + (0.4 * e.NoseWrinkle));
        Add(0.026, -0.25, 0.03, -0.16, 0.016, frown * 0.55 * deep);
        double raised = Soft.Clamp((0.5 * e.OuterBrowRaise) + (0.5 * e.InnerBrowRaise));
        double reach = 0.09 + (0.11 * e.OuterBrowRaise);
        for (int line = 0; line < 3; line++)
        {
            double y = -0.3 - (0.042 * line);
            Add(0, y - (0.008 * e.InnerBrowRaise), reach, y, 0.013, ((raised * 0.28) + (0.06 * a.Age)) * deep);
        }

        for (int line = 0; line < 3; line++)
        {
            double y = -0.12 + (0.03 * line);
            Add(0.005, y, 0.045, y - 0.022, 0.014, e.NoseWrinkle * 0.4 * deep);
        }

        double eyeX = FaceLayout.EyeX(a);
        double feet = (0.8 * e.CheekRaise) + (0.15 * a.Age);
        Add(eyeX + 0.09, FaceLayout.EyeY, eyeX + 0.135, FaceLayout.EyeY - 0.02, 0.011, feet * 0.35 * deep);
        Add(eyeX + 0.09, FaceLayout.EyeY + 0.012, eyeX + 0.135, FaceLayout.EyeY + 0.022, 0.011, feet * 0.35 * deep);
        double bag = Soft.Clamp((0.7 * e.CheekRaise) + (0.5 * a.Age) + (0.5 * e.NoseWrinkle) + (0.4 * e.LidTighten));
        Add(eyeX - 0.06, FaceLayout.EyeY + 0.042, eyeX + 0.05, FaceLayout.EyeY + 0.046, 0.016, bag * 0.28 * deep);
        Add(0, 0.4, 0.03, 0.405, 0.03, e.ChinRaise * 0.3);
    }

    private void Add(double x0, double y0, double x1, double y1, double width, double depth)
    {
        if (depth > 0.01)
        {
            double squaredLength = ((x1 - x0) * (x1 - x0)) + ((y1 - y0) * (y1 - y0));
            creases.Add(new Crease(x0, y0, x1 - x0, y1 - y0, squaredLength, width, depth));
        }
    }

    private readonly record struct Crease(double X, double Y, double ToX, double ToY, double SquaredLength, double Width, double Depth)
    {
        public double Darkness(double x, double y)
        {
            x -= X;
            y -= Y;
            if (y < Math.Min(0, ToY) - Width || y > Math.Max(0, ToY) + Width)
            {
                return 0;
            }

            double t = Soft.Clamp(((x * ToX) + (y * ToY)) / SquaredLength);
            x -= t * ToX;
            y -= t * ToY;
            return Depth * Soft.Bell(((x * x) + (y * y)) / (Width * Width));
        }
    }
}
