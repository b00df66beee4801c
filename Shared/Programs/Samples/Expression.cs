namespace MlNetEmotion.Programs.Samples;

/// <summary>
/// What the muscles of a face do: intensities of action units of the Facial Action Coding System (Ekman, Friesen, Hager:
/// FACS, 2002). Each unit is in [0, 1], from absent to maximal; all zero is the face at rest.
/// </summary>
public sealed record Expression
{
    /// <summary>A face at rest that looks into the camera.</summary>
    public static Expression Rest { get; } = new();

    /// <summary>AU1: the inner ends of the brows go up.</summary>
    public double InnerBrowRaise { get; init; }

    /// <summary>AU2: the outer ends of the brows go up.</summary>
    public double OuterBrowRaise { get; init; }

    /// <summary>AU4: the brows are lowered and drawn together.</summary>
    public double BrowLower { get; init; }

    /// <summary>AU5: the upper lids go up and show more of the eye.</summary>
    public double UpperLidRaise { get; init; }

    /// <summary>AU6: the cheeks go up and push the lower lids; crow's feet.</summary>
    public double CheekRaise { get; init; }

    /// <summary>AU7: both lids narrow the eye.</summary>
    public double LidTighten { get; init; }

    /// <summary>AU9: the nose wrinkles and pulls the brows' inner ends down.</summary>
    public double NoseWrinkle { get; init; }

    /// <summary>AU10: the upper lip's middle goes up; the folds beside the nose deepen.</summary>
    public double UpperLipRaise { get; init; }

    /// <summary>AU12: the corners of the mouth go up and outwards.</summary>
    public double LipCornerPull { get; init; }

    /// <summary>AU15: the corners of the mouth go down.</summary>
    public double LipCornerDepress { get; init; }

    /// <summary>AU16: the lower lip goes down and shows the lower teeth.</summary>
    public double LowerLipDepress { get; init; }

    /// <summary>AU17: the chin pushes the lower lip up.</summary>
    public double ChinRaise { get; init; }

    /// <summary>AU20: the mouth is stretched sideways.</summary>
    public double LipStretch { get; init; }

    /// <summary>AU23 and AU24: the lips are tightened and pressed thin.</summary>
    public double LipPress { get; init; }

    /// <summary>AU25: the lips part.</summary>
    public double LipsPart { get; init; }

    /// <summary>AU26 and AU27: the jaw drops.</summary>
    public double JawDrop { get; init; }

    /// <summary>AU43: the eyes close.</summary>
    public double EyesClosed { get; init; }

    /// <summary>AU61 and AU62: the eyes turn, from -1 (to the picture's left) to 1.</summary>
    public double GazeX { get; init; }

    /// <summary>AU63 and AU64: the eyes turn, from -1 (up) to 1 (down).</summary>
    public double GazeY { get; init; }

    /// <summary>The expression that shows an emotion as the textbook has it.</summary>
    /// <param name="emotion">The emotion.</param>
    /// <param name="intensity">From 0 (at rest) to 1 (as strong as it gets).</param>
    /// <exception cref="ArgumentOutOfRangeException">The intensity is not in [0, 1], or the emotion is none.</exception>
    public static Expression Typical(Emotion emotion, double intensity = 0.8)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(intensity, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(intensity, 1);
        return Lerp(Rest, ExpressionVariants.Of(emotion)[0], intensity);
    }

    /// <summary>Draws one of an emotion's expressions: variant, intensity and each unit vary, the emotion stays readable.</summary>
    /// <param name="emotion">The emotion.</param>
    /// <param name="random">Where the variation comes from.</param>
    /// <exception cref="ArgumentOutOfRangeException">The emotion is none.</exception>
    public static Expression Random(Emotion emotion, Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        var variants = ExpressionVariants.Of(emotion);
        var variant = variants[(int)(random.NextDouble() * variants.Count)];
        double intensity = random.Between(0.7, 1);
        double slack = emotion == Emotion.Neutral ? 0.06 : 0.03;
        double Vary(double unit) =>
            Math.Clamp((unit * intensity * random.Between(0.85, 1.15)) + (slack * random.NextDouble()), 0, 1);
        return variant.Map(Vary) with
        {
            EyesClosed = variant.EyesClosed * intensity,
            GazeX = random.Around(0, 0.4),
            GazeY = Math.Clamp(variant.GazeY + random.Around(0, 0.2), -1, 1),
        };
    }

    /// <summary>The expression on the way from one to another.</summary>
    /// <param name="from">The expression at <paramref name="amount"/> 0.</param>
    /// <param name="to">The expression at <paramref name="amount"/> 1.</param>
    /// <param name="amount">How far, in [0, 1].</param>
    public static Expression Lerp(Expression from, Expression to, double amount)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        return from.Zip(to, (a, b) => (a * (1 - amount)) + (b * amount));
    }

    private Expression Map(Func<double, double> unit) => Zip(this, (a, _) => unit(a));

    private Expression Zip(Expression other, Func<double, double, double> unit) => new()
    {
        InnerBrowRaise = unit(InnerBrowRaise, other.InnerBrowRaise),
        OuterBrowRaise = unit(OuterBrowRaise, other.OuterBrowRaise),
        BrowLower = unit(BrowLower, other.BrowLower),
        UpperLidRaise = unit(UpperLidRaise, other.UpperLidRaise),
        CheekRaise = unit(CheekRaise, other.CheekRaise),
        LidTighten = unit(LidTighten, other.LidTighten),
        NoseWrinkle = unit(NoseWrinkle, other.NoseWrinkle),
        UpperLipRaise = unit(UpperLipRaise, other.UpperLipRaise),
        LipCornerPull = unit(LipCornerPull, other.LipCornerPull),
        LipCornerDepress = unit(LipCornerDepress, other.LipCornerDepress),
        LowerLipDepress = unit(LowerLipDepress, other.LowerLipDepress),
        ChinRaise = unit(ChinRaise, other.ChinRaise),
        LipStretch = unit(LipStretch, other.LipStretch),
        LipPress = unit(LipPress, other.LipPress),
        LipsPart = unit(LipsPart, other.LipsPart),
        JawDrop = unit(JawDrop, other.JawDrop),
        EyesClosed = unit(EyesClosed, other.EyesClosed),
        GazeX = unit(GazeX, other.GazeX),
        GazeY = unit(GazeY, other.GazeY),
    };
}
