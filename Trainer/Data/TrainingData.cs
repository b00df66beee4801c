using Microsoft.ML;

namespace MlNetEmotion.Trainer.Data;

/// <summary>The training and validation faces of a run.</summary>
/// <param name="IsHeldOut">Whether the validation faces were held out of the training data, because it has no validation split.</param>
/// <param name="Dropped">Training faces that were left out as duplicates or near-duplicates of another split's.</param>
internal sealed record TrainingData(FaceDataset Train, FaceDataset Validation, bool IsHeldOut, int Dropped = 0)
{
    private const double HeldOutShare = 0.1;
    private const ulong HeldOutSeed = 1;

    /// <summary>Warnings about votes: names that match no image, and the number of images without votes.</summary>
    public IReadOnlyList<string> VoteWarnings { get; private init; } = [];

    /// <summary>Returns the warnings about votes, and about classes that only one of the two sets has: without validation images of a class, the best epoch is
    /// chosen without regard to it.</summary>
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

    /// <summary>Rejects training faces of a single class: a network trained on them would always predict it.</summary>
    /// <param name="isPart">Whether the faces may be only some of the data's rows; for the message.</param>
    /// <exception cref="InvalidDataException">All training faces are of one class.</exception>
    public void RequireClasses(bool isPart)
    {
        if (Train.ClassCounts.Count(count => count > 0) == 1)
        {
            string instead = isPart
                ? "rows of LoadFaces are sorted by path, so that the first ones, as by TakeRows, are of one class: shuffle them before, or divide them with ml.Data.TrainTestSplit"
                : "add images of other classes";
            throw new InvalidDataException(
                $"{Train.Name}: only class {Train.Labels[0]} among {Programs.Quantity.Pluralize(Train.Count, "training image")}; a network needs at least two classes; {instead}");
        }
    }

    /// <summary>
    /// Loads the data of a training run. Validation faces come from <paramref name="validation"/> if given, else from the data's validation split, else from
    /// a share of each class's training images that is held out: at least one of a class with two.
    /// </summary>
    /// <param name="data">The data. Rows without a split are for training.</param>
    /// <param name="dropDuplicates">Whether to leave out training faces with a duplicate or near-duplicate among the validation or test faces.</param>
    /// <exception cref="InvalidDataException">There is no readable training or validation image, or no training image has votes although some are
    /// given.</exception>
    public static TrainingData Load(IDataView data, IDataView? validation = null, bool dropDuplicates = false, LoadOptions? options = null)
    {
        options ??= new LoadOptions();
        LoadOptions withoutVotes = options with { Votes = [] };
        FaceDataset all = FaceDataset.Load(data, withoutVotes);
        FaceDataset? given = validation is null ? null : FaceDataset.Load(validation, withoutVotes);
        VotesMatch? votes = options.Votes.Count == 0 ? null : VotedFaces.Match(options.Votes, given is null ? [(data, all)] : [(data, all), (validation!, given)]);
        if (votes is not null)
        {
            (all, given) = (all.WithVotes(votes.Of), given?.WithVotes(votes.Of));
        }

        FaceDataset train = all.OfSplits(Split.Train, Split.Unspecified).Require(Split.Train, all.Splits);
        TrainingData result = Choose(train, all.OfSplits(Split.Validation), given);
        result = dropDuplicates ? result.DropDuplicates(all.OfSplits(Split.Test)) : result;
        return votes is null ? result : result with { VoteWarnings = result.CheckVotes(options.Votes, votes) };
    }

    /// <summary>Leaves out training faces with a duplicate or near-duplicate among the validation faces or <paramref name="others"/>.</summary>
    public TrainingData DropDuplicates(FaceDataset others)
    {
        int[] duplicates = [.. NearDuplicates.Shared(Train, Validation).Union(NearDuplicates.Shared(Train, others))];
        return this with { Train = Train.Without(duplicates), Dropped = duplicates.Length };
    }

    private string[] CheckVotes(IReadOnlyList<string> files, VotesMatch votes)
    {
        string[] warnings = [.. votes.Warnings(Train.Name, Train.Sources.Concat(Validation.Sources))];
        VotedFaces.RequireVotes(Train, files, "training images", warnings);
        return
        [
            .. warnings,
            .. VotedFaces.CoverageWarnings(Train, "training images", "learn from their label"),
            .. VotedFaces.CoverageWarnings(Validation, "validation images", "count by their label"),
        ];
    }

    private static TrainingData Choose(FaceDataset train, FaceDataset ownValidation, FaceDataset? given)
    {
        if (given is not null)
        {
            return new(train, given.OfSplits(Split.Validation, Split.Unspecified).Require(Split.Validation, given.Splits), IsHeldOut: false);
        }

        // An unreadable validation split is an error, not a reason to hold faces out.
        if (ownValidation.Count + ownValidation.Unreadable.Count > 0)
        {
            return new(train, ownValidation.Require(Split.Validation, ownValidation.Splits), IsHeldOut: false);
        }

        (FaceDataset kept, FaceDataset heldOut) = train.StratifiedSplit(HeldOutShare, HeldOutSeed);
        return heldOut.Count > 0
            ? new(kept, heldOut, IsHeldOut: true)
            : throw new InvalidDataException(
                $"{train.Name}: no validation split, and no class has two images, of which one could be held out; give separate validation images");
    }
}
