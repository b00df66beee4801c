using Microsoft.ML;
using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Training;

namespace MlNetEmotion.Trainer.Commands;

/// <summary>The options for the data of a run.</summary>
internal sealed record DataSelection
{
    /// <summary>The help of the option <c>--classes</c>, which maps a data set's class names.</summary>
    public const string ClassesHelp = "The classes of the data's folders, or of a CSV's values of 'emotion': 1=surprise,2=fear,contempt=none, where 'none' leaves a class out. "
        + "Without it, numbers are FER2013's";

    [Setting("Image folders or FER2013's CSV; without it, generated sample faces", Value = "DIR|CSV")] public string? Data { get; init; }
    [Setting("Validation images, if the data has no such split", Value = "DIR|CSV")] public string? Validation { get; init; }
    [Setting(ClassesHelp, Value = ClassNames.Form)] public string? Classes { get; init; }
    [Setting("Leave out training images with a duplicate or near-duplicate among the validation or test images")] public bool DropDuplicates { get; init; }

    /// <summary>Returns the selection that a checkpoint records.</summary>
    public static DataSelection Of(DataReference reference) =>
        new() { Data = reference.Source, Validation = reference.Validation, DropDuplicates = reference.DropDuplicates, Classes = reference.Classes };

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
