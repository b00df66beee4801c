namespace MlNetEmotion.Programs.Samples.Drawing;

/// <summary>Folds and wrinkles that expressions and age make, as soft dark lines; mirrored at the middle of the face.</summary>
internal sealed class Creases
{
    private readonly List<Crease> creases = [];

    public Creases(FaceParameters face)
    {
        var (e, a) = (face.Expression, face.Appearance);
        double deep = 0.7 + (0.6 * a.Age);
        double noseWidth = 0.07 * a.NoseWidth;
        double smile = e.LipCornerPull;

        double fold = Soft.Clamp((0.35 * a.Age) + (0.7 * smile) + (0.75 * e.UpperLipRaise)
            + (0.5 * e.NoseWrinkle) + (0.3 * e.LipStretch));
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

        double eyeX = FaceLayout.EyeX(face);
        double feet = (0.8 * e.CheekRaise) + (0.15 * a.Age);
        Add(eyeX + 0.09, FaceLayout.EyeY, eyeX + 0.135, FaceLayout.EyeY - 0.02, 0.011, feet * 0.35 * deep);
        Add(eyeX + 0.09, FaceLayout.EyeY + 0.012, eyeX + 0.135, FaceLayout.EyeY + 0.022, 0.011, feet * 0.35 * deep);
        double bag = Soft.Clamp((0.7 * e.CheekRaise) + (0.5 * a.Age) + (0.5 * e.NoseWrinkle) + (0.4 * e.LidTighten));
        Add(eyeX - 0.06, FaceLayout.EyeY + 0.042, eyeX + 0.05, FaceLayout.EyeY + 0.046, 0.016, bag * 0.28 * deep);
        Add(0, 0.4, 0.03, 0.405, 0.03, e.ChinRaise * 0.3);
    }

    public double Paint(double reflectance, double x, double y)
    {
        x = Math.Abs(x);
        foreach (ref readonly var crease in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(creases))
        {
            reflectance *= 1 - crease.Darkness(x, y);
        }

        return reflectance;
    }

    private void Add(double x0, double y0, double x1, double y1, double width, double depth)
    {
        if (depth > 0.01)
        {
            double squaredLength = ((x1 - x0) * (x1 - x0)) + ((y1 - y0) * (y1 - y0));
            creases.Add(new Crease(x0, y0, x1 - x0, y1 - y0, squaredLength, width, depth));
        }
    }

    private readonly record struct Crease(
        double X, double Y, double ToX, double ToY, double SquaredLength, double Width, double Depth)
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
