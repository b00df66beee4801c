using MlNetEmotion.Trainer.Augmentation;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Network;
using MlNetEmotion.Trainer.Training;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Training;

public sealed class TrainingLoopTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Run_OnOneBatch_LearnsItByHeart()
    {
        TrainingData data = SmallNetwork.Data(train: 14, validation: 7);
        data = data with { Validation = data.Train };
        using TrainingState state = SmallNetwork.State(SmallNetwork.Options with { Epochs = 150, BatchSize = 14, EmaDecay = 0 });
        Assert.True(new TrainingLoop(state, data).Run(_ => { }, Cancellation));
        EpochRecord last = state.Progress.History[^1];
        Assert.Equal(1, last.ValidationAccuracy);
        Assert.InRange(last.ValidationLoss, 0, 0.05); // of ln 7 = 1.95 at first
        Assert.InRange(last.TrainLoss, 0, 0.3); // with dropout
    }

    [Fact]
    public void Run_ToItsEnd_TellsEachStepAndEachEpoch()
    {
        var steps = new List<(int Epoch, int Batch, int Faces, int BatchCount, int Epochs)>();
        var epochs = new List<EpochRecord>();
        using TrainingState state = SmallNetwork.State(SmallNetwork.Options with { LearningRate = 1 });
        var progress = new ProgressCallback(p => steps.Add((p.Progress.Epoch, p.Progress.Batch, p.Progress.Faces, p.BatchCount, p.Epochs)));

        // Of 15 faces, batches of 7: the fifteenth waits for another epoch.
        Assert.True(new TrainingLoop(state, SmallNetwork.Data(train: 15, validation: 7), progress).Run(epochs.Add, Cancellation));
        Assert.Equal([(0, 1, 7, 2, 2), (0, 2, 14, 2, 2), (1, 1, 7, 2, 2), (1, 2, 14, 2, 2)], steps);
        Assert.Equal(state.Progress.History, epochs);
        Assert.Equal([1, 2], epochs.Select(record => record.Epoch));

        // The cosine over 4 steps: step 1 is (1 + cos(π/4)) / 2, step 3 (1 + cos(3π/4)) / 2.
        Assert.Equal([0.8535533906, 0.1464466094], epochs.Select(record => record.LearningRate), (a, b) => Math.Abs(a - b) < 1e-9);
        Assert.All(epochs, record => Assert.True(record is { ImagesPerSecond: > 0, Seconds: > 0 }));
        Assert.Equal(4, state.Optimizer.StepCount);
    }

    // The same seven faces in one batch, full or not.
    [Fact]
    public void Run_FewerFacesThanABatch_MeasuresTheMeanOfThose()
    {
        Assert.Equal(First(batchSize: 7), First(batchSize: 14));

        static (double, double) First(int batchSize)
        {
            using TrainingState state = SmallNetwork.State(SmallNetwork.Options with { BatchSize = batchSize, LearningRate = 0, Epochs = 1 });
            new TrainingLoop(state, SmallNetwork.Data(train: 7, validation: 1)).Run(_ => { }, Cancellation);
            return (state.Progress.History[0].TrainLoss, state.Progress.History[0].TrainAccuracy);
        }
    }

    [Fact]
    public void Run_WithoutLearning_MeasuresTheNetworkAsItIs()
    {
        TrainingData data = SmallNetwork.Data(train: 7, validation: 56);    // enough to calibrate on
        using TrainingState state = SmallNetwork.State(SmallNetwork.Options with { LearningRate = 0, WeightDecay = 0, Epochs = 1, EmaDecay = 0 });
        new TrainingLoop(state, data).Run(_ => { }, Cancellation);
        float[] logits = state.Network.Heads(data.Validation)[0];
        EpochRecord record = state.Progress.History[0];
        Assert.Equal(Logits.CrossEntropy(logits, Logits.Targets(data.Validation.Labels)), record.ValidationLoss);
        Assert.Equal(Logits.Accuracy(logits, data.Validation.Labels), record.ValidationAccuracy);
        Assert.Equal(Temperature.Fit(logits, Logits.Targets(data.Validation.Labels)), state.Progress.Temperature);
    }

    // A share of all or nothing leaves the other head as it began; in between, the loss is the mean of both heads' by their shares.
    [Fact]
    public void Run_WithVotes_WeighsTheHeadsLossesByTheShare()
    {
        FaceDataset faces = SmallNetwork.Faces(7, seed: 1);
        faces = faces.WithVotes(faces.Sources.Index().ToDictionary(item => item.Item, item => new Votes([1, 0, 2, 0, item.Index, 0, 1], [0, 9, 0])).GetValueOrDefault);
        TrainingOptions options = TrainingOptions.For("classic") with
        {
            Epochs = 1, BatchSize = 7, WeightDecay = 0, EmaDecay = 0, WarmupEpochs = 0, Votes = ["votes.csv"], Augmentation = AugmentationOptions.None, LabelSmoothing = 0.1,
        };
        (double labelLoss, bool labelsMoved, bool votesMoved) = Run(0);
        Assert.Equal((true, false), (labelsMoved, votesMoved));
        (double voteLoss, labelsMoved, votesMoved) = Run(1);
        Assert.Equal((false, true), (labelsMoved, votesMoved));
        (double loss, labelsMoved, votesMoved) = Run(0.25);
        Assert.Equal((true, true), (labelsMoved, votesMoved));
        Assert.Equal((0.75 * labelLoss) + (0.25 * voteLoss), loss, 1e-6);
        Assert.NotEqual(labelLoss, voteLoss, 1e-3);

        (double Loss, bool LabelsMoved, bool VotesMoved) Run(double share)
        {
            using var state = new TrainingState(options with { VoteWeight = share }, new Compute(TorchSharp.DeviceType.CPU, Bfloat16: false));
            (float[] labels, float[] votes) = (Weight("labels"), Weight("votes"));
            new TrainingLoop(state, new TrainingData(faces, faces, IsHeldOut: false)).Run(_ => { }, Cancellation);
            return (state.Progress.History[0].TrainLoss, !labels.SequenceEqual(Weight("labels")), !votes.SequenceEqual(Weight("votes")));

            float[] Weight(string head) => state.Network.State.Single(item => item.Name == $"17.{head}.weight").Tensor.ToArray();
        }
    }

    [Fact]
    public void Run_OfOneSeed_IsTheSameAgain()
    {
        TrainingOutcome first = Outcome(seed: 1), again = Outcome(seed: 1), other = Outcome(seed: 2);
        TrainingOutcome.AssertEqual(first, again);
        Assert.NotEqual(first.Tensors["model.8.weight"], other.Tensors["model.8.weight"]);
        Assert.NotEqual(first.History, other.History);
    }

    // The process has one random generator for dropout.
    [Fact]
    public async Task Run_WhileOthersTrain_IsAsAlone()
    {
        TrainingOutcome alone = Outcome(seed: 1, epochs: 20);
        TrainingOutcome[] together = await Task.WhenAll(Enumerable.Range(1, 4).Select(seed => Task.Run(() => Outcome(seed, epochs: 20), Cancellation)));
        TrainingOutcome.AssertEqual(alone, together[0]);
    }

    [Fact]
    public void Run_Stopped_EndsAfterTheStepInProgress()
    {
        using var stop = new CancellationTokenSource();
        using TrainingState state = SmallNetwork.State(SmallNetwork.Options);
        var loop = new TrainingLoop(state, SmallNetwork.Data(train: 28, validation: 7), new ProgressCallback(_ => stop.Cancel()));
        Assert.False(loop.Run(_ => Assert.Fail("no epoch is done"), stop.Token));
        Assert.Equal((0, 1), (state.Progress.Epoch, state.Progress.Batch));
        Assert.Equal(1, state.Optimizer.StepCount);
    }

    [Fact]
    public void BestOf_EpochsWithVotes_IsTheFirstWithTheHighestSum()
    {
        EpochRecord[] history = [Record(1, 0.625, 0.5), Record(2, 0.5, 0.75), Record(3, 0.625, 0.625), Record(4, 0.875, null)];

        Assert.Equal(2, TrainingProgress.BestOf(history)!.Epoch);

        static EpochRecord Record(int epoch, double accuracy, double? agreement) => new(epoch, 1, 0, 1, accuracy, 0.1, 1, 1) { VoteAgreement = agreement };
    }

    [Fact]
    public void Run_WithPatience_StopsSoManyEpochsAfterTheBest()
    {
        // Nothing is learned, so the first epoch stays the best.
        using TrainingState state = SmallNetwork.State(
            SmallNetwork.Options with { LearningRate = 0, EmaDecay = 0.9, Epochs = 10, Patience = 2, Optimizer = OptimizerKind.Sgd });
        Assert.True(new TrainingLoop(state, SmallNetwork.Data(train: 7, validation: 1)).Run(_ => { }, Cancellation));
        EpochRecord best = state.Progress.Best()!;
        Assert.Equal(best.Epoch + 2, state.Progress.History.Count);
    }

    [Theory]
    [InlineData(2, true, 0.1, 0.3, 0.2, 0.2)] // two epochs behind the best
    [InlineData(2, false, 0.1, 0.2, 0.3, 0.2)]
    [InlineData(2, true, 0.3, 0.3, 0.3)] // an equal is no better
    [InlineData(0, false, 0.3, 0.2, 0.1)]
    public void Run_ResumedWithAHistory_CountsItsEpochs(int patience, bool isDone, params double[] accuracies)
    {
        int steps = 0;
        using TrainingState state = SmallNetwork.State(SmallNetwork.Options with { Patience = patience, Epochs = accuracies.Length + 1 });
        state.Progress = new TrainingProgress
        {
            Epoch = accuracies.Length,
            History = [.. accuracies.Select((accuracy, i) => new EpochRecord(i + 1, 1, 0, 1, accuracy, 0.1, 1, 1))],
        };
        new TrainingLoop(state, SmallNetwork.Data(train: 7, validation: 7), new ProgressCallback(_ => steps++)).Run(_ => { }, Cancellation);
        Assert.Equal(isDone ? 0 : 1, steps);
    }

    [Fact]
    public void Run_LossIsNotANumber_StopsAndSaysWhatToDo()
    {
        using TrainingState state = SmallNetwork.State(SmallNetwork.Options with { LearningRate = 1e37 });
        var loop = new TrainingLoop(state, SmallNetwork.Data(train: 28, validation: 7));
        TrainingDivergedException error = Assert.Throws<TrainingDivergedException>(() => loop.Run(_ => Assert.Fail("no epoch is done"), Cancellation));
        Assert.Contains("at epoch 1, batch 2 (learning rate", error.Message);
        Assert.Contains("--learning-rate", error.Message);
    }

    [Fact]
    public void Run_SpoiltByAnEpochsLastStep_StopsBeforeTheEpochCounts()
    {
        // One batch an epoch: its loss is that of the initial weights, and fine.
        using TrainingState state = SmallNetwork.State(SmallNetwork.Options with { LearningRate = 1e37, EmaDecay = 0 });
        var loop = new TrainingLoop(state, SmallNetwork.Data(train: 7, validation: 7));
        TrainingDivergedException error = Assert.Throws<TrainingDivergedException>(() => loop.Run(_ => Assert.Fail("no epoch is done"), Cancellation));
        Assert.Contains("at epoch 1, batch 1 (", error.Message);
    }

    private static TrainingOutcome Outcome(int seed, int epochs = 2)
    {
        using TrainingState state = SmallNetwork.State(SmallNetwork.Options with { Seed = seed, Epochs = epochs, Augmentation = new() });
        new TrainingLoop(state, SmallNetwork.Data(train: 28, validation: 7)).Run(_ => { }, Cancellation);
        return TrainingOutcome.Of(state);
    }
}
