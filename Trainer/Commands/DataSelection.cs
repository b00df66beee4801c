using Microsoft.ML;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Training;

namespace MlNetEmotion.Trainer.Commands;

/// <summary>The data of a run, as selected on the command line.</summary>
/// <param name="Data">A folder or CSV file; null for generated sample faces.</param>
/// <param name="Validation">A folder or CSV file of validation faces; null for the data's validation split, or a held-out part.</param>
/// <param name="DropDuplicates">Whether to leave out training faces with a duplicate or near-duplicate in another split.</param>
/// <param name="Classes">The class mapping, as typed for <c>--classes</c>, or null.</param>
internal sealed record DataSelection(string? Data, string? Validation, bool DropDuplicates = false, string? Classes = null)
{
    /// <summary>Returns the selection that a checkpoint records.</summary>
    public static DataSelection Of(DataReference reference) => new(reference.Source, reference.Validation, reference.DropDuplicates, reference.Classes);

    /// <summary>Opens the faces. Unreadable ones are skipped, or are an error if <paramref name="strict"/>.</summary>
    public IDataView Load(MLContext ml, bool strict) => Data is null ? ml.Data.LoadSampleFaces() : Open(ml, Data, strict);

    /// <summary>Opens the validation faces; null if they have no path.</summary>
    public IDataView? LoadValidation(MLContext ml, bool strict) => Validation is null ? null : Open(ml, Validation, strict);

    /// <summary>Returns the data's identity for checkpoints, with absolute paths, so that the run can be resumed from any folder.</summary>
    public DataReference Reference(TrainingData data) => new(
        Data is null ? null : Path.GetFullPath(Data),
        Validation is null ? null : Path.GetFullPath(Validation),
        Data is null ? data.Train.Name : Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Data))),
        data.Train.ContentHash(),
        data.Validation.ContentHash(),
        DropDuplicates,
        Classes);

    private IDataView Open(MLContext ml, string path, bool strict) =>
        ml.Data.LoadFaces(path, skip: strict ? null : _ => { }, classes: ClassNames.Parse(Classes).Own);
}
