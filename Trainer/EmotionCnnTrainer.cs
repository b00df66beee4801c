using Microsoft.ML;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Training;

namespace MlNetEmotion.Trainer;

/// <summary>How a run is kept and watched.</summary>
public sealed record TrainingRunOptions
{
    /// <summary>The folder of the run's checkpoints; null for one that goes when the run ends.</summary>
    public string? Folder { get; init; }

    /// <summary>Whether to go on with the run that the folder holds, with its own settings, rather than begin one.</summary>
    public bool Resume { get; init; }

    /// <summary>Whether to leave training faces out that stand, identically or nearly, among the validation or test faces.</summary>
    public bool DropDuplicates { get; init; }

    /// <summary>Told after each epoch what it measured, and whether it is the best so far.</summary>
    public Action<EpochRecord, bool>? EpochDone { get; init; }

    /// <summary>Gets each warning on the data and on the model to come, before the first step: images that can't be read or are duplicates, classes without images, votes
    /// that are not found, too few images to calibrate on. <see cref="EmotionCnnCatalog.WarningLog"/> passes them to an <c>MLContext</c>'s log; null for none.</summary>
    public IProgress<string>? Warnings { get; init; }

    /// <summary>Stops the run after the step in progress; with a folder, it can go on from there.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Whether the caller holds the folder's lock, because it writes more into the folder afterwards.</summary>
    internal bool IsLocked { get; init; }

    /// <summary>Names the data in checkpoints and in the model.</summary>
    internal Func<TrainingData, DataReference> Reference { get; init; } = data => new DataReference(
        null, null, Path.GetFileName(Path.TrimEndingDirectorySeparator(data.Train.Name)), data.Train.ContentHash(), data.Validation.ContentHash());

    /// <summary>Receives each warning, as the command line prints it.</summary>
    internal Action<Notice>? Noticed { get; init; }

    /// <summary>Told before the first step.</summary>
    internal Action<TrainingRun>? Started { get; init; }

    /// <summary>Told after each step.</summary>
    internal IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>Told when the run has come to its end, with its model.</summary>
    internal Action<TrainedModel>? Finished { get; init; }
}

/// <summary>
/// Trains a network on labelled faces: holds validation faces out where the data has none, trains, keeps the best epoch, calibrates, and gives a model that
/// scores faces in ML.NET and is saved as ONNX. The same data and settings give the same model on one machine.
/// </summary>
public sealed class EmotionCnnTrainer : IEstimator<EmotionTransformer>
{
    private readonly TrainingOptions options;
    private readonly TrainingRunOptions run;
    private readonly MLContext ml;

    internal EmotionCnnTrainer(TrainingOptions options, TrainingRunOptions run)
    {
        options.Validate();
        (this.options, this.run) = (options, run);
        ml = new MLContext(options.Seed);
    }

    /// <summary>Trains on a view's training faces, and measures on its validation faces or on a tenth of each class that it
    /// holds out.</summary>
    /// <param name="input">Columns as <see cref="EmotionCnnCatalog.LoadFaces"/> has them; <c>Split</c> and <c>Source</c> may be missing.</param>
    /// <param name="validation">Faces to choose the best epoch by, and to calibrate on; null for some of the view's own.</param>
    /// <exception cref="ArgumentException">A column is missing, or of another type.</exception>
    /// <exception cref="InvalidDataException">There are no faces to train on or to hold out, all to train on are of one class, one can't be read, or votes are on none of those to train on.</exception>
    /// <exception cref="OperationCanceledException">The run was stopped.</exception>
    /// <exception cref="TrainingDivergedException">The loss is not a number any more: the learning rate is too high.</exception>
    public EmotionTransformer Fit(IDataView input, IDataView? validation = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        using TemporaryFolder? temporary = run.Folder is null ? new TemporaryFolder() : null;
        var directory = new RunDirectory(run.Folder ?? temporary!.Path);
        TrainingRun.Check(directory, run.Resume);
        using IDisposable? runs = run.IsLocked ? null : directory.Lock();
        IReadOnlyList<string> votes = run.Resume ? Checkpoint.OptionsOf(directory.LastCheckpoint).Votes : options.Votes;
        TrainingData data = TrainingData.Load(input, validation, run.DropDuplicates, new LoadOptions { Votes = votes, CancellationToken = run.CancellationToken });
        data.RequireClasses(isPart: input is not FaceDataView);
        DataReference reference = run.Reference(data) with { DropDuplicates = run.DropDuplicates };
        using TrainingRun training = run.Resume
            ? TrainingRun.Resume(data, reference, directory)
            : TrainingRun.Start(options, data, reference, directory);
        foreach (Notice notice in TrainingNotices.Of(data, input, validation))
        {
            run.Warnings?.Report(notice.Message);
            run.Noticed?.Invoke(notice);
        }

        if (TrainingNotices.Dropped(data, reference.Name) is { } dropped)
        {
            run.Warnings?.Report(dropped);
        }

        run.Started?.Invoke(training);
        if (!training.Train(run.Progress, run.EpochDone, run.CancellationToken))
        {
            throw new OperationCanceledException($"the run was stopped in epoch {training.Position.Epoch + 1}", run.CancellationToken);
        }

        TrainedModel model = training.Finish();
        run.Finished?.Invoke(model);
        return ml.Transforms.ScoreEmotion(model.Onnx).Fit(input);
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => ml.Transforms.ScoreEmotion().GetOutputSchema(inputSchema);

    EmotionTransformer IEstimator<EmotionTransformer>.Fit(IDataView input) => Fit(input);

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("MlNetEmotion").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
