using MlNetEmotion.Programs.Samples;

namespace MlNetEmotion.Trainer.Data;

/// <summary>Opens faces by path.</summary>
internal static class FaceSource
{
    /// <summary>Opens image folders, or FER2013's CSV.</summary>
    /// <param name="classes">The meaning of the data's class names; null for the usual names.</param>
    /// <param name="strict">Whether an unreadable image is an error, instead of being skipped.</param>
    /// <exception cref="IOException">The file or folder does not exist.</exception>
    /// <exception cref="InvalidDataException">The layout is wrong.</exception>
    public static FaceDataView Open(string path, ClassNames? classes = null, bool strict = false)
    {
        bool isCsv = Path.GetExtension(path).Equals(".csv", StringComparison.OrdinalIgnoreCase) && !Directory.Exists(path);
        return (isCsv ? FerCsv.Open(path, classes) : ImageFolder.Open(path, classes)) with { Skip = strict ? null : _ => { } };
    }

    /// <summary>Returns the generated sample faces, drawn lazily. Classes alternate; validation faces come last.</summary>
    public static FaceDataView Samples(int trainCount, int validationCount, ulong seed) => new(
        $"sample faces of seed {seed}",
        [],
        () => Enumerable.Range(0, trainCount + validationCount).Select(index => new FaceRow(
            $"sample face {index} of seed {seed}",
            index < trainCount ? Split.Train : Split.Validation,
            () => SampleFaces.LabelOf(index),
            () => SampleFaces.Draw(seed, index))),
        trainCount + validationCount) { HasSplits = true };

    /// <summary>Returns the rows of a split that was requested by name. If the data has no splits, this is an error: its rows would be the same for every
    /// split.</summary>
    /// <param name="option">The command-line option that selects the split, for the message; null in the API.</param>
    /// <exception cref="InvalidDataException">The data has no splits, or not this one.</exception>
    public static FaceDataView Only(this FaceDataView view, Split split, string? option = null)
    {
        if (!view.HasSplits && split != Split.Unspecified)
        {
            string instead = option is null ? "pass no split for all images and divide them with ml.Data.TrainTestSplit" : $"leave '{option}' out to take all images";
            throw new InvalidDataException($"{view.Name}: no {split} images: the data has no splits; {instead}, "
                + "or use data that has splits: folders root/{train,validation,test}/<class>, or a CSV with the column Usage");
        }

        return !view.HasSplits || view.Rows().Any(row => row.Split == split)
            ? view.OfSplit(split)
            : throw Missing(view.Name, split, view.Rows().Select(row => row.Split), option);
    }

    /// <summary>Loads a split, or all rows if the source has no splits.</summary>
    /// <exception cref="InvalidDataException">The split has no readable image.</exception>
    public static FaceDataset LoadSplit(this FaceDataView view, Split split, LoadOptions? options = null, string? option = null) =>
        FaceDataset.Load(view.OfSplit(split), options).Require(split, view.Rows().Select(row => row.Split), option);

    /// <summary>Returns a split's faces, or throws with the reason if there are none.</summary>
    /// <param name="present">The splits that the data has.</param>
    public static FaceDataset Require(this FaceDataset part, Split split, IEnumerable<Split> present, string? option = null)
    {
        if (part.Count > 0)
        {
            return part;
        }

        throw part.Unreadable is [var first, ..]
            ? new InvalidDataException($"{part.Name}: no {split} images: none of {part.Unreadable.Count} can be read, the first for: {first.Reason} ({first.Source})")
            : Missing(part.Name, split, present, option);
    }

    private static InvalidDataException Missing(string name, Split split, IEnumerable<Split> present, string? option)
    {
        Split[] splits = [.. present.Distinct().Order()];
        string found = splits.Length == 0
            ? "there is no image at all"
            : $"found only images of split {string.Join(", ", splits)}" + (option is null ? "" : $"; add '{option} {splits[^1]}'".ToLowerInvariant());
        return new InvalidDataException($"{name}: no {split} images: {found}");
    }
}
