namespace MlNetEmotion.Trainer.Data;

/// <summary>A line on data.</summary>
/// <param name="Kind">How the command line begins it: <c>warning</c>, or <c>skipped</c> for an image.</param>
/// <param name="Text">The rest.</param>
internal readonly record struct Notice(string Kind, string Text)
{
    private const string WarningKind = "warning";

    /// <summary>The line as the command line prints it.</summary>
    public string Line => $"{Kind}: {Text}";

    /// <summary>The line for an <see cref="IProgress{T}"/> of warnings: a warning without its kind.</summary>
    public string Message => Kind == WarningKind ? Text : Line;

    public static Notice Warning(string text) => new(WarningKind, text);
}

/// <summary>Names what a dataset left out, a line each: nothing is skipped silently.</summary>
internal static class DatasetNotices
{
    public static IEnumerable<Notice> Of(FaceDataset dataset) =>
        [.. dataset.Warnings.Select(Notice.Warning), .. Blank(dataset), .. dataset.Unreadable.Select(Skipped)];

    public static void Write(TextWriter error, FaceDataset dataset) => Of(dataset).ToList().ForEach(notice => error.WriteLine(notice.Line));

    public static Notice Skipped(UnreadableImage image) => new("skipped", $"{image.Source}: {image.Reason}");

    /// <summary>The warning of an image that was not looked at in full.</summary>
    public static string Remark(string source, string remark) => $"{source}: {remark}";

    /// <summary>The warnings of classes without an image.</summary>
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
