namespace MlNetEmotion.Detector.Display;

/// <summary>The colour that stands for an emotion, wherever it is drawn.</summary>
internal static class EmotionColors
{
    /// <summary>Dark: panels, and text on the emotions' colours.</summary>
    public const uint Ink = 0x16181C;

    /// <summary>Light: text on panels.</summary>
    public const uint Paper = 0xE8EAED;

    /// <summary>For no emotion in particular.</summary>
    public const uint Uncertain = 0x9AA3AD;

    /// <summary>Light enough for dark text on it, and apart from one another for the colour-blind by lightness too.</summary>
    /// <param name="emotion">The emotion.</param>
    /// <returns>0xRRGGBB.</returns>
    public static uint Of(Emotion emotion) => emotion switch
    {
        Emotion.Angry => 0xFF6B5E,
        Emotion.Disgust => 0x7BC86C,
        Emotion.Fear => 0xC79BFF,
        Emotion.Happy => 0xFFD84D,
        Emotion.Sad => 0x6FB1FF,
        Emotion.Surprise => 0xFFA94D,
        Emotion.Neutral => 0xD5DBE1,
        _ => throw new ArgumentOutOfRangeException(nameof(emotion), emotion, "not an emotion"),
    };
}
