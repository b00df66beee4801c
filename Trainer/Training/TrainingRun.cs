using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Data;

namespace MlNetEmotion.Trainer.Training;

/// <summary>A run from its data to its model. It keeps checkpoints in a folder, and survives being stopped or killed.</summary>
internal sealed class TrainingRun : IDisposable
{
    private readonly TrainingSession session;
    private readonly RunDirectory directory;

    private TrainingRun(TrainingSession session, TrainingData data, DataReference reference, RunDirectory directory)
    {
        this.session = session;
        this.directory = directory;
        (Data, Reference) = (data, reference);
        ParameterCount = session.Network.ParameterCount;
    }

    public TrainingData Data { get; }

    public DataReference Reference { get; }

    public TrainingOptions Options => session.Options;

    public TrainingPosition Position => session.Position;

    public Compute Compute => session.Compute;

    public long ParameterCount { get; }

    /// <summary>Makes sure, before data is read, that a folder has no run yet; or where one is to go on, that it has.</summary>
    /// <exception cref="UsageException">It has, or has not.</exception>
    public static void Check(RunDirectory directory, bool resume)
    {
        if (File.Exists(directory.LastCheckpoint) != resume)
        {
            throw new UsageException(resume
                ? $"{directory.Folder}: no run to go on with (expected {directory.LastCheckpoint})"
                : $"{directory.Folder} holds a run already: go on with it by --resume {ShellQuote.Quote(directory.Folder)}, or name another --output");
        }
    }

    /// <summary>Begins a run.</summary>
    public static TrainingRun Start(TrainingOptions options, TrainingData data, DataReference reference, RunDirectory directory)
    {
        var session = new TrainingSession(options, Compute.Resolve(options.Device, options.Precision));
        if (options.From is string model)
        {
            PretrainedWeights.Load(session, model, data.Train);
        }

        Directory.CreateDirectory(directory.Folder);
        return new TrainingRun(session, data, reference, directory);
    }

    /// <summary>Goes on with a run that was stopped or killed, with its own settings.</summary>
    /// <exception cref="UsageException">The data is not what it began with.</exception>
    public static TrainingRun Resume(TrainingData data, DataReference reference, RunDirectory directory)
    {
        (TrainingSession session, DataReference began) = Checkpoint.Load(directory.LastCheckpoint);
        if ((began.TrainHash, began.ValidationHash, began.DropDuplicates) == (reference.TrainHash, reference.ValidationHash, reference.DropDuplicates))
        {
            // The images may have been moved since: later checkpoints name their new place.
            DataReference place = began with { Source = reference.Source ?? began.Source, Validation = reference.Validation ?? began.Validation };
            return new TrainingRun(session, data, place, directory);
        }

        session.Dispose();
        throw new UsageException($"{reference.Source ?? began.Source ?? began.Name}: its images are not those that the run began with, so it cannot go on; train anew");
    }

    /// <summary>Trains to the end, or until told to stop.</summary>
    /// <param name="progress">Told after each step.</param>
    /// <param name="epochDone">Told after each epoch, and whether it is the best so far.</param>
    /// <param name="stop">Stops after the step in progress; the run can go on from there.</param>
    /// <returns>Whether the run came to its end.</returns>
    public bool Train(IProgress<TrainingProgress>? progress, Action<EpochRecord, bool>? epochDone, CancellationToken stop)
    {
        using TeacherEnsemble? teachers = Options.Teachers is [_, ..] named ? TeacherEnsemble.Load(named, Compute) : null;
        var loop = new TrainingLoop(session, Data, progress) { Teachers = teachers };
        bool finished = loop.Run(Keep, stop);
        if (!finished)
        {
            Checkpoint.Save(directory.LastCheckpoint, session, Reference);
        }

        return finished;

        void Keep(EpochRecord record)
        {
            // The best one first: a run that is killed in between repeats its last epoch and finds the same best again.
            bool isBest = Position.Best() == record;
            if (isBest)
            {
                Checkpoint.Save(directory.BestCheckpoint, session, Reference);
            }

            Checkpoint.Save(directory.LastCheckpoint, session, Reference);
            epochDone?.Invoke(record, isBest);
        }
    }

    /// <summary>Settles what the best epoch's network answers with, and calibrates that. Its checkpoint keeps both, so that exporting it gives this model again.</summary>
    public TrainedModel Finish()
    {
        (TrainingSession best, _) = Checkpoint.Load(directory.BestCheckpoint, Compute);
        using TrainingSession owned = best;
        TrainedModel.Calibrate(best, Data.Validation);
        TrainedModel model = TrainedModel.Of(best, Reference, Data.Validation, directory.Model);
        Checkpoint.Save(directory.BestCheckpoint, best, Reference);
        (Position.Answer, Position.Answers) = (best.Position.Answer, best.Position.Answers);
        return model;
    }

    public void Dispose() => session.Dispose();
}
