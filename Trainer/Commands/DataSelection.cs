using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Training;

namespace MlNetEmotion.Trainer.Commands;

/// <summary>The data that a run learns from, as it was named.</summary>
/// <param name="Data">A folder or CSV file; null for generated sample faces.</param>
/// <param name="Validation">A folder or CSV file of validation faces; null for the data's own split, or a held-out part.</param>
/// <param name="DropDuplicates">Whether to leave training faces out that stand, identically or nearly, in another split.</param>
internal sealed record DataSelection(string? Data, string? Validation, bool DropDuplicates = false)
{
    private const int SampleTrainCount = 5600;
    private const int SampleValidationCount = 1400;
    private const ulong SampleSeed = 1;

    /// <summary>Reads the faces.</summary>
    /// <param name="options">How.</param>
    /// <exception cref="UsageException">There is no such file or folder.</exception>
    /// <exception cref="InvalidDataException">It holds no labelled faces.</exception>
    public TrainingData Load(LoadOptions options)
    {
        FaceDataView view = Data is null ? FaceSource.Samples(SampleTrainCount, SampleValidationCount, SampleSeed) : FaceSource.Open(Data);
        return TrainingData.Load(view, Validation is null ? null : FaceSource.Open(Validation), DropDuplicates, options);
    }

    /// <summary>What a checkpoint keeps of the data: absolute paths, so that the run resumes from anywhere.</summary>
    /// <param name="data">The faces that were read.</param>
    public DataReference Reference(TrainingData data) => new(
        Data is null ? null : Path.GetFullPath(Data),
        Validation is null ? null : Path.GetFullPath(Validation),
        Data is null ? data.Train.Name : Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Data))),
        data.Train.ContentHash(),
        data.Validation.ContentHash(),
        DropDuplicates);

    /// <summary>Reads a stopped run's faces again, and makes sure that they are the same.</summary>
    /// <param name="reference">What its checkpoint keeps.</param>
    /// <param name="options">How to read.</param>
    /// <exception cref="UsageException">The data has changed.</exception>
    public static TrainingData Reload(DataReference reference, LoadOptions options)
    {
        var selection = new DataSelection(reference.Source, reference.Validation, reference.DropDuplicates);
        TrainingData data = selection.Load(options);
        return selection.Reference(data) == reference
            ? data
            : throw new UsageException($"{reference.Source ?? reference.Name}: its images are not those that the run began with, so it cannot go on; train anew");
    }
}
