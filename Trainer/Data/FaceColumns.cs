namespace MlNetEmotion.Trainer.Data;

/// <summary>The schema of labelled faces, which every source of training data has.</summary>
public static class FaceColumns
{
    /// <summary>The face: uint8 [48, 48], gray, row-major. The caller owns the array.</summary>
    public static readonly DataColumn<byte[]> Pixels = new("Pixels", "uint8 [48, 48], gray, row-major");

    /// <summary>The class.</summary>
    public static readonly DataColumn<Emotion> Label = new("Label", "one of seven classes");

    /// <summary>What the sample is for. Can always be read.</summary>
    public static readonly DataColumn<Split> Split = new("Split", "unspecified, train, validation or test");

    /// <summary>Where the sample comes from: a path, or a path and a line. Can always be read.</summary>
    public static readonly DataColumn<string> Source = new("Source", "a path, or a path and a line");

    /// <summary>Those columns.</summary>
    public static DataSchema Schema { get; } = new(Pixels, Label, Split, Source);

    /// <summary>Makes a row of this schema.</summary>
    /// <param name="source">Where the sample comes from.</param>
    /// <param name="split">What it is for.</param>
    /// <param name="label">Computes the class.</param>
    /// <param name="pixels">Computes 2304 gray values in a new array.</param>
    internal static DataRow Row(string source, Split split, Func<Emotion> label, Func<byte[]> pixels) =>
        new(Schema, pixels, label, () => split, () => source);
}
