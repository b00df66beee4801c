using Microsoft.ML;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Export;

namespace MlNetEmotion.Trainer.Training;

/// <summary>A training run from its data to its model. It keeps checkpoints in a folder, so that it can be stopped or killed and resumed, and locks the
/// folder against other runs until it is disposed.</summary>
internal sealed class TrainingRun(IDisposable folderLock, RunDirectory directory, TrainingState state, TrainingData data, DataReference reference) : IDisposable
{
    public TrainingData Data => data;

    public DataReference Reference => reference;

    public TrainingOptions Options => state.Options;

    public TrainingProgress Progress => state.Progress;

    public Compute Compute => state.Compute;

    public long ParameterCount => state.Network.ParameterCount;

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

    /// <summary>Locks the folder, loads the data, and starts a run or resumes the one in the folder.</summary>
    /// <param name="options">The settings; null to resume a run with its own.</param>
    /// <param name="input">The training faces; the validation faces too, if <paramref name="validation"/> is null.</param>
    /// <param name="selection">The data as selected, without its identity.</param>
    /// <exception cref="UsageException">The folder is in use, has no run to resume or has one already, or the data differs from that of the run's
    /// start.</exception>
    public static TrainingRun Open(
        RunDirectory directory, TrainingOptions? options, IDataView input, IDataView? validation, DataReference selection, CancellationToken stop)
    {
        IDisposable folderLock = directory.Lock();
        TrainingState? state = null;
        DataReference? recorded = null;
        try
        {
            Check(directory, resume: options is null);
            if (options is null)
            {
                (state, recorded) = Checkpoint.Load(directory.LastCheckpoint);
                options = state.Options;
            }

            TrainingData data = TrainingData.Load(input, validation, selection.DropDuplicates, new LoadOptions { Votes = options.Votes, CancellationToken = stop });
            if (!options.Rehearse)
            {
                data.RequireClasses(isPart: input is not FaceDataView);
            }

            DataReference reference = selection.Of(data);
            reference = recorded is null ? reference : Verify(recorded, reference);
            state ??= Start(options, data.Train);
            Directory.CreateDirectory(directory.Folder);
            if (options.Augmentation.DetectorBoxProbability > 0)
            {
                data = data with
                {
                    Train = data.Train with { Boxes = DetectorBoxes.Of(directory.DetectorBoxes, data.Train, reference.TrainHash, isResumed: recorded is not null, stop) },
                };
            }

            return new TrainingRun(folderLock, directory, state, data, reference);
        }
        catch
        {
            state?.Dispose();
            folderLock.Dispose();
            throw;
        }
    }

    /// <summary>Trains to the end.</summary>
    /// <param name="epochDone">Called after each epoch, with whether it is the best so far.</param>
    /// <param name="stop">Stops the run after the current step; it can be resumed.</param>
    /// <exception cref="OperationCanceledException">The run was stopped.</exception>
    public void Train(IProgress<StepUpdate>? progress, Action<EpochRecord, bool>? epochDone, CancellationToken stop)
    {
        using Distillation? distillation = Options.Teachers is [_, ..] named ? Distillation.Load(named, Compute) : null;
        var loop = new TrainingLoop(state, Data, progress) { Distillation = distillation };
        if (!loop.Run(Keep, stop))
        {
            Checkpoint.Save(directory.LastCheckpoint, state, Reference);
            throw new OperationCanceledException($"the run was stopped in epoch {Progress.Epoch + 1}", stop);
        }

        void Keep(EpochRecord record)
        {
            // The best one first: a run that is killed in between repeats its last epoch and finds the same best one.
            bool isBest = Options.Rehearse || Progress.Best() == record;    // the validation faces then stay unused, to compare the two models on
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

    public void Dispose()
    {
        state.Dispose();
        folderLock.Dispose();
    }

    private static TrainingState Start(TrainingOptions options, FaceDataset faces)
    {
        if (options is { Rehearse: true, From: { } file } && OnnxWeights.Of(file, options.Network).IsMember)
        {
            throw new UsageException($"{file}: has several networks, of which one alone cannot be rehearsed; name a file that is not from 'Trainer combine'");
        }

        options = options.Rehearse ? options with { Teachers = [Teacher.Of(options.From!)] } : options;
        var state = new TrainingState(options, Compute.Resolve(options.Device, options.Precision));
        if (options.From is string model)
        {
            PretrainedWeights.Load(state, model, options.Rehearse ? Rehearsal.Faces(faces.Count) : faces);
        }

        return state;
    }

    // The images may have been moved; later checkpoints record the new place.
    private static DataReference Verify(DataReference recorded, DataReference found) =>
        (recorded.TrainHash, recorded.ValidationHash, recorded.DropDuplicates) == (found.TrainHash, found.ValidationHash, found.DropDuplicates)
            ? recorded with { Source = found.Source ?? recorded.Source, Validation = found.Validation ?? recorded.Validation }
            : throw new UsageException(
                $"{found.Source ?? recorded.Source ?? recorded.Name}: its images differ from those of the run's start, so the run cannot be resumed; start a new one");
}
