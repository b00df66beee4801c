using System.Buffers.Binary;
using System.Text.Json.Nodes;
using MlNetEmotion.Programs;
using MlNetEmotion.Tests.Trainer.Data;
using MlNetEmotion.Trainer.Commands;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Training;
using TorchSharp;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Commands;

[Collection(nameof(TrainedRun))]
public sealed class TrainCommandTests(TrainedRun run) : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Output => Path.Combine(folder.Root, "run");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Train_ToItsEnd_LeavesTheRunsFilesAndSaysWhere()
    {
        Assert.Equal(
            ["best.safetensors", "emotion.architecture.json", "emotion.onnx", "evaluation.json", "last.safetensors", "report.html"],
            Directory.GetFileSystemEntries(run.Output).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(run.Warning, run.Error);
        string[] lines = run.Console.Split('\n');
        Assert.Equal("data: 70 training images, 14 validation images from the validation split", lines[0]);
        Assert.StartsWith("classic: 1,245,671 parameters", lines[1], StringComparison.Ordinal);
        Assert.Equal(["epoch   1", "epoch   2", "epoch   3"], lines[2..5].Select(line => line[..9]));
        Assert.Contains($"model:  {Path.Combine(run.Output, "emotion.onnx")}", lines);
        Assert.Contains($"report: {Path.Combine(run.Output, "report.html")}", lines);
        string detector = Directory.GetCurrentDirectory() == Packages.PackedPackages.Repository ? "dotnet run --project Detector --" : "mlnetemotion";
        Assert.Contains($"try it: {detector} --demo --model {Path.Combine(run.Output, "emotion.onnx")}", lines);

        using var classifier = new EmotionClassifier(Path.Combine(run.Output, "emotion.onnx"));
        Assert.Equal("classic", classifier.Metadata.Network);
        Assert.Equal($"data (sha256 {Checkpoint.DataOf(new RunDirectory(run.Output).BestCheckpoint).TrainHash[..16]})", classifier.Metadata.TrainingData);
        JsonNode evaluation = JsonNode.Parse(File.ReadAllText(Path.Combine(run.Output, "evaluation.json")))!;
        Assert.Equal(14, (int)evaluation["samples"]!);
        Assert.Equal(classifier.Metadata.Figures["validationAccuracy"], (double)evaluation["accuracy"]!, 1e-9);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("HUP")]
    [InlineData("KILL")]
    [Trait("Speed", "slow")]
    public async Task Resume_AfterASignal_EndsAsTheUninterruptedRun(string signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such signals");
        using (var trainer = new TrainerProcess(TrainedRun.Arguments(run.Data, Output)))
        {
            await trainer.WaitForLine("epoch   1");
            trainer.Signal(signal);
            (int exitCode, string output, _) = await trainer.Exit();
            if (signal == "KILL")
            {
                Assert.NotEqual(0, exitCode);
            }
            else
            {
                Assert.Equal(0, exitCode);
                Assert.Matches($"stopped in epoch [23]; resume with: dotnet [^ ]+MlNetEmotion.Trainer.dll train --resume {Output}\n$", output);
            }

            Assert.False(File.Exists(Path.Combine(Output, "emotion.onnx")));
        }

        (int resumedExitCode, string console, string error) = await TrainerProcess.Run("train", "--resume", Output);
        Assert.Equal((run.Warning, 0), (error, resumedExitCode));
        Assert.DoesNotContain("epoch   1", console);
        AssertSameRun(run.Output, Output);
    }

    // 80 columns are less than an epoch's line, which is then two.
    [Fact]
    [Trait("Speed", "slow")]
    public async Task Train_OnATerminal_LeavesWhatEveryEpochMeasured()
    {
        string program = Path.Combine(AppContext.BaseDirectory, "MlNetEmotion.Trainer.dll");
        string[] lines = await Terminal.Run(80, $"dotnet {program} {string.Join(' ', TrainedRun.Arguments(run.Data, Output))}");
        string screen = string.Join(' ', string.Join(' ', lines).Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith($"warning: {run.Data}: 14 images, ", screen, StringComparison.Ordinal);
        Assert.Contains(" data: 70 training images, 14 validation images from the validation split classic: 1,245,671 parameters", screen, StringComparison.Ordinal);
        for (int epoch = 1; epoch <= 3; epoch++)
        {
            Assert.Matches($"epoch {epoch} train loss [0-9.]+ accuracy [0-9.]+ % validation loss [0-9.]+ accuracy [0-9.]+ % [0-9]+ images/s [0-9.]+ s", screen);
        }

        Assert.Single(lines, line => line.Contains("━━", StringComparison.Ordinal));    // one bar
        Assert.Contains(" 100%", screen);
        Assert.Contains("best epoch ", screen);
    }

    [Fact]
    public async Task Train_WhileAnotherRunWritesTheFolder_IsRefused()
    {
        using IDisposable other = new RunDirectory(Output).Lock();
        CommandLineAssert.IsWrongUsage(await TrainerProcess.Run(TrainedRun.Arguments(run.Data, Output)), $"{Output}: another run is writing it.");
        Assert.False(Directory.Exists(Output));
    }

    [Fact]
    public void Train_UntilTheReportIsWritten_KeepsOtherRunsOut()
    {
        CopyRun();
        File.Delete(Path.Combine(Output, "report.html"));
        var refused = new List<string>();
        using var console = new Listener(line =>
        {
            bool isWritten = File.Exists(Path.Combine(Output, "report.html"));
            UsageException error = Assert.Throws<UsageException>(() => new TrainPipeline(new RunDirectory(Output), TextWriter.Null, default).Resume(strict: false));
            refused.Add($"{line.Split(' ')[0]} {isWritten} {error.Message[..(Output.Length + 28)]}");
        });

        Assert.Equal(0, new TrainPipeline(new RunDirectory(Output), console, default).Resume(strict: false));

        // Before the evaluation and the report are written, and after.
        Assert.Contains($"best False {Output}: another run is writing it.", refused);
        Assert.Contains($"report: True {Output}: another run is writing it.", refused);
        using IDisposable free = new RunDirectory(Output).Lock();
    }

    [Fact]
    public void Dated_InTheSecondOfAnotherRun_IsAFolderOfItsOwn()
    {
        RunDirectory first = RunDirectory.Dated();
        using IDisposable other = first.Lock();
        Assert.NotEqual(first, RunDirectory.Dated());
    }

    [Fact]
    public async Task Resume_OfAFinishedRun_WritesItsResultsAgain()
    {
        CopyRun();
        File.Delete(Path.Combine(Output, "emotion.onnx"));
        (int exitCode, string console, _) = await TrainerProcess.Run("train", "--resume", Output);
        Assert.Equal(0, exitCode);
        Assert.DoesNotContain("epoch   ", console);
        AssertSameRun(run.Output, Output);
    }

    [Theory]
    [InlineData("training images")]
    [InlineData("validation images")]
    public async Task Resume_WithOtherImages_IsRefused(string other)
    {
        DataReference began = Checkpoint.DataOf(new RunDirectory(run.Output).BestCheckpoint);
        began = other == "training images" ? began with { TrainHash = "another" } : began with { ValidationHash = "another" };
        using (var session = new TrainingState(TrainingOptions.For("classic"), new Compute(DeviceType.CPU, Bfloat16: false)))
        {
            Checkpoint.Save(new RunDirectory(Output).LastCheckpoint, session, began);
        }

        CommandLineAssert.IsWrongUsage(
            await TrainerProcess.Run("train", "--resume", Output), $"{run.Data}: its images differ from those of the run's start");
    }

    [Fact]
    [Trait("Speed", "slow")]
    public async Task Resume_WhereTheImagesWereMoved_NeedsTheirPlaceAndKeepsIt()
    {
        string moved = Path.Combine(folder.Root, "moved");
        Copy(run.Data, moved);
        CopyRunThatBeganOn(Path.Combine(folder.Root, "before"));

        CommandLineAssert.IsWrongUsage(
            await TrainerProcess.Run("train", "--resume", Output), $"{folder.At("before")}: the run's images are not there", "'--data DIR'");
        Assert.Equal(0, (await TrainerProcess.Run("train", "--resume", Output, "--data", moved)).ExitCode);
        AssertSameRun(run.Output, Output);
        Assert.Equal(moved, Checkpoint.DataOf(new RunDirectory(Output).BestCheckpoint).Source);

        // An image is missing.
        string image = Directory.EnumerateFiles(Path.Combine(moved, "train"), "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();
        File.Delete(image);
        CommandLineAssert.IsWrongUsage(
            await TrainerProcess.Run("train", "--resume", Output, "--data", moved), $"{moved}: its images differ from those of the run's start");
    }

    [Fact]
    public void Resume_OfMovedImages_RecordsTheirNewPlaces()
    {
        CopyRun();
        DataReference began = Checkpoint.DataOf(new RunDirectory(Output).LastCheckpoint);
        FaceDataView faces = FaceSource.Open(run.Data);

        Assert.Equal(("/new", began.Validation), Places(began with { Source = "/new", Validation = null }));
        Assert.Equal((began.Source, "/held"), Places(began with { Source = null, Validation = "/held" }));

        (string?, string?) Places(DataReference given)
        {
            using var resumed = TrainingRun.Open(new RunDirectory(Output), options: null, faces, validation: null, given, TestContext.Current.CancellationToken);
            return (resumed.Reference.Source, resumed.Reference.Validation);
        }
    }

    [Theory]
    [InlineData(100, "cut short")]
    [InlineData(1_000_000, "cut short")]
    [InlineData(0, "not a checkpoint")]
    public async Task Resume_OfACheckpointCutShort_IsRefused(int length, string message)
    {
        string checkpoint = folder.Write("run/last.safetensors", File.ReadAllBytes(Path.Combine(run.Output, "last.safetensors"))[..length]);
        CommandLineAssert.IsWrongUsage(await CommandRun.Run("train", "--resume", Output), $"{checkpoint}: ", message);
    }

    [Fact]
    public async Task Train_IntoARunsFolder_IsRefused()
    {
        byte[] checkpoint = File.ReadAllBytes(Path.Combine(run.Output, "last.safetensors"));
        CommandLineAssert.IsWrongUsage(await CommandRun.Run(TrainedRun.Arguments(run.Data, run.Output)), $"--resume {run.Output}");
        Assert.Equal(checkpoint, File.ReadAllBytes(Path.Combine(run.Output, "last.safetensors")));
    }

    [Fact]
    public async Task Train_WithALearningRateThatIsTooHigh_FailsAndLeavesNoSpoiltCheckpoint()
    {
        (int exitCode, _, string error) = await TrainerProcess.Run(
            [.. TrainedRun.Arguments(run.Data, Output), "--learning-rate", "100", "--optimizer", "sgd", "--warmup-epochs", "0"]);
        Assert.Equal(1, exitCode);
        Assert.StartsWith("warning: ", error, StringComparison.Ordinal);
        Assert.Matches("^the loss became infinite or NaN at epoch 1, .* lower --learning-rate.*\n$", error[(error.IndexOf('\n', StringComparison.Ordinal) + 1)..]);
        Assert.Empty(Directory.GetFileSystemEntries(Output));
    }

    [Fact]
    public async Task Train_FromAModel_GoesOnFromWhatItKnows()
    {
        // Steps that are next to nothing: what is evaluated is what the run before had learned.
        (int exitCode, _, string error) = await TrainerProcess.Run(
            "train", "--data", run.Data, "--network", "classic", "--from", run.Output, "--epochs", "1", "--learning-rate", "1e-9", "--output", Output);
        Assert.Equal((0, run.Warning), (exitCode, error));
        Assert.Equal(Accuracy(run.Output), Accuracy(Output));
        Assert.Contains("Started from", File.ReadAllText(Path.Combine(Output, "report.html")));

        static double Accuracy(string folder) =>
            (double)JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "evaluation.json")))!["accuracy"]!;
    }

    [Fact]
    [Trait("Speed", "slow")]
    public async Task Train_WithVotes_WritesAModelOfBothHeads()
    {
        // Everybody says Sad.
        string votes = folder.Write("votes.csv", "file,anger,disgust,fear,happiness,sadness,surprise,neutral,unknown\n" + string.Concat(
            Directory.EnumerateFiles(run.Data, "*.png", SearchOption.AllDirectories).Select(path => $"{Path.GetRelativePath(run.Data, path)},0,0,0,0,9,0,0,1\n")));
        (int exitCode, _, string error) = await TrainerProcess.Run(
            [.. TrainedRun.Arguments(run.Data, Output), "--votes", votes, "--vote-share", "0.7", "--crop", "44"]);
        Assert.Equal((0, run.Warning), (exitCode, error));
        JsonNode figures = JsonNode.Parse(File.ReadAllText(Path.Combine(Output, "evaluation.json")))!;
        Assert.Equal(1, (double)figures["votes"]!["agreement"]!);
        Assert.Equal(0, (int)figures["votes"]!["leftOut"]!);
        Assert.Equal(2 / 14.0, (double)figures["accuracy"]!, 9);
        Assert.NotNull(figures["labelHead"]!["accuracy"]);
        using (var classifier = new EmotionClassifier(Path.Combine(Output, "emotion.onnx")))
        {
            Assert.Equal(1, classifier.Metadata.Figures["voteAgreement"]);
            Assert.Equal(2 / 14.0, classifier.Metadata.Figures["validationAccuracy"], 9);
        }

        (exitCode, _, error) = await TrainerProcess.Run("train", "--resume", Output);
        Assert.Equal((0, run.Warning), (exitCode, error));
        string labels = Path.Combine(Output, "labels.onnx");
        Assert.Equal(0, (await TrainerProcess.Run("export", "--checkpoint", Path.Combine(Output, "best.safetensors"), "--answer", "labels", "--output", labels)).ExitCode);
        Assert.NotEqual(File.ReadAllBytes(labels), File.ReadAllBytes(Path.Combine(Output, "emotion.onnx")));
    }

    // Bare names, each of which fits images of several classes or stands on several lines: no head learns votes from labels alone.
    [Fact]
    public async Task Train_WithVotesOnNoImage_IsRefusedAndSaysWhy()
    {
        foreach (string name in Enum.GetNames<Emotion>())
        {
            Copy(Path.Combine(run.Data, "train", "sad"), Path.Combine(folder.Root, "data", name));
        }

        string votes = folder.Write("votes.csv", "file,anger,disgust,fear,happiness,sadness,surprise,neutral\n" + string.Concat(
            Directory.EnumerateFiles(Path.Combine(folder.Root, "data", "Sad")).Select(path => $"{Path.GetFileName(path)},0,0,0,0,9,0,0\n")));

        CommandLineAssert.IsWrongUsage(
            await TrainerProcess.Run([.. TrainedRun.Arguments(Path.Combine(folder.Root, "data"), Output), "--votes", votes]),
            $"{votes}: votes on none of the training images; ",
            $"; {folder.At("data")}: 10 names fit several images each in {votes}, the first, ");
        Assert.False(Directory.Exists(Output));
    }

    [Theory]
    [InlineData("--vote-share", "0.3")]
    [InlineData("--answer", "mean")]
    public async Task Train_WithoutVotes_RefusesWhatNeedsThem(string option, string value) => CommandLineAssert.IsWrongUsage(
        await CommandRun.Run("train", "--data", run.Data, "--output", Output, option, value), $"{option} needs votes");

    [Fact]
    public async Task Train_FromAModelOfAnotherNetwork_SaysWhichItHolds() => CommandLineAssert.IsWrongUsage(
        await TrainerProcess.Run("train", "--data", run.Data, "--from", run.Output, "--output", Output), "it holds 'classic', but 'emonet' is to be trained");

    [Theory]
    [InlineData("--data nowhere", "nowhere")]
    [InlineData("--network resnet", "'resnet'", "'classic'", "'emonet'")]
    [InlineData("--batch-size 0", "--batch-size", "at least 2")]
    [InlineData("--batch-size many", "--batch-size", "many")]
    [InlineData("--epochs 0", "--epochs", "at least 1")]
    [InlineData("--learning-rate -1", "--learning-rate", "between 0 and 100")]
    [InlineData("--learning-rate NaN", "--learning-rate", "between 0 and 100")]
    [InlineData("--rotation 500", "--rotation", "between 0 and 180")]
    [InlineData("--precision fp8", "--precision", "fp8")]
    [InlineData("--device tpu", "'tpu'", "'cpu'", "'cuda'")]
    [InlineData("--resume nowhere", "nowhere: no run to resume")]
    [InlineData("--resume nowhere --epochs 3", "--resume", "leave --epochs out")]
    [InlineData("--resume nowhere --data nowhere", "nowhere: no run to resume")]
    [InlineData("--resume nowhere --data nowhere --seed 2", "--resume", "leave --seed out")]
    [InlineData("--dropout 0.3", "--dropout")]
    [InlineData("--mixup 5", "--mixup", "between 0 and 4")]
    [InlineData("--balance 2", "--balance", "between 0 and 1")]
    [InlineData("--sharpness-radius -1", "--sharpness-radius", "between 0 and 10")]
    [InlineData("--from nowhere", "--from nowhere: no model there")]
    [InlineData("--teacher nowhere", "--teacher nowhere: no checkpoint there")]
    [InlineData("--teacher-share 0.5", "--teacher-share", "add --teacher")]
    [InlineData("--network classic --momentum 0.5", "--momentum", "--optimizer sgd")]
    public async Task Train_WrongUsage_SaysInOneLineWhatToDo(string typed, params string[] expected) =>
        CommandLineAssert.IsWrongUsage(await CommandRun.Run(["train", .. typed.Split(' ')]), expected);

    // Every weight, the history but for the time it took, the model and what it scores.
    private static void AssertSameRun(string expected, string found)
    {
        foreach (string name in new[] { "last.safetensors", "best.safetensors" })
        {
            (string expectedPosition, byte[] expectedData) = ReadCheckpoint(Path.Combine(expected, name));
            (string foundPosition, byte[] foundData) = ReadCheckpoint(Path.Combine(found, name));
            Assert.Equal(expectedPosition, foundPosition);
            Assert.True(expectedData.AsSpan().SequenceEqual(foundData), $"the tensors of {name} differ");
        }

        foreach (string name in new[] { "emotion.onnx", "emotion.architecture.json", "evaluation.json" })
        {
            Assert.True(File.ReadAllBytes(Path.Combine(expected, name)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(found, name))), $"{name} differs");
        }

        Assert.Empty(Directory.GetFiles(found, "*.tmp"));
    }

    private static (string Position, byte[] Data) ReadCheckpoint(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        JsonNode header = JsonNode.Parse(bytes.AsSpan(8, length))!;
        JsonObject position = JsonNode.Parse((string)header["__metadata__"]!["position"]!)!.AsObject();
        foreach (JsonObject record in position["history"]!.AsArray().Select(record => record!.AsObject()))
        {
            Assert.True(record.Remove("imagesPerSecond") && record.Remove("seconds"));
        }

        return (position.ToJsonString(), bytes[(8 + length)..]);
    }

    private static void Copy(string source, string target)
    {
        foreach (string file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    // The run, whose checkpoints say that its images lay elsewhere.
    private void CopyRunThatBeganOn(string data)
    {
        foreach (string name in new[] { "last.safetensors", "best.safetensors" })
        {
            (TrainingState session, DataReference reference) = Checkpoint.Load(Path.Combine(run.Output, name), new Compute(DeviceType.CPU, Bfloat16: false));
            using TrainingState owned = session;
            Directory.CreateDirectory(Output);
            Checkpoint.Save(Path.Combine(Output, name), session, reference with { Source = data });
        }
    }

    private void CopyRun() => Directory.GetFiles(run.Output).ToList()
        .ForEach(file => folder.Write(Path.Combine("run", Path.GetFileName(file)), File.ReadAllBytes(file)));

    private sealed class Listener(Action<string> hear) : StringWriter
    {
        public override void WriteLine(string? value) => hear(value!);
    }
}
