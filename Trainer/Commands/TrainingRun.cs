using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Training;

namespace MlNetEmotion.Trainer.Commands;

/// <summary>A training run on disk: trains, keeps checkpoints, and survives being stopped or killed.</summary>
internal static class TrainingRun
{
    /// <summary>Trains until the end or until told to stop; either way the last checkpoint is where the run goes on.</summary>
    /// <returns>Whether the run came to its end.</returns>
    public static bool Train(TrainingSession session, TrainingData data, DataReference reference, RunDirectory directory, TrainingDisplay display, CancellationToken stop)
    {
        var loop = new TrainingLoop(session, data, display);
        bool finished = loop.Run(EpochDone, stop);
        if (!finished)
        {
            Checkpoint.Save(directory.LastCheckpoint, session, reference);
        }

        return finished;

        // The best one first: a run killed in between repeats its last epoch and finds the same best again.
        void EpochDone(EpochRecord record)
        {
            bool isBest = session.Position.Best() == record;
            if (isBest)
            {
                Checkpoint.Save(directory.BestCheckpoint, session, reference);
            }

            Checkpoint.Save(directory.LastCheckpoint, session, reference);
            display.EpochDone(record, isBest);
        }
    }
}
