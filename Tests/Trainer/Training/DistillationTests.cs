using Google.Protobuf;
using MlNetEmotion.Programs;
using MlNetEmotion.Tests.Trainer.Data;
using MlNetEmotion.Tests.Trainer.Export;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Export;
using MlNetEmotion.Trainer.Network;
using MlNetEmotion.Trainer.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace MlNetEmotion.Tests.Trainer.Training;

public sealed class DistillationTests(ExportedNetworks networks) : IDisposable
{
    private static readonly Compute Cpu = new(DeviceType.CPU, Bfloat16: false);
    private readonly TemporaryFolder folder = new();
    private readonly DisposeScope scope = NewDisposeScope();

    private string Run => Path.Combine(folder.Root, "run");

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Teach_OfTwoTeachers_BlendsTheirMeanIn()
    {
        Save(seed: 1);
        Teacher first = Teacher.Of(Run);
        string other = Path.Combine(folder.Root, "other.safetensors");
        File.Move(first.File, other);
        Save(seed: 2);
        Tensor images = Tensors.Of([.. Enumerable.Range(0, 2 * 2304).Select(i => (float)(i % 256))], [2, 1, 48, 48], CPU);
        float[] expected = new float[14];
        foreach (string path in new[] { other, new RunDirectory(Run).BestCheckpoint })
        {
            using TrainingState state = Checkpoint.Load(path, Cpu).State;
            state.Network.eval();
            state.Average.Restore();
            float[] probabilities = softmax(state.Network.Logits(images, bfloat16: false), 1).detach().ToArray();
            expected = [.. expected.Zip(probabilities, (sum, p) => sum + (0.4f * p))];
        }

        // 0.2 of the label, 0.8 of the mean of two.
        expected[3] += 0.2f;
        expected[7] += 0.2f;
        Tensor targets = Tensors.Of([0f, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0], [2, 7], CPU);
        using Distillation ensemble = Distillation.Load([Teacher.Of(other), Teacher.Of(Run)], Cpu);
        ensemble.MixTargets(images, targets, share: 0.8);
        Assert.Equal(expected, targets.ToArray(), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Teach_OfAModelOfSeveral_BlendsTheirMeanIn()
    {
        string combined = Path.Combine(folder.Root, "combined.onnx");
        File.WriteAllBytes(combined, OnnxEnsemble.Combine(
            [networks.Get("classic").Path, networks.Get("emonet").Path, networks.Get("classic").Path], mirror: false, ExportedNetworks.Probe, combined).Model.ToByteArray());
        using Distillation ensemble = Distillation.Load([Teacher.Of(combined)], Cpu);
        FaceDataset faces = ExportedNetworks.Probe;
        Tensor targets = zeros(faces.Count, 7);
        ensemble.MixTargets(new MlNetEmotion.Trainer.Data.DataLoader(faces).Epoch(0).First().ToTensors(CPU).Images, targets, share: 1);
        Assert.Equal(Parity.OfModel(File.ReadAllBytes(combined), combined, faces), targets.ToArray(), (a, b) => Math.Abs(a - b) < 1e-4);
    }

    [Fact]
    public void Run_WithATeacherAlone_LearnsToAnswerAsItDoes()
    {
        TrainingState teacher = SmallNetwork.State(SmallNetwork.Options with { Epochs = 150, BatchSize = 14, EmaDecay = 0 });
        new TrainingLoop(teacher, SmallNetwork.Data(train: 14, validation: 7)).Run(_ => { }, TestContext.Current.CancellationToken);

        // The labels are all wrong, but a share of 1 leaves them out.
        TrainingOptions options = SmallNetwork.Options with { Epochs = 150, BatchSize = 14, EmaDecay = 0, DistillationWeight = 1, Seed = 2 };
        using TrainingState learner = SmallNetwork.State(options);
        using var ensemble = new Distillation([teacher.Network], Cpu);
        TrainingData data = SmallNetwork.Data(train: 14, validation: 7);
        FaceDataset mislabelled = FaceDataset.Load(MemoryFaces.View(
            [.. Enumerable.Range(0, 14).Select(i => ((Emotion)(((int)data.Train.Labels[i] + 1) % 7), data.Train.Face(i).ToArray()))]));
        new TrainingLoop(learner, data with { Train = mislabelled }) { Distillation = ensemble }.Run(_ => { }, TestContext.Current.CancellationToken);

        Assert.Equal(1, Logits.Accuracy(teacher.Network.Heads(data.Train)[0], data.Train.Labels));
        Assert.Equal(1, Logits.Accuracy(learner.Network.Heads(data.Train)[0], data.Train.Labels));
    }

    [Fact]
    public void Load_AfterTheCheckpointChanged_IsRefused()
    {
        Save(seed: 1);
        Teacher teacher = Teacher.Of(Run);
        Save(seed: 2);
        UsageException error = Assert.Throws<UsageException>(() => Distillation.Load([teacher], Cpu));
        Assert.Contains("the teacher's file has changed since the run began", error.Message);
    }

    private void Save(int seed)
    {
        using var state = new TrainingState(TrainingOptions.For("classic") with { Seed = seed }, Cpu);
        Checkpoint.Save(new RunDirectory(Run).BestCheckpoint, state, new DataReference(null, null, "faces", "train", "validation"));
    }
}
