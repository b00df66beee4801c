namespace MlNetEmotion.Trainer.Data;

/// <summary>A message about data.</summary>
/// <param name="Kind">Its prefix on the command line: <c>warning</c>, or <c>skipped</c> for an image.</param>
/// <param name="Text">The message without its prefix.</param>
internal readonly record struct Notice(string Kind, string Text)
{
    private const string WarningKind = "warning";

    /// <summary>The line that the command line prints.</summary>
    public string Line => $"{Kind}: {Text}";

    /// <summary>The line for an <see cref="IProgress{T}"/> of warnings, where warnings have no prefix.</summary>
    public string Message => Kind == WarningKind ? Text : Line;

    public static Notice Warning(string text) => new(WarningKind, text);
}

/// <summary>The notices about what a dataset left out, one line each.</summary>
internal static class DatasetNotices
{
    public static IEnumerable<Notice> Of(FaceDataset dataset) =>
        [.. dataset.Warnings.Select(Notice.Warning), .. Blank(dataset), .. dataset.Unreadable.Select(Skipped)];

    public static void Write(TextWriter error, FaceDataset dataset) => Of(dataset).ToList().ForEach(notice => error.WriteLine(notice.Line));

    public static Notice Skipped(UnreadableImage image) => new("skipped", $"{image.Source}: {image.Reason}");

    /// <summary>Returns the warnings about classes without an image.</summary>
    public static IEnumerable<string> Missing(string name, Func<Emotion, bool> hasClass) =>
        Enum.GetValues<Emotion>().Where(emotion => !hasClass(emotion)).Select(emotion => $"{name}: no image of class {emotion}");

    private static IEnumerable<Notice> Blank(FaceDataset dataset)
    {
        var blank = new BlankFaces();
        for (int i = 0; i < dataset.Count; i++)
        {
            blank.Add(dataset.Sources[i], dataset.Face(i));
        }

        return blank.Describe() is { } warning ? [Notice.Warning(warning)] : [];
    }
}
