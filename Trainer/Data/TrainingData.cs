using Microsoft.ML;

namespace MlNetEmotion.Trainer.Data;

/// <summary>What a training run learns from and is chosen by.</summary>
/// <param name="Train">Faces to learn from.</param>
/// <param name="Validation">Faces to measure on.</param>
/// <param name="IsHeldOut">Whether the validation faces were held out of the training data for want of a validation split.</param>
/// <param name="Dropped">Training faces that were left out because they stand, identically or nearly, in another split.</param>
internal sealed record TrainingData(FaceDataset Train, FaceDataset Validation, bool IsHeldOut, int Dropped = 0)
{
    private const double HeldOutShare = 0.1;
    private const ulong HeldOutSeed = 1;

    /// <summary>Warnings about votes: names that give theirs to no image, and how many images have none.</summary>
    public IReadOnlyList<string> VoteWarnings { get; private init; } = [];

    /// <summary>Warnings about votes, and about classes with training images only, or validation images only: the best epoch is chosen without regard to the former.</summary>
    public IEnumerable<string> Warnings()
    {
        string unmeasured = Names(emotion => Train.ClassCounts[emotion] > 0 && Validation.ClassCounts[emotion] == 0);
        string unlearned = Names(emotion => Train.ClassCounts[emotion] == 0 && Validation.ClassCounts[emotion] > 0);
        string name = Validation.Name;
        return
        [
            .. VoteWarnings,
            .. unmeasured.Length > 0 ? [$"{name}: no validation image of {unmeasured}: the best epoch is chosen without regard to them; add some"] : Array.Empty<string>(),
            .. unlearned.Length > 0 ? [$"{Train.Name}: no training image of {unlearned}, which validation has: they count as wrong; add some"] : Array.Empty<string>(),
        ];

        string Names(Func<int, bool> which) => string.Join(", ", Enumerable.Range(0, Emotions.Count).Where(which).Select(emotion => Emotions.Labels[emotion]));
    }

    /// <summary>Refuses training faces of a single class: any network that learns from them answers with it whatever it sees.</summary>
    /// <param name="isPart">Whether they may be a part of the data's rows.</param>
    /// <exception cref="InvalidDataException">They are of one class.</exception>
    public void RequireClasses(bool isPart)
    {
        if (Train.ClassCounts.Count(count => count > 0) == 1)
        {
            string instead = isPart
                ? "rows of LoadFaces are sorted by path, so that the first ones, as by TakeRows, are of one class: shuffle them before, or divide them with ml.Data.TrainTestSplit"
                : "add images of other classes";
            throw new InvalidDataException(
                $"{Train.Name}: only class {Train.Labels[0]} among {Programs.Quantity.Pluralize(Train.Count, "training image")}; a network learns to tell at least two classes; {instead}");
        }
    }

    /// <summary>
    /// Loads what a training run needs. Validation comes from its own view where one is given, else from the data's
    /// validation split, else every class gives the same share of its training images, at least one where it has two.
    /// </summary>
    /// <param name="data">The data. Where it names no splits, all of it is for training.</param>
    /// <param name="validation">The validation data, or null.</param>
    /// <param name="dropDuplicates">Whether training faces are left out that stand, identically or nearly, among the validation or test faces.</param>
    /// <param name="options">How to load; null for the defaults.</param>
    /// <exception cref="InvalidDataException">There is no readable training or validation image, or there are votes and none is on a training image.</exception>
    public static TrainingData Load(IDataView data, IDataView? validation = null, bool dropDuplicates = false, LoadOptions? options = null)
    {
        options ??= new LoadOptions();
        LoadOptions withoutVotes = options with { Votes = [] };
        FaceDataset all = FaceDataset.Load(data, withoutVotes);
        FaceDataset? given = validation is null ? null : FaceDataset.Load(validation, withoutVotes);
        VotesMatch? votes = options.Votes.Count == 0 ? null : FindVotes(options.Votes, [(data, all), .. given is null ? [] : new[] { (validation!, given) }]);
        if (votes is not null)
        {
            (all, given) = (all.WithVotes(votes.Of), given?.WithVotes(votes.Of));
        }

        FaceDataset train = all.OfSplits(Split.Train, Split.Unspecified).Require(Split.Train, all.Splits);
        TrainingData result = Choose(train, all.OfSplits(Split.Validation), given);
        result = dropDuplicates ? result.DropDuplicates(all.OfSplits(Split.Test)) : result;
        return votes is null ? result : result with { VoteWarnings = result.CheckVotes(options.Votes, votes) };
    }

    /// <summary>Leaves training faces out that stand, identically or nearly, among the validation faces or others, which may be none.</summary>
    public TrainingData DropDuplicates(FaceDataset others)
    {
        int[] duplicates = [.. NearDuplicates.Shared(Train, Validation).Union(NearDuplicates.Shared(Train, others))];
        return this with { Train = Train.Without(duplicates), Dropped = duplicates.Length };
    }

    // Looks for each name among all images of both views: those of a split that is not trained on may have it too.
    private static VotesMatch FindVotes(IEnumerable<string> files, IReadOnlyCollection<(IDataView View, FaceDataset Faces)> views) => VotedFaces.Match(
        files, [.. views.Select(view => view.Faces)], views.SelectMany(view =>
            view.Faces.Unreadable.Select(image => image.Source).Concat((view.View as FaceDataView)?.AllRows().Select(row => row.Source) ?? [])));

    private string[] CheckVotes(IReadOnlyList<string> files, VotesMatch votes)
    {
        string[] warnings = [.. votes.Warnings(Train.Name, Train.Sources.Concat(Validation.Sources))];
        VotedFaces.RequireVotes(Train, files, "training images", warnings);
        return
        [
            .. warnings,
            .. VotedFaces.Partly(Train, "training images", "learn from their label"),
            .. VotedFaces.Partly(Validation, "validation images", "count by their label"),
        ];
    }

    private static TrainingData Choose(FaceDataset train, FaceDataset ownValidation, FaceDataset? given)
    {
        if (given is not null)
        {
            return new(train, given.OfSplits(Split.Validation, Split.Unspecified).Require(Split.Validation, given.Splits), IsHeldOut: false);
        }

        // A split that can't be read is an error, not a reason to hold faces out.
        if (ownValidation.Count + ownValidation.Unreadable.Count > 0)
        {
            return new(train, ownValidation.Require(Split.Validation, ownValidation.Splits), IsHeldOut: false);
        }

        (FaceDataset kept, FaceDataset heldOut) = train.HoldOut(HeldOutShare, HeldOutSeed);
        return heldOut.Count > 0
            ? new(kept, heldOut, IsHeldOut: true)
            : throw new InvalidDataException(
                $"{train.Name}: no validation split, and no class has two images, of which one could be held out; give validation images of their own");
    }
}
