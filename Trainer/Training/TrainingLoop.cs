using System.Diagnostics;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetEmotion.Trainer.Training;

/// <summary>The progress after a step.</summary>
/// <param name="Progress">The run's own object, which changes with the next step: read it at once.</param>
/// <param name="BatchCount">Batches per epoch.</param>
internal readonly record struct StepUpdate(TrainingProgress Progress, int BatchCount, int Epochs);

/// <summary>The loss became infinite or NaN, so the weights are unusable and the run stops. A lower learning rate helps.</summary>
/// <param name="epoch">The epoch, from 0.</param>
/// <param name="batch">The epoch's batch, from 0.</param>
/// <param name="learningRate">The step's learning rate.</param>
public sealed class TrainingDivergedException(int epoch, int batch, double learningRate) : Exception(
    $"the loss became infinite or NaN at epoch {epoch + 1}, batch {batch + 1} (learning rate {learningRate:g3}): "
    + "train again with a lower --learning-rate; checkpoints of earlier epochs are kept");

/// <summary>Trains a network epoch by epoch, and validates the averaged weights after each.</summary>
internal sealed class TrainingLoop(TrainingState state, TrainingData data, IProgress<StepUpdate>? updates = null)
{
    // GPU work is asynchronous and reading a value synchronizes, so metrics are read back once every 32 steps.
    private const int StepsPerReadback = 32;

    // libtorch has one generator per process, which seeds dropout: two runs at once must not draw from it between each other's seed and draws.
    private static readonly Lock RandomGenerator = new();

    private readonly TrainingOptions options = state.Options;

    private readonly TrainingProgress progress = state.Progress;

    private readonly List<StepMetrics> pending = [];

    private readonly DataLoader loader = new(data.Train, new DataLoaderOptions
    {
        BatchSize = state.Options.BatchSize / (state.Options.Rehearse ? 2 : 1),
        Shuffle = true,
        DropLast = data.Train.Count > state.Options.BatchSize,
        Augmentation = state.Options.Augmentation,
        LabelSmoothing = state.Options.LabelSmoothing,
        ClassBalancing = state.Options.ClassBalancing,
        Seed = (ulong)state.Options.Seed,
    });

    // The faces of the other half of each batch, if a model is rehearsed.
    private readonly DataLoader? rehearsal = !state.Options.Rehearse ? null : new(Rehearsal.Faces(data.Train.Count), new DataLoaderOptions
    {
        BatchSize = state.Options.BatchSize / 2,
        Shuffle = true,
        Augmentation = state.Options.Augmentation with { MixupAlpha = 1 },    // blends cover more of a network's inputs than drawings do
        Seed = (ulong)state.Options.Seed + 1,
    });

    /// <summary>The teachers; null for training on labels and votes alone.</summary>
    public Distillation? Distillation { get; init; }

    /// <summary>Trains to the end, or until stopped, which takes effect after the current step.</summary>
    /// <param name="epochDone">Called after each epoch, to save checkpoints.</param>
    /// <returns>Whether the run is complete.</returns>
    /// <exception cref="TrainingDivergedException">The loss became infinite or NaN.</exception>
    public bool Run(Action<EpochRecord> epochDone, CancellationToken stop)
    {
        var schedule = new LearningRateSchedule(
            options.LearningRate, (long)(options.WarmupEpochs * loader.BatchCount), (long)options.Epochs * loader.BatchCount);

        while (progress.Epoch < options.Epochs && !OutOfPatience())
        {
            state.Network.train();
            if (rehearsal is not null)
            {
                Rehearsal.FreezeStatistics(state.Network);
            }

            IEnumerable<FaceBatch?> known = rehearsal?.Epoch(progress.Epoch, progress.Batch) ?? Enumerable.Repeat<FaceBatch?>(null, loader.BatchCount);
            foreach ((FaceBatch batch, FaceBatch? rehearsed) in loader.Epoch(progress.Epoch, progress.Batch).Zip(known))
            {
                Step(batch, rehearsed, schedule.At(state.Optimizer.StepCount));
                updates?.Report(new StepUpdate(progress, loader.BatchCount, options.Epochs));
                if (stop.IsCancellationRequested)
                {
                    ReadBackMetrics();
                    return false;
                }
            }

            ReadBackMetrics();

            // A run that was stopped after the epoch's last step takes no step here, so the rate is that of the last one.
            EpochRecord record = Validate(schedule.At(state.Optimizer.StepCount - 1));
            progress.NextEpoch(record);
            epochDone(record);
        }

        return true;
    }

    private void Step(FaceBatch batch, FaceBatch? rehearsed, double learningRate)
    {
        long started = Stopwatch.GetTimestamp();
        using DisposeScope scope = NewDisposeScope();

        (Tensor images, Tensor targets) = ToTensors(batch, rehearsed);    // [N, 1, 48, 48], [N, 7], or [N, 14] with votes
        Distillation?.MixTargets(images, targets, options.DistillationWeight);

        (Tensor logits, Tensor loss) = Backward(images, targets);                     // [N, 7], []
        if (options.SamRho > 0)
        {
            using IDisposable perturbation = SamStep.Perturb(state.Network, options.SamRho);
            state.Optimizer.ZeroGradients();
            Backward(images, targets);
        }

        state.Optimizer.Step(learningRate);
        state.Average.Update(state.Optimizer.StepCount);
        Tensor figures = cat([logits.detach().Head(0).narrow(0, 0, batch.Count).flatten(), loss.detach().reshape(1)]);
        pending.Add(new StepMetrics(figures.DetachFromDisposeScope(), batch.Labels[..batch.Count], progress.Batch++, learningRate));
        progress.Seconds += Stopwatch.GetElapsedTime(started).TotalSeconds;

        // The epoch's first step is read back at once: progress displays divide by the number of faces.
        if (state.Compute.Device == DeviceType.CPU || progress.Faces == 0 || pending.Count == StepsPerReadback)
        {
            ReadBackMetrics();
        }
    }

    // Rehearsed faces come last and have no labels, so that the teacher alone decides their targets.
    private (Tensor Images, Tensor Targets) ToTensors(FaceBatch batch, FaceBatch? rehearsed)
    {
        (Tensor images, Tensor targets) = batch.ToTensors(state.Network.Device);
        if (rehearsed is null)
        {
            return (images, targets);
        }

        (Tensor known, Tensor labels) = rehearsed.ToTensors(state.Network.Device);
        targets = cat([targets, zeros_like(labels)]);
        return (cat([images, known]), state.Network.HasVotes ? cat([targets, targets], 1) : targets);
    }

    // Adds the metrics of the pending steps to the epoch's sums.
    private void ReadBackMetrics()
    {
        long started = Stopwatch.GetTimestamp();
        using DisposeScope scope = NewDisposeScope();
        StepMetrics[] steps = [.. pending];
        pending.Clear();
        ReadOnlySpan<float> values = steps.Length == 0 ? [] : cat([.. steps.Select(step => step.Values)]).ToArray();
        Array.ForEach(steps, step => step.Values.Dispose());
        foreach (StepMetrics step in steps)
        {
            int faces = step.Labels.Length;
            ReadOnlySpan<float> logits = values[..(faces * Emotions.Count)];
            float loss = values[logits.Length];
            values = values[(logits.Length + 1)..];
            if (!float.IsFinite(loss))
            {
                throw new TrainingDivergedException(progress.Epoch, step.Batch, step.LearningRate);
            }

            progress.LossSum += loss * faces;
            progress.Correct += Logits.CountCorrect(logits, step.Labels);
            progress.Faces += faces;
        }

        progress.Seconds += Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    // Computes the loss and leaves its gradients in the parameters.
    private (Tensor Logits, Tensor Loss) Backward(Tensor images, Tensor targets)
    {
        Tensor logits;     // [N, 7]
        lock (RandomGenerator)
        {
            // Seeded per step: a resumed run drops the same elements, and so do both passes of a SAM step.
            manual_seed((long)SplitMix64.Of((ulong)options.Seed, (ulong)progress.Epoch, (ulong)progress.Batch).NextUInt64());
            logits = state.Network.Logits(images, state.Compute.Bfloat16);
        }

        Tensor loss = Loss(logits, targets);
        loss.backward();
        return (logits, loss);
    }

    private Tensor Loss(Tensor logits, Tensor targets) => state.Network.HasVotes
        ? ((1 - options.VoteWeight) * nn.functional.cross_entropy(logits.Head(0), targets.Head(0)))
            + (options.VoteWeight * nn.functional.cross_entropy(logits.Head(1), targets.Head(1)))
        : nn.functional.cross_entropy(logits, targets);

    private EpochRecord Validate(double learningRate)
    {
        long started = Stopwatch.GetTimestamp();
        using IDisposable average = state.Average.Apply();
        float[][] heads = state.Network.Heads(data.Validation);
        (float[] logits, float[] targets) = (heads[0], Logits.Targets(data.Validation.Labels));
        progress.Temperature = CalibrationCheck.TooFew(data.Validation) is null ? Temperature.Fit(logits, targets) : Calibration.None.Temperature;
        double validationLoss = Logits.CrossEntropy(logits, targets);
        if (!double.IsFinite(validationLoss))
        {
            throw new TrainingDivergedException(progress.Epoch, progress.Batch - 1, learningRate);
        }

        double trainSeconds = progress.Seconds;
        return new EpochRecord(
            progress.Epoch + 1,
            progress.LossSum / progress.Faces,
            (double)progress.Correct / progress.Faces,
            validationLoss,
            Logits.Accuracy(logits, data.Validation.Labels),
            learningRate,
            progress.Faces / trainSeconds,
            trainSeconds + Stopwatch.GetElapsedTime(started).TotalSeconds)
        {
            VoteAgreement = state.Network.HasVotes ? VoteMetrics.Measure(EmotionNetwork.Probabilities(heads, OutputHead.Votes), data.Validation)?.Agreement : null,
        };
    }

    private bool OutOfPatience() => options.Patience > 0
        && progress.Best() is EpochRecord best && progress.Epoch - best.Epoch >= options.Patience;

    /// <summary>The metrics of a step, still on the device.</summary>
    /// <param name="Values">float32 [7 N + 1]: the label head's logits, then the loss.</param>
    private readonly record struct StepMetrics(Tensor Values, long[] Labels, int Batch, double LearningRate);
}

/// <summary>Linear warm-up followed by cosine decay to zero (Loshchilov and Hutter 2017, https://arxiv.org/abs/1608.03983).</summary>
internal sealed record LearningRateSchedule(double Peak, long WarmupSteps, long TotalSteps)
{
    /// <summary>Returns the learning rate of a step, counted from 0.</summary>
    public double At(long step)
    {
        if (step < WarmupSteps)
        {
            return Peak * (step + 1) / WarmupSteps;
        }

        double progress = (double)(step - WarmupSteps) / Math.Max(1, TotalSteps - WarmupSteps);
        return Peak * 0.5 * (1 + Math.Cos(Math.PI * Math.Min(1, progress)));
    }
}
