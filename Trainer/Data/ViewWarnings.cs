using System.Collections.Concurrent;
using System.Numerics.Tensors;

namespace MlNetEmotion.Trainer.Data;

/// <summary>Reports each warning of a view once, even if several cursors read the view. Thread-safe.</summary>
/// <param name="sink">Receives the warnings, on the reading thread.</param>
internal sealed class ViewWarnings(IProgress<string> sink)
{
    private readonly ConcurrentDictionary<string, bool> reported = new();

    public void Report(string warning)
    {
        if (reported.TryAdd(warning, true))
        {
            sink.Report(warning);
        }
    }
}

/// <summary>Reports the warnings of one pass over a view's rows.</summary>
internal sealed class PassWarnings(ViewWarnings warnings, string name)
{
    private readonly BlankFaces blank = new();
    private readonly HashSet<Emotion> classes = [];

    /// <summary>Adds a row.</summary>
    /// <param name="label">The class; null if it was not read.</param>
    /// <param name="face">The pixels; null if they were not read.</param>
    public void Add(string source, Emotion? label, byte[]? face, string? remark)
    {
        if (label is { } known)
        {
            classes.Add(known);
        }

        if (face is not null)
        {
            blank.Add(source, face);
        }

        if (remark is not null)
        {
            warnings.Report($"{source}: {remark}");
        }
    }

    /// <summary>Adds a skipped image.</summary>
    public void Add(UnreadableImage image) => warnings.Report(DatasetNotices.Skipped(image).Line);

    /// <summary>Completes a pass that has reached the last row.</summary>
    public void End()
    {
        if (blank.Describe() is { } found)
        {
            warnings.Report(found);
        }

        if (classes.Count > 0)
        {
            DatasetNotices.Missing(name, classes.Contains).ToList().ForEach(warnings.Report);
        }
    }
}

/// <summary>Counts blank faces: those with a single gray level.</summary>
internal sealed class BlankFaces
{
    private readonly float[] gray = new float[FacePreprocessor.PixelCount];
    private string? first;
    private int blank;
    private int count;

    /// <summary>Adds a face: uint8 [48, 48].</summary>
    public void Add(string source, ReadOnlySpan<byte> face)
    {
        count++;
        TensorPrimitives.ConvertChecked(face, gray);
        if (FacePreprocessor.IsBlank(gray))
        {
            first ??= source;
            blank++;
        }
    }

    /// <summary>Returns the warning; null if no face was blank.</summary>
    public string? Describe() => first is null ? null
        : $"{first}: {blank} of {Quantity.Pluralize(count, "image")}, this one first, one gray all over: "
            + $"no emotion can be predicted for such an image; metrics count it as {Emotions.Labels[0]}, the first of equals";
}
