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
        trainCount + validationCount) { HasSplits = true };

    /// <summary>Narrows a view to a split that was asked for by name. Data without splits has none to give: its rows would be the same for every split.</summary>
    /// <param name="option">The option that chooses a split, where there is one.</param>
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
