using MlNetEmotion.Tests.Trainer.Data;
using MlNetEmotion.Trainer.Augmentation;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Network;
using MlNetEmotion.Trainer.Training;
using Xunit;
using static TorchSharp.torch;

namespace MlNetEmotion.Tests.Trainer.Training;

/// <summary>Two epochs of three steps, with dropout, batch norm, augmentation, warm-up and averaging, in one go and in two.</summary>
public sealed class ResumeTests : IDisposable
{
    private static readonly TrainingData Data = SmallNetwork.Data(train: 13, validation: 7);
    private static readonly DataReference Reference = new(null, null, "faces", "train", "validation");
    private static readonly Dictionary<(string, Precision), TrainingOutcome> Uninterrupted = [];
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string File => Path.Combine(folder.Root, "last.safetensors");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("classic", nameof(Precision.Fp32), 1)]
    [InlineData("classic", nameof(Precision.Fp32), 3)] // the epoch's last step
    [InlineData("classic", nameof(Precision.Fp32), 5)]
    [InlineData("classic", nameof(Precision.Fp32), 6)] // the very last step
    [InlineData("emonet", nameof(Precision.Fp32), 2)]
    [InlineData("emonet", nameof(Precision.Bf16), 4)]
    public void Resume_StoppedAfterAStep_EqualsTheUninterruptedRun(string network, string precisionName, int stopAfter)
    {
        Precision precision = Enum.Parse<Precision>(precisionName);
        using var stop = new CancellationTokenSource();
        using (TrainingState state = State(network, precision))
        {
            int steps = 0;
            var loop = new TrainingLoop(state, Data, new ProgressCallback(_ => StopAt(++steps)));
            Assert.False(loop.Run(_ => { }, stop.Token));
            Checkpoint.Save(File, state, Reference);
        }

        TrainingOutcome.AssertEqual(WithoutAStop(network, precision), Resumed());

        void StopAt(int step)
        {
            if (step == stopAfter)
            {
                stop.Cancel();
            }
        }
    }

    [Theory]
    [InlineData("classic", nameof(Precision.Fp32))]
    [InlineData("emonet", nameof(Precision.Bf16))]
    public void Resume_FromAnEpochsCheckpoint_EqualsTheUninterruptedRun(string network, string precisionName)
    {
        Precision precision = Enum.Parse<Precision>(precisionName);
        using (TrainingState state = State(network, precision))
        {
            // The run continues after the checkpoint, like one that is killed later.
            new TrainingLoop(state, Data).Run(
                record => (record.Epoch == 1 ? () => Checkpoint.Save(File, state, Reference) : (Action)(() => { }))(), Cancellation);
        }

        TrainingOutcome.AssertEqual(WithoutAStop(network, precision), Resumed());
    }

    [Fact]
    public void Resume_OfAFinishedRun_ChangesNothing()
    {
        using (TrainingState state = State("classic", Precision.Fp32))
        {
            new TrainingLoop(state, Data).Run(_ => { }, Cancellation);
            Checkpoint.Save(File, state, Reference);
        }

        TrainingOutcome.AssertEqual(WithoutAStop("classic", Precision.Fp32), Resumed());
    }

    [Fact]
    public void Run_SpoiltAfterACheckpoint_LeavesItWhole()
    {
        using TrainingState state = State("classic", Precision.Fp32);
        var poison = new ProgressCallback(progress =>
        {
            if (progress.Progress is { Epoch: 1, Batch: 1 })
            {
                Tensor weight = state.Network.State[0].Tensor;
                weight.CopyFrom([.. weight.ToArray().Select(_ => float.NaN)]);
            }
        });
        TrainingDivergedException error = Assert.Throws<TrainingDivergedException>(
            () => new TrainingLoop(state, Data, poison).Run(_ => Checkpoint.Save(File, state, Reference), Cancellation));
        Assert.Contains("at epoch 2, batch 2", error.Message);
        TrainingOutcome.AssertEqual(WithoutAStop("classic", Precision.Fp32), Resumed());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Resume_WithVotesCropsAndBoxes_EqualsTheUninterruptedRun(int stopAfter)
    {
        TrainingData data = Data with { Train = WithVotes(Data.Train) with { Boxes = Boxes(Data.Train.Count) }, Validation = WithVotes(Data.Validation) };
        TrainingOptions options = TrainingOptions.For("classic") with { Epochs = 2, BatchSize = 4, Device = "cpu", Precision = Precision.Fp32, Votes = ["votes.csv"] };
        options = options with { Augmentation = options.Augmentation with { Crop = 44, MixupAlpha = 0.4f, DetectorBoxProbability = 0.7f } };
        using var whole = new TrainingState(options, Compute.Resolve("cpu", Precision.Fp32));
        new TrainingLoop(whole, data).Run(_ => { }, Cancellation);
        Assert.Contains(whole.NamedTensors(), item => item.Name == "average.17.votes.weight");
        Assert.All(whole.Progress.History, record => Assert.NotNull(record.VoteAgreement));

        using var stop = new CancellationTokenSource();
        using (var state = new TrainingState(options, Compute.Resolve("cpu", Precision.Fp32)))
        {
            int steps = 0;
            new TrainingLoop(state, data, new ProgressCallback(_ => (++steps == stopAfter ? stop.Cancel : (Action)(() => { }))())).Run(_ => { }, stop.Token);
            Checkpoint.Save(File, state, Reference);
        }

        using TrainingState resumed = Checkpoint.Load(File).State;
        new TrainingLoop(resumed, data).Run(_ => { }, Cancellation);
        TrainingOutcome.AssertEqual(TrainingOutcome.Of(whole), TrainingOutcome.Of(resumed));
    }

    private static FaceDataset WithVotes(FaceDataset faces) => faces.WithVotes(
        faces.Sources.Index().ToDictionary(item => item.Item, item => new Votes([item.Index, 1, 0, 3, 0, 2, 1], [0, 1, 0])).GetValueOrDefault);

    // Every other face was found.
    private static DetectorBox?[] Boxes(int count) =>
        [.. Enumerable.Range(0, count).Select(i => i % 2 == 0 ? new DetectorBox(24, 24 + (i / 8f), 40 + i, i / 20f) : (DetectorBox?)null)];

    private static TrainingState State(string network, Precision precision)
    {
        TrainingOptions options = TrainingOptions.For(network) with
        {
            Epochs = 2, BatchSize = 4, WarmupEpochs = 0.5, LearningRate = 0.002, Device = "cpu", Precision = precision,
        };
        return new TrainingState(options, Compute.Resolve(options.Device, options.Precision));
    }

    private static TrainingOutcome WithoutAStop(string network, Precision precision)
    {
        if (!Uninterrupted.TryGetValue((network, precision), out TrainingOutcome? outcome))
        {
            using TrainingState state = State(network, precision);
            Assert.True(new TrainingLoop(state, Data).Run(_ => { }, Cancellation));
            outcome = Uninterrupted[(network, precision)] = TrainingOutcome.Of(state);
            Assert.Equal(6, state.Optimizer.StepCount);
        }

        return outcome;
    }

    private TrainingOutcome Resumed()
    {
        (TrainingState state, DataReference reference) = Checkpoint.Load(File);
        using (state)
        {
            Assert.Equal(Reference, reference);
            Assert.True(new TrainingLoop(state, Data).Run(_ => { }, Cancellation));
            return TrainingOutcome.Of(state);
        }
    }
}
