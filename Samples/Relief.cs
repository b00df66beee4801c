namespace MlNetEmotion.Samples;

/// <summary>What stands out from the head and what lies deep: nose, brow ridge, eye sockets, cheeks, lips, chin.</summary>
internal sealed class Relief(FaceParameters face)
{
    private readonly double _noseWidth = face.Appearance.NoseWidth;
    private readonly double _noseTip = FaceLayout.NoseTipY(face);
    private readonly double _cheek = 0.03 + (0.03 * face.Expression.CheekRaise) + (0.02 * face.Expression.LipCornerPull);
    private readonly double _cheekY = 0.07 - (0.03 * face.Expression.CheekRaise);

    /// <summary>Height above the ellipsoid, as a part of the face square's side.</summary>
    public double Height(double x, double y)
    {
        x = Math.Abs(x);
        double height = Nose(x, y);
        height += (0.018 * Soft.Bell(x - 0.13, y + 0.2, 0.15, 0.06))
            - (0.045 * Soft.Bell(x - 0.165, y + 0.12, 0.12, 0.085))
            + (_cheek * Soft.Bell(x - 0.2, y - _cheekY, 0.14, 0.13))
            + (0.03 * Soft.Bell(x, y - 0.27, 0.2, 0.15))
            + (0.035 * Soft.Bell(x, y - 0.43, 0.12, 0.09))
            - (0.014 * Soft.Bell(x, y - 0.355, 0.1, 0.035));
        return height;
    }

    private double Nose(double x, double y)
    {
        double along = (y + 0.16) / (_noseTip + 0.16);
        if (along is <= 0 or >= 1.5)
        {
            return 0;
        }

        double rise = along < 1 ? 0.1 * along * Math.Sqrt(along) : 0.1 * Soft.Bell((along - 1) * (along - 1) / 0.05);
        double halfWidth = 0.04 + (0.03 * _noseWidth * along);
        return (rise * Soft.Bell(x * x / (halfWidth * halfWidth)))
            + (0.035 * Soft.Bell(x - (0.048 * _noseWidth), y - _noseTip - 0.005, 0.035, 0.035));
    }
}
