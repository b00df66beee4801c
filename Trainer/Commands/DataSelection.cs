using System.CommandLine;
using Microsoft.ML;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Training;

namespace MlNetEmotion.Trainer.Commands;

/// <summary>The data that a run learns from, as it was named.</summary>
/// <param name="Data">A folder or CSV file; null for generated sample faces.</param>
/// <param name="Validation">A folder or CSV file of validation faces; null for the data's own split, or a held-out part.</param>
/// <param name="DropDuplicates">Whether to leave training faces out that stand, identically or nearly, in another split.</param>
/// <param name="Classes">What the data's names of classes mean, as <c>--classes</c> has it, or null.</param>
internal sealed record DataSelection(string? Data, string? Validation, bool DropDuplicates = false, string? Classes = null)
{
    /// <summary>What a checkpoint names.</summary>
    public static DataSelection Of(DataReference reference) => new(reference.Source, reference.Validation, reference.DropDuplicates, reference.Classes);

    /// <summary>Opens the faces. Unreadable ones are skipped, unless that is an error.</summary>
    public IDataView Load(MLContext ml, bool strict) => Data is null ? ml.Data.LoadSampleFaces() : Open(ml, Data, strict);

    /// <summary>Opens the validation faces, where there are some of their own.</summary>
    public IDataView? LoadValidation(MLContext ml, bool strict) => Validation is null ? null : Open(ml, Validation, strict);

    /// <summary>What a checkpoint keeps of the data: absolute paths, so that the run resumes from anywhere.</summary>
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

/// <summary>The option that says what a data set's names of classes mean.</summary>
internal static class ClassesOption
{
    public static Option<string> Create() => new("--classes")
    {
        Description = "What the data's class folders, or a CSV's values of 'emotion', mean: 1=surprise,2=fear,contempt=none, where 'none' leaves a class out. "
            + "Without it, numbers are FER2013's",
        HelpName = ClassNames.Form,
    };

    /// <summary>Opens the faces that an option names.</summary>
    public static FaceDataView Open(this Option<string> classes, ParseResult parsed, Option<string> data) =>
        FaceSource.Open(parsed.GetRequiredValue(data), ClassNames.Parse(parsed.GetValue(classes)));
}
