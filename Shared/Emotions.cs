using System.Collections.Frozen;

namespace MlNetEmotion;

/// <summary>The emotion classes: their number, their labels and the synonyms accepted for them.</summary>
public static class Emotions
{
    private static readonly FrozenDictionary<string, Emotion> ByName = new Dictionary<string, Emotion>(StringComparer.OrdinalIgnoreCase)
    {
        ["angry"] = Emotion.Angry, ["anger"] = Emotion.Angry,
        ["disgust"] = Emotion.Disgust, ["disgusted"] = Emotion.Disgust,
        ["fear"] = Emotion.Fear, ["fearful"] = Emotion.Fear, ["afraid"] = Emotion.Fear, ["scared"] = Emotion.Fear,
        ["happy"] = Emotion.Happy, ["happiness"] = Emotion.Happy, ["joy"] = Emotion.Happy,
        ["sad"] = Emotion.Sad, ["sadness"] = Emotion.Sad,
        ["surprise"] = Emotion.Surprise, ["surprised"] = Emotion.Surprise,
        ["neutral"] = Emotion.Neutral, ["neutrality"] = Emotion.Neutral,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The number of classes: 7.</summary>
    public const int Count = 7;

    /// <summary>The labels in index order: Angry, Disgust, Fear, Happy, Sad, Surprise, Neutral.</summary>
    public static IReadOnlyList<string> Labels { get; } = Array.AsReadOnly(Enum.GetNames<Emotion>());

    /// <summary>The labels and all synonyms, in lower case.</summary>
    internal static IReadOnlyCollection<string> Names => ByName.Keys;

    /// <summary>Parses a label, a usual synonym (anger, happiness, surprised, ...) or a class index; ignores case.</summary>
    /// <param name="text">For example <c>Happy</c>, <c>sadness</c> or <c>3</c>.</param>
    /// <param name="emotion">The class, if the text names one.</param>
    /// <returns>Whether the text names a class.</returns>
    public static bool TryParse(string? text, out Emotion emotion)
    {
        text = text?.Trim() ?? "";
        if (text.Length == 1 && text[0] is >= '0' and < (char)('0' + Count))
        {
            emotion = (Emotion)(text[0] - '0');
            return true;
        }

        return ByName.TryGetValue(text, out emotion);
    }
}

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
