namespace MlNetEmotion.Programs.Samples;

/// <summary>
/// The action units of each emotion, after the FACS Investigator's Guide (Ekman, Friesen, Hager, 2002, table of
/// prototypes and major variants). The first of each is the textbook's, the others are how else people show it.
/// </summary>
internal static class ExpressionVariants
{
    private static readonly Expression[][] ByEmotion =
    [
        [   // Angry: 4+5+7+23+24; 4+5+7+16+25 (bared teeth); 4+5+7+25+26 (shouting)
            new() { BrowLower = 1, UpperLidRaise = 0.7, LidTighten = 0.5, LipPress = 1, ChinRaise = 0.4 },
            new() { BrowLower = 1, UpperLidRaise = 0.7, LidTighten = 0.5, LipPress = 0.3, LipsPart = 0.9,
                LowerLipDepress = 0.7 },
            new() { BrowLower = 1, UpperLidRaise = 0.8, LidTighten = 0.5, UpperLipRaise = 0.4, LipsPart = 0.8,
                JawDrop = 0.5, LowerLipDepress = 0.8 },
        ],
        [   // Disgust: 9+10+16+25, the same with stretched lips (20), 9+10+15+17; the eyes narrow (6+7)
            new() { NoseWrinkle = 1, UpperLipRaise = 1, BrowLower = 0.5, LidTighten = 1, CheekRaise = 0.8,
                LipsPart = 0.8, LowerLipDepress = 0.5 },
            new() { NoseWrinkle = 1, UpperLipRaise = 1, BrowLower = 0.4, LidTighten = 1, CheekRaise = 0.8,
                LipsPart = 1, LowerLipDepress = 0.7, LipStretch = 0.4 },
            new() { NoseWrinkle = 1, UpperLipRaise = 0.9, BrowLower = 0.3, LidTighten = 0.9, CheekRaise = 0.5,
                LipsPart = 0.4, LipCornerDepress = 0.5, ChinRaise = 0.3 },
        ],
        [   // Fear: 1+2+4+5+20+25; with the jaw dropped: +26
            new() { InnerBrowRaise = 1, OuterBrowRaise = 0.3, BrowLower = 0.6, UpperLidRaise = 0.9,
                LipStretch = 1, LipsPart = 0.7, LowerLipDepress = 0.3 },
            new() { InnerBrowRaise = 1, OuterBrowRaise = 0.3, BrowLower = 0.6, UpperLidRaise = 1,
                LipStretch = 1, LipsPart = 0.7, JawDrop = 0.35, LowerLipDepress = 0.4 },
        ],
        [   // Happy: 6+12; 6+12+25; 6+12+25+26
            new() { CheekRaise = 0.8, LipCornerPull = 1, LipsPart = 0.8 },
            new() { CheekRaise = 0.6, LipCornerPull = 0.9 },
            new() { CheekRaise = 1, LipCornerPull = 1, LipsPart = 0.9, JawDrop = 0.4 },
        ],
        [   // Sad: 1+4+15; 1+4+15+17; eyes down (64) or closed
            new() { InnerBrowRaise = 1, BrowLower = 0.4, LipCornerDepress = 1, GazeY = 0.3, EyesClosed = 0.25 },
            new() { InnerBrowRaise = 1, BrowLower = 0.4, LipCornerDepress = 0.9, ChinRaise = 0.8,
                EyesClosed = 0.2, GazeY = 0.2 },
            new() { InnerBrowRaise = 0.9, BrowLower = 0.5, LipCornerDepress = 0.9, GazeY = 0.7, EyesClosed = 0.6 },
        ],
        [   // Surprise: 1+2+5+26; 27 (the mouth stretched open)
            new() { InnerBrowRaise = 1, OuterBrowRaise = 1, UpperLidRaise = 0.9, LipsPart = 0.5, JawDrop = 0.75 },
            new() { InnerBrowRaise = 0.9, OuterBrowRaise = 1, UpperLidRaise = 1, LipsPart = 0.6, JawDrop = 1 },
            new() { InnerBrowRaise = 1, OuterBrowRaise = 1, UpperLidRaise = 1, LipsPart = 0.5, JawDrop = 0.5 },
        ],
        [Expression.Rest],
    ];

    /// <summary>The expressions of an emotion at full intensity, at least one.</summary>
    /// <param name="emotion">The emotion.</param>
    public static IReadOnlyList<Expression> Of(Emotion emotion) => Enum.IsDefined(emotion)
        ? ByEmotion[(int)emotion]
        : throw new ArgumentOutOfRangeException(nameof(emotion), emotion, "not one of the seven emotions");
}
