using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Data;

namespace MlNetEmotion.Trainer.Training;

/// <summary>A training run from its data to its model. It keeps checkpoints in a folder, so that it can be stopped or killed and resumed.</summary>
internal sealed class TrainingRun : IDisposable
{
    private readonly TrainingState state;
    private readonly RunDirectory directory;

    private TrainingRun(TrainingState state, TrainingData data, DataReference reference, RunDirectory directory)
    {
        this.state = state;
        this.directory = directory;
        (Data, Reference) = (data, reference);
        ParameterCount = state.Network.ParameterCount;
    }

    public TrainingData Data { get; }

    public DataReference Reference { get; }

    public TrainingOptions Options => state.Options;

    public TrainingProgress Progress => state.Progress;

    public Compute Compute => state.Compute;

    public long ParameterCount { get; }

    /// <summary>Checks, before data is read, that a folder holds a run if it is to be resumed, and holds none otherwise.</summary>
    /// <exception cref="UsageException">The folder has no run to resume, or has one already.</exception>
    public static void Check(RunDirectory directory, bool resume)
    {
        if (File.Exists(directory.LastCheckpoint) != resume)
        {
            throw new UsageException(resume
                ? $"{directory.Folder}: no run to resume (expected {directory.LastCheckpoint})"
                : $"{directory.Folder} already holds a run: resume it with --resume {ShellQuote.Quote(directory.Folder)}, or name another --output");
        }
    }

    /// <summary>Starts a run.</summary>
    public static TrainingRun Start(TrainingOptions options, TrainingData data, DataReference reference, RunDirectory directory)
    {
        var state = new TrainingState(options, Compute.Resolve(options.Device, options.Precision));
        if (options.From is string model)
        {
            PretrainedWeights.Load(state, model, data.Train);
        }

        Directory.CreateDirectory(directory.Folder);
        return new TrainingRun(state, data, reference, directory);
    }

    /// <summary>Resumes a run that was stopped or killed, with its own settings.</summary>
    /// <exception cref="UsageException">The data differs from that of the run's start.</exception>
    public static TrainingRun Resume(TrainingData data, DataReference reference, RunDirectory directory)
    {
        (TrainingState state, DataReference recorded) = Checkpoint.Load(directory.LastCheckpoint);
        if ((recorded.TrainHash, recorded.ValidationHash, recorded.DropDuplicates) == (reference.TrainHash, reference.ValidationHash, reference.DropDuplicates))
        {
            // The images may have been moved; later checkpoints record the new place.
            DataReference place = recorded with { Source = reference.Source ?? recorded.Source, Validation = reference.Validation ?? recorded.Validation };
            return new TrainingRun(state, data, place, directory);
        }

        state.Dispose();
        throw new UsageException($"{reference.Source ?? recorded.Source ?? recorded.Name}: its images differ from those of the run's start, so the run cannot be resumed; start a new one");
    }

    /// <summary>Trains to the end, or until stopped.</summary>
    /// <param name="epochDone">Called after each epoch, with whether it is the best so far.</param>
    /// <param name="stop">Stops the run after the current step; it can be resumed.</param>
    /// <returns>Whether the run is complete.</returns>
    public bool Train(IProgress<StepUpdate>? progress, Action<EpochRecord, bool>? epochDone, CancellationToken stop)
    {
        using Distillation? distillation = Options.Teachers is [_, ..] named ? Distillation.Load(named, Compute) : null;
        var loop = new TrainingLoop(state, Data, progress) { Distillation = distillation };
        bool finished = loop.Run(Keep, stop);
        if (!finished)
        {
            Checkpoint.Save(directory.LastCheckpoint, state, Reference);
        }

        return finished;

        void Keep(EpochRecord record)
        {
            // The best one first: a run that is killed in between repeats its last epoch and finds the same best one.
            bool isBest = Progress.Best() == record;
            if (isBest)
            {
                Checkpoint.Save(directory.BestCheckpoint, state, Reference);
            }

            Checkpoint.Save(directory.LastCheckpoint, state, Reference);
            epochDone?.Invoke(record, isBest);
        }
    }

    /// <summary>Chooses and calibrates the head of the best epoch's network. Its checkpoint keeps both, so that exporting it gives the same model.</summary>
    public TrainedModel Finish()
    {
        (TrainingState best, _) = Checkpoint.Load(directory.BestCheckpoint, Compute);
        using TrainingState owned = best;
        TrainedModel.Calibrate(best, Data.Validation);
        TrainedModel model = TrainedModel.Of(best, Reference, Data.Validation, directory.Model);
        Checkpoint.Save(directory.BestCheckpoint, best, Reference);
        (Progress.Head, Progress.Heads) = (best.Progress.Head, best.Progress.Heads);
        return model;
    }

    public void Dispose() => state.Dispose();
}
