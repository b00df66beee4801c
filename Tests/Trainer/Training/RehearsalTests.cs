using MlNetEmotion.Tests.Packages;
using MlNetEmotion.Tests.Trainer.Commands;
using MlNetEmotion.Tests.Trainer.Data;
using MlNetEmotion.Tests.Trainer.Export;
using MlNetEmotion.Trainer.Augmentation;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Export;
using MlNetEmotion.Trainer.Network;
using MlNetEmotion.Trainer.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace MlNetEmotion.Tests.Trainer.Training;

public sealed class RehearsalTests(ExportedNetworks networks)
{
    private static readonly Compute Cpu = new(DeviceType.CPU, Bfloat16: false);

    // Of 991 weights, the convolution and its norm have 88, the dense layer 903.
    [Fact]
    public void Run_WithRehearsal_LeavesEarlyLayersAndStatistics()
    {
        using DisposeScope scope = NewDisposeScope();
        using TrainingState state = SmallNetwork.State(SmallNetwork.Options with { Rehearse = true, BatchSize = 8 });
        Dictionary<string, float[]> before = Values(state);
        using var teacher = new Distillation([SmallNetwork.Create(seed: 2)], Cpu);
        new TrainingLoop(state, SmallNetwork.Data(train: 14, validation: 7)) { Distillation = teacher }.Run(_ => { }, TestContext.Current.CancellationToken);

        Assert.Equal(["8.weight", "8.bias"], Values(state).Where(item => !item.Value.SequenceEqual(before[item.Key])).Select(item => item.Key));
        Assert.Equal(6, state.Optimizer.StepCount);    // 14 new faces, 4 in each of 3 batches and 2 left out, in 2 epochs

        static Dictionary<string, float[]> Values(TrainingState state) => state.Network.State.ToDictionary(item => item.Name, item => item.Tensor.ToArray());
    }

    [Fact]
    public void MixTargets_OfAFaceWithoutLabel_AreTheTeachersAlone()
    {
        using DisposeScope scope = NewDisposeScope();
        using EmotionNetwork network = SmallNetwork.Create(seed: 2);
        FaceDataset faces = SmallNetwork.Faces(2, seed: 3);
        float[] answers = network.Probabilities(faces);
        using var teacher = new Distillation([network], Cpu);
        Tensor targets = Tensors.Of([0f, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [2, 7], CPU);
        teacher.MixTargets(new MlNetEmotion.Trainer.Data.DataLoader(faces).Epoch(0).First().ToTensors(CPU).Images, targets, share: 0.2);

        float[] expected = [.. answers.Select((answer, i) => i < 7 ? (0.2f * answer) + (i == 3 ? 0.8f : 0) : answer)];
        Assert.Equal(expected, targets.ToArray(), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    // As onnx/README.md and the file's own figures say.
    [Fact]
    public void Of_TheShippedModel_HasItsHeadAndCalibration()
    {
        OnnxWeights shipped = OnnxWeights.All(Path.Combine(PackedPackages.Repository, "onnx", "emotion.onnx")).Single();

        Assert.Equal((OutputHead.Votes, true, false), (shipped.Head, shipped.HasVotes, shipped.IsMember));
        Assert.Equal((0.01, 0.921), (shipped.Calibration.Smoothing, shipped.Calibration.Temperature), Near);
        Assert.Equal((0.13, 1.054), (shipped.LabelCalibration.Smoothing, shipped.LabelCalibration.Temperature), Near);

        static bool Near((double, double) a, (double, double) b) => Math.Abs(a.Item1 - b.Item1) < 1e-6 && Math.Abs(a.Item2 - b.Item2) < 5e-4;
    }

    [Fact]
    public void KeepAnswer_OfBothHeads_HasTheCalibrationOfEach()
    {
        OnnxWeights shipped = OnnxWeights.All(Path.Combine(PackedPackages.Repository, "onnx", "emotion.onnx")).Single();
        FaceDataset faces = SmallNetwork.Faces(3, seed: 3);
        var progress = new TrainingProgress();
        Rehearsal.KeepAnswer(progress, shipped, [new float[21], new float[21]], faces);

        Assert.Equal(OutputHead.Votes, progress.Head);
        Assert.Equal(
            (shipped.Calibration, shipped.LabelCalibration),
            (progress.Heads[OutputHead.Votes].Calibration.Calibration, progress.Heads[OutputHead.Labels].Calibration.Calibration));
    }

    [Fact]
    public void FreezeEarlyLayers_OfTheNetworks_FreezesAsManyAsFitIntoAThird()
    {
        foreach (string name in new[] { "classic", "emonet" })
        {
            using DisposeScope scope = NewDisposeScope();
            using EmotionNetwork network = Networks.Create(name, seed: 1);
            Rehearsal.FreezeEarlyLayers(network);

            (bool IsFrozen, long Count)[] layers = [.. network.children().Where(layer => layer.parameters().Any())
                .Select(layer => (layer.parameters().All(parameter => !parameter.requires_grad), layer.parameters().Sum(parameter => parameter.numel())))];
            int frozen = layers.TakeWhile(layer => layer.IsFrozen).Count();
            Assert.DoesNotContain(layers.Skip(frozen), layer => layer.IsFrozen);
            Assert.InRange(layers.Take(frozen).Sum(layer => layer.Count), 1, network.ParameterCount / 3);
            Assert.True(layers.Take(frozen + 1).Sum(layer => layer.Count) > network.ParameterCount / 3, name);
        }
    }

    // A batch of the new faces never lacks its rehearsed half.
    [Theory]
    [InlineData(10, 1400)]
    [InlineData(1500, 1500)]
    public void Faces_OfARun_AreAtLeastItsOwn(int newFaces, int expected) => Assert.Equal(expected, Rehearsal.Faces(newFaces).Count);

    [Fact]
    public void Finish_OfARehearsedModel_KeepsItsCalibrationAndMostAnswers()
    {
        using var folder = new TemporaryFolder();
        (_, string original, _) = networks.Get("classic");
        FaceDataView faces = FaceSource.Samples(trainCount: 14, validationCount: 7, seed: 4);
        TrainingOptions options = TrainingOptions.ForRehearsal("classic", original) with { Epochs = 1, BatchSize = 28, LearningRate = 1e-5, Augmentation = AugmentationOptions.None };
        var directory = new RunDirectory(folder.At("run"));
        using (TrainingRun run = TrainingRun.Open(directory, options, faces, validation: null, new DataReference(), TestContext.Current.CancellationToken))
        {
            run.Train(progress: null, epochDone: null, TestContext.Current.CancellationToken);
            File.WriteAllBytes(folder.At("new.onnx"), run.Finish().Onnx);
        }

        (OnnxWeights old, OnnxWeights now) = (OnnxWeights.All(original).Single(), OnnxWeights.All(folder.At("new.onnx")).Single());
        Assert.Equal((old.Head, old.Calibration), (now.Head, now.Calibration));
        FaceDataset unseen = Rehearsal.UnseenFaces().Subsample(70);
        float[] before = Parity.OfModel(File.ReadAllBytes(original), "old", unseen), after = Parity.OfModel(File.ReadAllBytes(folder.At("new.onnx")), "new", unseen);
        Assert.Equal(before, after, (a, b) => Math.Abs(a - b) < 0.01);
        Assert.NotEqual(before, after);
        using TrainingState resumed = Checkpoint.Load(directory.LastCheckpoint, Cpu).State;
        Assert.Equal((true, Teacher.Of(original)), (resumed.Options.Rehearse, resumed.Options.Teachers.Single()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("--from old.onnx --teacher other.onnx")]
    public async Task Train_RehearsalWithoutItsModelAlone_IsRefused(string arguments)
    {
        using var folder = new TemporaryFolder();
        string[] files = [.. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(argument => argument.EndsWith(".onnx", StringComparison.Ordinal) ? folder.Write(argument, "x") : argument)];
        (int exitCode, _, string error) = await CommandRun.Run(["train", "--data", folder.Root, "--rehearse", .. files]);
        Assert.Equal((2, "--rehearse teaches by the model of --from alone, and keeps its heads: name one with '--from FILE.onnx', and leave out --teacher and --votes\n"), (exitCode, error));
    }
}
