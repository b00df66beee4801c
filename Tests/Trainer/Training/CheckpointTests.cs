using System.Text.Json.Nodes;
using MlNetEmotion.Tests.Trainer.Data;
using MlNetEmotion.Trainer.Augmentation;
using MlNetEmotion.Trainer.Training;
using TorchSharp;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Training;

public sealed class CheckpointTests : IDisposable
{
    private static readonly DataReference Reference = new("/data", "/validation.csv", "data", "aa", "bb");
    private readonly TemporaryFolder folder = new();

    private string File => Path.Combine(folder.Root, "new", "run.safetensors");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Load_WhatWasSaved_IsTheSameRun()
    {
        TrainingOptions options = TrainingOptions.For("classic") with
        {
            Epochs = 3, Seed = -5, Precision = Precision.Fp32, Patience = 4, LearningRate = 0.1 + 0.2, Device = "cpu",
            Augmentation = new AugmentationOptions { RotationDegrees = 12.3f }, Teachers = [new Teacher("/runs/a/best.safetensors", "ab")],
        };
        using TrainingState saved = State(options);
        saved.Optimizer.StepCount = 17;
        saved.Progress = new TrainingProgress
        {
            Epoch = 1, Batch = 2, LossSum = 1.0 / 3, Correct = 4, Faces = 5, Seconds = 6.7, Temperature = 1.1,
            History = [new EpochRecord(1, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)],
        };
        saved.Optimizer.State[^1].Tensor.add_(3);
        saved.Average.State[0].Tensor.add_(2);
        Checkpoint.Save(File, saved, Reference);

        (TrainingState loaded, DataReference reference) = Checkpoint.Load(File);
        using (loaded)
        {
            Assert.Equal(Reference, reference);
            Assert.Equivalent(options, loaded.Options, strict: true);
            Assert.Equal(17, loaded.Optimizer.StepCount);
            Assert.Equivalent(saved.Progress, loaded.Progress, strict: true);
            TrainingOutcome.AssertEqual(TrainingOutcome.Of(saved), TrainingOutcome.Of(loaded));
        }
    }

    // Runs of earlier versions can be resumed only if these names stay, whatever the properties are called.
    [Fact]
    public void Save_AnyRun_KeepsTheNamesOfSettingsAndProgress()
    {
        Save();
        SafetensorsFile file = SafetensorsFile.Read(File);

        Assert.Equal(
            ["network", "from", "teachers", "votes", "epochs", "batchSize", "optimizer", "learningRate", "warmupEpochs", "momentum", "weightDecay", "labelSmoothing",
                "sharpnessRadius", "balance", "rehearse", "teacherShare", "voteShare", "answer", "emaDecay", "patience", "seed", "precision", "device", "augmentation"],
            Keys("options"));
        Assert.Equal(["epoch", "batch", "lossSum", "correct", "faces", "seconds", "temperature", "answer", "answers", "history"], Keys("position"));
        Assert.Equal("0", file.Metadata("step"));
        Assert.Equal(["source", "validation", "name", "trainHash", "validationHash", "dropDuplicates", "classes"], Keys("data"));

        string[] Keys(string entry) => [.. JsonNode.Parse(file.Metadata(entry))!.AsObject().Select(property => property.Key)];
    }

    [Fact]
    public void Save_ARun_NamesTensorsAsPyTorchDoes()
    {
        using TrainingState state = State(TrainingOptions.For("emonet"));
        Checkpoint.Save(File, state, Reference);
        string[] names = [.. SafetensorsFile.Read(File).Names];
        Assert.Contains("model.1.weight", names);
        Assert.Contains("model.2.running_var", names);
        Assert.Contains("average.5.residual.5.gate.1.bias", names);
        Assert.Contains("optimizer.momentum_buffer.11.residual.0.weight", names);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(1000)] // in the header
    [InlineData(-1)] // the last byte is missing
    [InlineData(-5_000_000)]
    public void Load_CutShort_IsInvalidDataThatNamesTheFile(int length)
    {
        Save();
        byte[] whole = System.IO.File.ReadAllBytes(File);
        System.IO.File.WriteAllBytes(File, whole[..(length < 0 ? whole.Length + length : length)]);
        AssertInvalid("cut short");
    }

    [Fact]
    public void Load_OfOtherBytes_IsInvalidDataThatNamesTheFile()
    {
        byte[] garbage = new byte[4096];
        new Random(1).NextBytes(garbage);
        folder.Write("new/run.safetensors", garbage);
        AssertInvalid("not a checkpoint");
    }

    [Fact]
    public void Load_ASafetensorsFileOfAnotherProgram_SaysSo()
    {
        SafetensorsFile.Write(File, new Dictionary<string, string>(), [("weight", torch.zeros(2))]);
        AssertInvalid("no 'options' in the metadata; it was not written by Trainer");
    }

    // Replaces metadata of a 'classic' run by text of the same length, so that the file stays intact.
    [Theory]
    [InlineData("network\\u0022:\\u0022classic", "network\\u0022:\\u0022clussic", "its network is 'clussic', expected one of classic, emonet")]
    [InlineData("batchSize\\u0022:64", "batchSize\\u0022:x4", "'options' in the metadata can't be read")]
    [InlineData("optimizer\\u0022:\\u0022Adam", "optimizer\\u0022:\\u0022Adum", "'options' in the metadata can't be read")]
    [InlineData("\"model.1.weight\"", "\"model.1.waight\"", "no tensor 'model.1.weight'; it is a checkpoint of another network")]
    [InlineData("\"shape\":[128,9216]", "\"shape\":[9216,128]", "tensor 'model.14.weight' is [9216, 128], expected [128, 9216]; it is a checkpoint of another network")]
    public void Load_OfAnotherNetwork_SaysWhatDiffers(string text, string other, string message)
    {
        Save();
        byte[] bytes = System.IO.File.ReadAllBytes(File);
        string latin = System.Text.Encoding.Latin1.GetString(bytes);
        Assert.Contains(text, latin);
        System.IO.File.WriteAllBytes(File, System.Text.Encoding.Latin1.GetBytes(latin.Replace(text, other, StringComparison.Ordinal)));
        AssertInvalid(message);
    }

    private static TrainingState State(TrainingOptions options) => new(options, new Compute(DeviceType.CPU, Bfloat16: false));

    private void Save()
    {
        using TrainingState state = State(TrainingOptions.For("classic"));
        Checkpoint.Save(File, state, Reference);
    }

    private void AssertInvalid(string message)
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Checkpoint.Load(File));
        Assert.StartsWith(File + ": ", error.Message);
        Assert.Contains(message, error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }
}
