namespace MlNetEmotion;

/// <summary>The seven emotion classes of FER2013, in the index order of every label and probability vector.</summary>
public enum Emotion
{
    /// <summary>Class 0.</summary>
    Angry,

    /// <summary>Class 1.</summary>
    Disgust,

    /// <summary>Class 2.</summary>
    Fear,

    /// <summary>Class 3.</summary>
    Happy,

    /// <summary>Class 4.</summary>
    Sad,

    /// <summary>Class 5.</summary>
    Surprise,

    /// <summary>Class 6.</summary>
    Neutral,
}
