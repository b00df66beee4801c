namespace MlNetEmotion.Programs.Samples;

/// <summary>
/// A facial expression: intensities of the action units of the Facial Action Coding System (Ekman, Friesen, Hager: FACS, 2002), each
/// in [0, 1], from absent to maximal; all zero is the face at rest, looking into the camera.
/// </summary>
internal sealed record Expression
{
    public static Expression Rest { get; } = new();

    public double InnerBrowRaise { get; init; }      // AU1
    public double OuterBrowRaise { get; init; }      // AU2
    public double BrowLower { get; init; }           // AU4: lowered and drawn together
    public double UpperLidRaise { get; init; }       // AU5: shows more of the eye
    public double CheekRaise { get; init; }          // AU6: pushes the lower lids; crow's feet
    public double LidTighten { get; init; }          // AU7: both lids narrow the eye
    public double NoseWrinkle { get; init; }         // AU9: pulls the brows' inner ends down
    public double UpperLipRaise { get; init; }       // AU10: the folds beside the nose deepen
    public double LipCornerPull { get; init; }       // AU12: up and outwards
    public double LipCornerDepress { get; init; }    // AU15
    public double LowerLipDepress { get; init; }     // AU16: shows the lower teeth
    public double ChinRaise { get; init; }           // AU17: pushes the lower lip up
    public double LipStretch { get; init; }          // AU20: sideways
    public double LipPress { get; init; }            // AU23 and AU24: tightened and pressed thin
    public double LipsPart { get; init; }            // AU25
    public double JawDrop { get; init; }             // AU26 and AU27
    public double EyesClosed { get; init; }          // AU43
    public double GazeX { get; init; }               // AU61 and AU62: from -1, the image's left, to 1
    public double GazeY { get; init; }               // AU63 and AU64: from -1, up, to 1

    /// <summary>The textbook expression of an emotion.</summary>
    /// <param name="intensity">From 0 (at rest) to 1 (maximal).</param>
    public static Expression Typical(Emotion emotion, double intensity = 0.8)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(intensity, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(intensity, 1);
        return Lerp(Rest, ExpressionVariants.Of(emotion)[0], intensity);
    }

    /// <summary>Draws a random expression of an emotion: variant, intensity and each unit vary within recognizable limits.</summary>
    public static Expression Random(Emotion emotion, ref SplitMix64 random)
    {
        Expression[] variants = ExpressionVariants.Of(emotion);
        SplitMix64 numbers = random;
        Expression variant = variants[(int)(numbers.NextDouble() * variants.Length)];
        double intensity = numbers.NextDouble(0.7, 1);
        double slack = emotion == Emotion.Neutral ? 0.06 : 0.03;
        Expression varied = variant.Zip(variant, (unit, _) =>
            Math.Clamp((unit * intensity * numbers.NextDouble(0.85, 1.15)) + (slack * numbers.NextDouble()), 0, 1)) with
        {
            EyesClosed = variant.EyesClosed * intensity,
            GazeX = numbers.NextAround(0, 0.4),
            GazeY = Math.Clamp(variant.GazeY + numbers.NextAround(0, 0.2), -1, 1),
        };
        random = numbers;
        return varied;
    }

    public static Expression Lerp(Expression from, Expression to, double amount) => from.Zip(to, (a, b) => (a * (1 - amount)) + (b * amount));

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

/// <summary>
/// The action units of each emotion at full intensity, after the FACS Investigator's Guide (Ekman, Friesen, Hager, 2002, table
/// of prototypes and major variants). The first of each is the textbook's, the others are common variants.
/// </summary>
internal static class ExpressionVariants
{
    private static readonly Expression[][] ByEmotion =
    [
        [   // Angry: 4+5+7+23+24; 4+5+7+16+25 (bared teeth); 4+5+7+25+26 (shouting)
            new() { BrowLower = 1, UpperLidRaise = 0.7, LidTighten = 0.5, LipPress = 1, ChinRaise = 0.4 },
            new() { BrowLower = 1, UpperLidRaise = 0.7, LidTighten = 0.5, LipPress = 0.3, LipsPart = 0.9, LowerLipDepress = 0.7 },
            new() { BrowLower = 1, UpperLidRaise = 0.8, LidTighten = 0.5, UpperLipRaise = 0.4, LipsPart = 0.8, JawDrop = 0.5, LowerLipDepress = 0.8 },
        ],
        [   // Disgust: 9+10+16+25, the same with stretched lips (20), 9+10+15+17; the eyes narrow (6+7)
            new() { NoseWrinkle = 1, UpperLipRaise = 1, BrowLower = 0.5, LidTighten = 1, CheekRaise = 0.8, LipsPart = 0.8, LowerLipDepress = 0.5 },
            new() { NoseWrinkle = 1, UpperLipRaise = 1, BrowLower = 0.4, LidTighten = 1, CheekRaise = 0.8, LipsPart = 1, LowerLipDepress = 0.7, LipStretch = 0.4 },
            new() { NoseWrinkle = 1, UpperLipRaise = 0.9, BrowLower = 0.3, LidTighten = 0.9, CheekRaise = 0.5, LipsPart = 0.4, LipCornerDepress = 0.5, ChinRaise = 0.3 },
        ],
        [   // Fear: 1+2+4+5+20+25; with the jaw dropped: +26
            new() { InnerBrowRaise = 1, OuterBrowRaise = 0.3, BrowLower = 0.6, UpperLidRaise = 0.9, LipStretch = 1, LipsPart = 0.7, LowerLipDepress = 0.3 },
            new() { InnerBrowRaise = 1, OuterBrowRaise = 0.3, BrowLower = 0.6, UpperLidRaise = 1, LipStretch = 1, LipsPart = 0.7, JawDrop = 0.35, LowerLipDepress = 0.4 },
        ],
        [   // Happy: 6+12; 6+12+25; 6+12+25+26
            new() { CheekRaise = 0.8, LipCornerPull = 1, LipsPart = 0.8 },
            new() { CheekRaise = 0.6, LipCornerPull = 0.9 },
            new() { CheekRaise = 1, LipCornerPull = 1, LipsPart = 0.9, JawDrop = 0.4 },
        ],
        [   // Sad: 1+4+15; 1+4+15+17; eyes down (64) or closed
            new() { InnerBrowRaise = 1, BrowLower = 0.4, LipCornerDepress = 1, GazeY = 0.3, EyesClosed = 0.25 },
            new() { InnerBrowRaise = 1, BrowLower = 0.4, LipCornerDepress = 0.9, ChinRaise = 0.8, EyesClosed = 0.2, GazeY = 0.2 },
            new() { InnerBrowRaise = 0.9, BrowLower = 0.5, LipCornerDepress = 0.9, GazeY = 0.7, EyesClosed = 0.6 },
        ],
        [   // Surprise: 1+2+5+26; 27 (the mouth stretched open)
            new() { InnerBrowRaise = 1, OuterBrowRaise = 1, UpperLidRaise = 0.9, LipsPart = 0.5, JawDrop = 0.75 },
            new() { InnerBrowRaise = 0.9, OuterBrowRaise = 1, UpperLidRaise = 1, LipsPart = 0.6, JawDrop = 1 },
            new() { InnerBrowRaise = 1, OuterBrowRaise = 1, UpperLidRaise = 1, LipsPart = 0.5, JawDrop = 0.5 },
        ],
        [Expression.Rest],
    ];

    public static Expression[] Of(Emotion emotion) => Enum.IsDefined(emotion)
        ? ByEmotion[(int)emotion]
        : throw new ArgumentOutOfRangeException(nameof(emotion), emotion, "not one of the seven emotions");
}
