using MlNetEmotion.Programs;
using MlNetEmotion.Programs.Samples;

namespace MlNetEmotion.Trainer.Data;

/// <summary>Finds the faces that a path stands for.</summary>
internal static class FaceSource
{
    /// <summary>Opens image folders, or FER2013's CSV. Unreadable images are skipped.</summary>
    /// <param name="classes">What the data's names of classes mean; null for the usual ones.</param>
    /// <exception cref="UsageException">There is no such file or folder.</exception>
    /// <exception cref="InvalidDataException">It is not laid out as expected.</exception>
    public static FaceDataView Open(string path, ClassNames? classes = null)
    {
        bool isCsv = Path.GetExtension(path).Equals(".csv", StringComparison.OrdinalIgnoreCase) && !Directory.Exists(path);
        return (isCsv ? FerCsv.Open(path, classes) : ImageFolder.Open(path, classes)).Skipping(_ => { });
    }

    /// <summary>The built-in generated faces, drawn when a row's pixels are asked for. The classes take turns; those held out come last.</summary>
    public static FaceDataView Samples(int trainCount, int validationCount, ulong seed) => new(
        $"sample faces of seed {seed}",
        [],
        () => Enumerable.Range(0, trainCount + validationCount).Select(index => new FaceRow(
            $"sample face {index} of seed {seed}",
            index < trainCount ? Split.Train : Split.Validation,
            () => SampleFaces.LabelOf(index),
            () => SampleFaces.Draw(seed, index))),
        trainCount + validationCount);

    /// <summary>Loads one split, or everything where the source has no splits.</summary>
    /// <param name="option">The option that chooses a split, where there is one.</param>
    /// <exception cref="InvalidDataException">There is no readable image in that split.</exception>
    public static FaceDataset LoadSplit(this FaceDataView view, Split split, LoadOptions? options = null, string? option = null) =>
        FaceDataset.Load(view.OfSplit(split), options).Require(split, view.Rows().Select(row => row.Split), option);

    /// <summary>Makes sure that a split has faces, or says why there are none.</summary>
    /// <param name="part">The split's faces.</param>
    /// <param name="split">The split.</param>
    /// <param name="present">The splits that there are.</param>
    /// <param name="option">The option that chooses a split, where there is one.</param>
    public static FaceDataset Require(this FaceDataset part, Split split, IEnumerable<Split> present, string? option = null)
    {
        if (part.Count > 0)
        {
            return part;
        }

        Split[] splits = [.. present.Distinct().Order()];
        string found = part.Unreadable is [var first, ..]
            ? $"none of {part.Unreadable.Count} can be read, the first for: {first.Reason} ({first.Source})"
            : splits.Length == 0 ? "there is no image at all"
            : $"found only images of split {string.Join(", ", splits)}" + (option is null ? "" : $"; add '{option} {splits[^1]}'".ToLowerInvariant());
        throw new InvalidDataException($"{part.Name}: no {split} images: {found}");
    }
}
