using MlNetEmotion.Programs;

namespace MlNetEmotion.Trainer.Data;

/// <summary>Finds the faces that a path on the command line stands for.</summary>
public static class FaceSource
{
    /// <summary>Opens image folders, or FER2013's CSV.</summary>
    /// <param name="path">A folder, or a file whose name ends in <c>.csv</c>.</param>
    /// <exception cref="UsageException">There is no such file or folder.</exception>
    /// <exception cref="InvalidDataException">It is not laid out as expected.</exception>
    public static IDataView Open(string path) =>
        Path.GetExtension(path).Equals(".csv", StringComparison.OrdinalIgnoreCase) && !Directory.Exists(path)
            ? new FerCsvView(path)
            : new ImageFolderView(path);

    /// <summary>One split's rows. Rows whose split is unspecified belong to every split.</summary>
    /// <param name="view">A view of labelled faces.</param>
    /// <param name="split">The split.</param>
    public static IDataView OfSplit(this IDataView view, Split split) =>
        view.Where(FaceColumns.Split, value => value == split || value == Split.Unspecified);

    /// <summary>Loads one split, or everything where the source has no splits.</summary>
    /// <param name="view">A view of labelled faces.</param>
    /// <param name="split">The split.</param>
    /// <param name="options">How to load; null for the defaults.</param>
    /// <exception cref="InvalidDataException">There is no readable image in that split.</exception>
    public static FaceDataset LoadSplit(this IDataView view, Split split, LoadOptions? options = null) =>
        Filled(FaceDataset.Load(view.OfSplit(split), options), view, split);

    /// <summary>
    /// Loads what a training run needs. Validation comes from its own view where one is given, else from the data's
    /// validation split, else every class gives the same share of its training images.
    /// </summary>
    /// <param name="data">The data.</param>
    /// <param name="validation">The validation data, or null.</param>
    /// <param name="heldOutShare">The share to hold out, between 0 and 1.</param>
    /// <param name="seed">Chooses which are held out.</param>
    /// <param name="options">How to load; null for the defaults.</param>
    /// <exception cref="InvalidDataException">There is no readable training or validation image.</exception>
    public static TrainingData LoadTraining(this IDataView data, IDataView? validation, double heldOutShare, ulong seed, LoadOptions? options = null)
    {
        FaceDataset train = data.LoadSplit(Split.Train, options);
        if (validation is not null)
        {
            return new TrainingData(train, validation.LoadSplit(Split.Validation, options), IsHeldOut: false);
        }

        FaceDataset found = FaceDataset.Load(data.Where(FaceColumns.Split, split => split == Split.Validation), options);
        if (found.Count + found.Unreadable.Count > 0)
        {
            return new TrainingData(train, Filled(found, data, Split.Validation), IsHeldOut: false);
        }

        (FaceDataset kept, FaceDataset heldOut) = train.HoldOut(heldOutShare, seed);
        return heldOut.Count > 0
            ? new TrainingData(kept, heldOut, IsHeldOut: true)
            : throw new InvalidDataException(
                $"{data.Name}: no validation split, and {train.Count} images are too few to hold out {heldOutShare:P0} of a class; give validation images of their own");
    }

    private static FaceDataset Filled(FaceDataset dataset, IDataView view, Split split)
    {
        if (dataset.Count > 0)
        {
            return dataset;
        }

        Split[] splits = [.. view.Rows().Select(row => row.Get(FaceColumns.Split)).Distinct().Order()];
        string found = dataset.Unreadable is [var first, ..]
            ? $"none of {dataset.Unreadable.Count} can be read, the first for: {first.Reason} ({first.Source})"
            : splits.Length == 0 ? "there is no image at all" : $"found only images of split {string.Join(", ", splits)}";
        throw new InvalidDataException($"{view.Name}: no {split} images: {found}");
    }
}
