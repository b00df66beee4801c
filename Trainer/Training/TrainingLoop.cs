using System.Diagnostics;
using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetEmotion.Trainer.Training;

/// <summary>Told after each step.</summary>
/// <param name="Position">How far the run has come; belongs to the run, read it at once.</param>
/// <param name="BatchCount">Batches an epoch.</param>
/// <param name="Epochs">Epochs of the whole run.</param>
internal readonly record struct TrainingProgress(TrainingPosition Position, int BatchCount, int Epochs);

/// <summary>The loss became infinite or not a number: the weights are spoilt and the run stops. A lower learning rate helps.</summary>
/// <param name="epoch">The epoch, from 0.</param>
/// <param name="batch">The epoch's batch, from 0.</param>
/// <param name="learningRate">The step's learning rate.</param>
public sealed class TrainingDivergedException(int epoch, int batch, double learningRate) : Exception(
    $"the loss is not a number any more at epoch {epoch + 1}, batch {batch + 1} (learning rate {learningRate:g3}): "
    + "train again with a lower --learning-rate; checkpoints of earlier epochs are kept");

/// <summary>Trains a network: epochs of steps, each epoch followed by a validation of the averaged weights.</summary>
internal sealed class TrainingLoop(TrainingSession session, TrainingData data, IProgress<TrainingProgress>? progress = null)
{
    // A device computes behind our back, and whoever reads a number waits until it has done all it was given: so the numbers of many steps are read at once.
    private const int UnreadSteps = 32;

    private readonly TrainingOptions options = session.Options;

    private readonly List<StepFigures> unread = [];

    private readonly DataLoader loader = new(data.Train, new DataLoaderOptions
    {
        BatchSize = session.Options.BatchSize,
        Shuffle = true,
        DropLast = data.Train.Count > session.Options.BatchSize,
        Augmentation = session.Options.Augmentation,
        LabelSmoothing = session.Options.LabelSmoothing,
        Balance = session.Options.Balance,
        Seed = (ulong)session.Options.Seed,
    });

    /// <summary>Gets the networks that teach this one; null for none.</summary>
    public TeacherEnsemble? Teachers { get; init; }

    /// <summary>Runs to the end, or until told to stop, which it does after the step in progress.</summary>
    /// <param name="epochDone">Called after each epoch, for checkpoints.</param>
    /// <param name="stop">Asks the run to stop.</param>
    /// <returns>Whether the run came to its end.</returns>
    /// <exception cref="TrainingDivergedException">The loss is not a number any more.</exception>
    public bool Run(Action<EpochRecord> epochDone, CancellationToken stop)
    {
        var schedule = new LearningRateSchedule(
            options.LearningRate, (long)(options.WarmupEpochs * loader.BatchCount), (long)options.Epochs * loader.BatchCount);
        TrainingPosition position = session.Position;

        while (position.Epoch < options.Epochs && !OutOfPatience())
        {
            session.Network.train();
            foreach (FaceBatch batch in loader.Epoch(position.Epoch, position.Batch))
            {
                Step(batch, schedule.At(session.Optimizer.StepCount));
                progress?.Report(new TrainingProgress(position, loader.BatchCount, options.Epochs));
                if (stop.IsCancellationRequested)
                {
                    ReadFigures();
                    return false;
                }
            }

            ReadFigures();

            // A run that was stopped behind the epoch's last step takes none here.
            EpochRecord record = Validate(schedule.At(session.Optimizer.StepCount - 1));
            position.NextEpoch(record);
            epochDone(record);
        }

        return true;
    }

    private void Step(FaceBatch batch, double learningRate)
    {
        TrainingPosition position = session.Position;
        long started = Stopwatch.GetTimestamp();
        using DisposeScope scope = NewDisposeScope();

        (Tensor images, Tensor targets) = batch.ToTensors(session.Network.Device);    // [N, 1, 48, 48], [N, 7] or with votes [N, 14]
        Teachers?.Teach(images, targets, options.TeacherShare);

        (Tensor logits, Tensor loss) = Backward(images, targets);                     // [N, 7], []
        if (options.SharpnessRadius > 0)
        {
            using IDisposable summit = SamStep.Climb(session.Network, options.SharpnessRadius);
            session.Optimizer.ZeroGradients();
            Backward(images, targets);
        }

        session.Optimizer.Step(learningRate);
        session.Average.Update(session.Optimizer.StepCount);
        Tensor figures = cat([logits.detach().Head(0).flatten(), loss.detach().reshape(1)]);
        unread.Add(new StepFigures(figures.DetachFromDisposeScope(), batch.Labels[..batch.Count], position.Batch++, learningRate));
        position.Seconds += Stopwatch.GetElapsedTime(started).TotalSeconds;

        // An epoch's first is read at once: who is told of the step divides by the faces so far.
        if (session.Compute.Device == DeviceType.CPU || position.Faces == 0 || unread.Count == UnreadSteps)
        {
            ReadFigures();
        }
    }

    // Adds to the epoch's sums what the steps since the last time measured.
    private void ReadFigures()
    {
        TrainingPosition position = session.Position;
        long started = Stopwatch.GetTimestamp();
        using DisposeScope scope = NewDisposeScope();
        StepFigures[] steps = [.. unread];
        unread.Clear();
        ReadOnlySpan<float> values = steps.Length == 0 ? [] : cat([.. steps.Select(step => step.Values)]).ToArray();
        Array.ForEach(steps, step => step.Values.Dispose());
        foreach (StepFigures step in steps)
        {
            int faces = step.Labels.Length;
            ReadOnlySpan<float> logits = values[..(faces * Emotions.Count)];
            float loss = values[logits.Length];
            values = values[(logits.Length + 1)..];
            if (!float.IsFinite(loss))
            {
                throw new TrainingDivergedException(position.Epoch, step.Batch, step.LearningRate);
            }

            position.LossSum += loss * faces;
            position.Correct += Logits.CountCorrect(logits, step.Labels);
            position.Faces += faces;
        }

        position.Seconds += Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    // Leaves the gradients of a batch's loss where the optimizer finds them.
    private (Tensor Logits, Tensor Loss) Backward(Tensor images, Tensor targets)
    {
        // A seed for each step: a resumed run drops the same elements, and so do both passes of a sharpness-aware step.
        TrainingPosition position = session.Position;
        manual_seed((long)SplitMix64.Of((ulong)options.Seed, (ulong)position.Epoch, (ulong)position.Batch).NextUInt64());
        Tensor logits = session.Network.Logits(images, session.Compute.Bfloat16);     // [N, 7]
        Tensor loss = Loss(logits, targets);
        loss.backward();
        return (logits, loss);
    }

    private Tensor Loss(Tensor logits, Tensor targets) => session.Network.HasVotes
        ? ((1 - options.VoteShare) * nn.functional.cross_entropy(logits.Head(0), targets.Head(0)))
            + (options.VoteShare * nn.functional.cross_entropy(logits.Head(1), targets.Head(1)))
        : nn.functional.cross_entropy(logits, targets);

    private EpochRecord Validate(double learningRate)
    {
        TrainingPosition position = session.Position;
        long started = Stopwatch.GetTimestamp();
        using IDisposable average = session.Average.Apply();
        float[][] heads = session.Network.Heads(data.Validation);
        float[] logits = heads[0];
        position.Temperature = CalibrationCheck.TooFew(data.Validation) is null ? Temperature.Fit(logits, data.Validation.Labels) : Calibration.None.Temperature;
        double validationLoss = Logits.CrossEntropy(logits, data.Validation.Labels);
        if (!double.IsFinite(validationLoss))
        {
            throw new TrainingDivergedException(position.Epoch, position.Batch - 1, learningRate);
        }

        double trainSeconds = position.Seconds;
        return new EpochRecord(
            position.Epoch + 1,
            position.LossSum / position.Faces,
            (double)position.Correct / position.Faces,
            validationLoss,
            Logits.Accuracy(logits, data.Validation.Labels),
            learningRate,
            position.Faces / trainSeconds,
            trainSeconds + Stopwatch.GetElapsedTime(started).TotalSeconds)
        {
            VoteAgreement = session.Network.HasVotes ? VoteFigures.Measure(EmotionNetwork.Probabilities(heads, Answer.Votes), data.Validation)?.Agreement : null,
        };
    }

    private bool OutOfPatience() => options.Patience > 0
        && session.Position.Best() is EpochRecord best && session.Position.Epoch - best.Epoch >= options.Patience;

    /// <summary>What a step measured, still on the device.</summary>
    /// <param name="Values">float32 [7 N + 1]: the label head's logits, then the loss.</param>
    private readonly record struct StepFigures(Tensor Values, long[] Labels, int Batch, double LearningRate);
}
