using System.Numerics.Tensors;
using MlNetEmotion.Imaging;
using MlNetEmotion.Programs;

namespace MlNetEmotion.Trainer.Data;

/// <summary>Reports a view's warnings, each once, whatever number of cursors reads the view. Thread-safe.</summary>
/// <param name="sink">Gets the warnings, on the thread that reads.</param>
internal sealed class ViewWarnings(IProgress<string> sink)
{
    private readonly HashSet<string> reported = new(StringComparer.Ordinal);

    public void Report(string warning)
    {
        lock (reported)
        {
            if (!reported.Add(warning))
            {
                return;
            }
        }

        sink.Report(warning);
    }
}

/// <summary>Reports what one pass over a view's rows finds.</summary>
/// <param name="name">The view's name.</param>
internal sealed class PassWarnings(ViewWarnings warnings, string name)
{
    private readonly BlankFaces blank = new();
    private readonly bool[] hasClass = new bool[Emotions.Count];
    private bool hasLabels;

    /// <summary>Takes what was read of a row.</summary>
    /// <param name="label">Its class; null where it was not asked for.</param>
    /// <param name="face">Its pixels; null where they were not asked for.</param>
    /// <param name="remark">What there is to say on its image.</param>
    public void Add(string source, Emotion? label, byte[]? face, string? remark)
    {
        if (label is { } known)
        {
            (hasLabels, hasClass[(int)known]) = (true, true);
        }

        if (face is not null)
        {
            blank.Add(source, face);
        }

        if (remark is not null)
        {
            warnings.Report(DatasetNotices.Remark(source, remark));
        }
    }

    /// <summary>Takes an image that was skipped.</summary>
    public void Add(UnreadableImage image) => warnings.Report(DatasetNotices.Skipped(image).Line);

    /// <summary>Ends the pass, where it came to the last row.</summary>
    public void End()
    {
        if (blank.Describe() is { } found)
        {
            warnings.Report(found);
        }

        if (hasLabels)
        {
            DatasetNotices.Missing(name, emotion => hasClass[(int)emotion]).ToList().ForEach(warnings.Report);
        }
    }
}

/// <summary>Counts faces that are one gray all over.</summary>
internal sealed class BlankFaces
{
    private readonly float[] gray = new float[FacePreprocessor.PixelCount];
    private string? first;
    private int blank;
    private int count;

    /// <summary>Looks at a face: uint8 [48, 48].</summary>
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

    /// <summary>The warning; null where there was none.</summary>
    public string? Describe() => first is null ? null
        : $"{first}: {blank} of {Quantity.Pluralize(count, "image")}, this one first, one gray all over: "
            + $"no emotion is the answer to such an image; figures count it as {Emotions.Labels[0]}, the first of equals";
}
