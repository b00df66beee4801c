using Microsoft.ML;
using MlNetEmotion.Trainer.Training;

namespace MlNetEmotion.Trainer;

/// <summary>The folder, callbacks and cancellation of a training run.</summary>
public sealed record TrainingRunOptions
{
    /// <summary>The folder for checkpoints; null for a temporary one that is deleted when the run ends.</summary>
    public string? Folder { get; init; }

    /// <summary>Whether to resume the run in the folder, with its own settings, instead of starting one.</summary>
    public bool Resume { get; init; }

    /// <summary>Whether to leave out training faces that have a duplicate or near-duplicate among the validation or test faces.</summary>
    public bool DropDuplicates { get; init; }

    /// <summary>Called after each epoch with its metrics, and whether it is the best so far.</summary>
    public Action<EpochRecord, bool>? EpochDone { get; init; }

    /// <summary>Receives the warnings on the data and the resulting model, before the first step: unreadable or duplicate images, classes without images, votes
    /// that match no image, too few images to calibrate on. Null for none. See <see cref="EmotionCnnCatalog.WarningLog"/>.</summary>
    public IProgress<string>? Warnings { get; init; }

    /// <summary>Stops the run after the current step; a run with a folder can be resumed.</summary>
    public CancellationToken CancellationToken { get; init; }
}

/// <summary>
/// Trains a network on labelled faces: holds out validation faces if the data has none, trains, keeps the best epoch, calibrates it, and returns a model
/// that scores faces in ML.NET and can be saved as ONNX. On one machine, the same data and settings give the same model.
/// </summary>
public sealed class EmotionCnnTrainer : IEstimator<EmotionTransformer>
{
    private readonly TrainingOptions options;
    private readonly TrainingRunOptions run;
    private readonly string labelColumn;
    private readonly string featureColumn;
    private readonly MLContext ml;

    internal EmotionCnnTrainer(TrainingOptions options, TrainingRunOptions run, string labelColumn, string featureColumn)
    {
        options.Validate();
        (this.options, this.run, this.labelColumn, this.featureColumn) = (options, run, labelColumn, featureColumn);
        ml = new MLContext(options.Seed);
    }

    /// <summary>Trains on a view's training faces and validates on its validation faces, or on a held-out tenth of each class.</summary>
    /// <param name="input">The columns of faces and labels, and optionally <c>Split</c> and <c>Source</c>, as <see cref="EmotionCnnCatalog.LoadFaces"/>
    /// returns them.</param>
    /// <param name="validation">Faces to select the best epoch and to calibrate on; null to take them from <paramref name="input"/>.</param>
    /// <exception cref="ArgumentException">A column is missing or has the wrong type, or the run's folder, its device or a file in the settings can't be
    /// used.</exception>
    /// <exception cref="InvalidDataException">There are no training or validation faces, all training faces are of one class, an image can't be read, or no
    /// training face has votes.</exception>
    /// <exception cref="OperationCanceledException">The run was stopped.</exception>
    /// <exception cref="TrainingDivergedException">The loss became infinite or NaN: the learning rate is too high.</exception>
    public EmotionTransformer Fit(IDataView input, IDataView? validation = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        using TemporaryFolder? temporary = run.Folder is null ? new TemporaryFolder() : null;
        (IDataView faces, validation) = (Renamed(input), validation is null ? null : Renamed(validation));
        using TrainingRun training = TrainingRun.Open(
            new RunDirectory(run.Folder ?? temporary!.Path), run.Resume ? null : options, faces, validation, new DataReference(DropDuplicates: run.DropDuplicates), run.CancellationToken);
        foreach (string warning in TrainingNotices.Of(training.Data, faces, validation, training.Options).Select(notice => notice.Message).Concat(TrainingNotices.OfTraining(training)))
        {
            run.Warnings?.Report(warning);
        }

        training.Train(progress: null, run.EpochDone, run.CancellationToken);
        return ml.Transforms.ScoreEmotion(training.Finish().Onnx, inputColumnName: featureColumn).Fit(input);
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => ml.Transforms.ScoreEmotion(inputColumnName: featureColumn).GetOutputSchema(inputSchema);

    EmotionTransformer IEstimator<EmotionTransformer>.Fit(IDataView input) => Fit(input);

    private IDataView Renamed(IDataView view) => (labelColumn, featureColumn) == (EmotionCatalog.LabelColumn, EmotionCatalog.FaceColumn) ? view
        : ml.Transforms.CopyColumns(EmotionCatalog.LabelColumn, labelColumn).Append(ml.Transforms.CopyColumns(EmotionCatalog.FaceColumn, featureColumn)).Fit(view).Transform(view);

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("MlNetEmotion").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
