namespace MlNetEmotion.Programs.Samples;

/// <summary>The built-in data set: any number of labelled faces, drawn lazily; the same for the same seed.</summary>
internal static class SampleFaces
{
    /// <summary>Draws faces lazily; the classes alternate, so their counts differ by at most one.</summary>
    /// <returns>uint8 [48, 48] gray pixels, each in [0, 255], row-major, and the emotion that the face shows.</returns>
    public static IEnumerable<(byte[] Pixels, Emotion Label)> Generate(int count, ulong seed) =>
        Enumerable.Range(0, count).Select(index => (Draw(seed, index), LabelOf(index)));

    /// <summary>The pixels of one face of the sequence, uint8 [48, 48] gray. Thread-safe.</summary>
    public static byte[] Draw(ulong seed, int index) =>
        FaceRenderer.Render(ParametersOf(seed, index), FacePreprocessor.Size);

    /// <summary>The emotion of one face of any sequence.</summary>
    public static Emotion LabelOf(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        return (Emotion)(index % Emotions.Count);
    }

    /// <summary>The parameters of one face of the sequence.</summary>
    public static FaceParameters ParametersOf(ulong seed, int index)
    {
        SplitMix64 random = SplitMix64.ForItem(seed, index);
        return FaceParameters.Random(LabelOf(index), ref random);
    }
}
