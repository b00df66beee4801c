using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MlNetEmotion.Programs.Samples;
using MlNetEmotion.Tests.Trainer.Commands;
using MlNetEmotion.Tests.Trainer.Data;
using MlNetEmotion.Trainer;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Training;
using Xunit;

namespace MlNetEmotion.Tests.Trainer;

/// <summary>Warnings to a program that loads and trains: those of the command line, each once.</summary>
public sealed class WarningsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly MLContext ml = new();
    private readonly List<string> log = [];

    public WarningsTests() => ml.Log += (_, e) =>
    {
        // A channel's start and end are traced, as ML.NET does.
        if (e.Source == "MlNetEmotion" && e.Kind != ChannelMessageKind.Trace)
        {
            Assert.Equal(ChannelMessageKind.Warning, e.Kind);
            log.Add(e.RawMessage);
        }
    };

    private string Root => Path.Combine(folder.Root, "data");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void LoadFaces_WithALog_WarnsOfFoldersAtOnceAndOfImagesAsTheyAreRead()
    {
        string blank = folder.WriteImage("data/happy/blank.png", 48, 48, 128);
        string broken = folder.Write("data/happy/broken.png", "no image");
        folder.Write("data/happy/notes.txt", "");
        WriteFaces("data/happy", 2);
        folder.CreateFolder("data/contempt");
        foreach (string name in (string[])["angry", "disgust", "fear", "sad", "surprise"])
        {
            WriteFaces($"data/{name}", 1);
        }

        var skipped = new List<string>();
        IDataView faces = ml.Data.LoadFaces(Root, skip: image => skipped.Add(image.Source), warnings: ml.WarningLog());

        string[] ofFolders =
        [
            $"{folder.At("data/contempt")}: ignored, the name is no class's",
            $"{folder.At("data/happy")}: 1 ignored for having no image's name, first 'notes.txt'",
            $"{Root}: no image of class Neutral",
        ];
        Assert.Equal(ofFolders, log);

        // Labels alone say no more; two whole passes say it once, and so do two cursors at a time.
        Assert.Equal(9, faces.GetColumn<uint>("Label").Count());
        Assert.Equal(ofFolders, log);
        using (IEnumerator<float[]> first = faces.GetColumn<float[]>("Face").GetEnumerator(), second = faces.GetColumn<float[]>("Face").GetEnumerator())
        {
            while (first.MoveNext() | second.MoveNext())
            {
            }
        }

        Assert.Equal(
            [
                .. ofFolders,
                $"skipped: {broken}: {FaceDataset.Load(FaceSource.Open(Root)).Unreadable[0].Reason}",
                $"{blank}: 1 of 8 images, this one first, one gray all over: no emotion can be predicted for such an image; metrics count it as Angry, the first of equals",
            ],
            log);
        Assert.Equal([broken, broken], skipped);
    }

    [Fact]
    public void LoadFaces_NumberedFolders_SaysHowTheyAreRead()
    {
        for (int i = 0; i < 7; i++)
        {
            WriteFaces($"data/{i}", 1);
        }

        ml.Data.LoadFaces(Root, warnings: ml.WarningLog());

        Assert.StartsWith($"{Root}: class folders 0 to 6 are read as FER2013 counts: 0=Angry, ", Assert.Single(log), StringComparison.Ordinal);
    }

    [Fact]
    public void LoadFaces_Csv_WarnsOfClassesWithoutAnImageAtItsEnd()
    {
        string pixels = string.Join(' ', Enumerable.Range(0, 2304).Select(i => i % 256));
        string csv = folder.Write("fer.csv", "emotion,pixels\n" + string.Concat(Enumerable.Range(0, 6).Select(label => $"{label},{pixels}\n")));

        IDataView faces = ml.Data.LoadFaces(csv, warnings: ml.WarningLog());
        Assert.Equal(3, ml.Data.TakeRows(faces, 3).GetColumn<uint>("Label").Count());
        Assert.Empty(log);
        Assert.Equal(6, faces.GetColumn<uint>("Label").Count());

        Assert.Equal([$"{csv}: no image of class Neutral"], log);
    }

    [Fact]
    public void LoadFaces_Split_WarnsOfThatSplitsClasses()
    {
        WriteFaces("data/train/sad", 1);
        foreach (string label in Emotions.Labels)
        {
            WriteFaces($"data/test/{label}", 1);
        }

        ml.Data.LoadFaces(Root, Split.Test, warnings: ml.WarningLog());

        Assert.Empty(log);
    }

    // Case 43. Each class's first row, and the second, lie one after the other.
    [Fact]
    public void Fit_RowsOfOneClass_IsRefusedAndPointsToTheOrderOfRows()
    {
        WriteFaces("data/angry", 20);
        WriteFaces("data/happy", 20);
        IDataView faces = ml.Data.LoadFaces(Root);

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Trainer().Fit(ml.Data.TakeRows(faces, 20)));

        Assert.Equal(
            "data: only class Angry among 18 training images; a network needs at least two classes; rows of LoadFaces are sorted by path, so that the first ones, "
                + "as by TakeRows, are of one class: shuffle them before, or divide them with ml.Data.TrainTestSplit",
            error.Message);
    }

    [Fact]
    public async Task Fit_FoldersOfOneClass_IsRefusedInBothProgramsAlike()
    {
        WriteFaces("data/train/angry", 4);
        WriteFaces("data/validation/angry", 4);
        WriteFaces("data/validation/happy", 4);
        string expected = $"{Root}: only class Angry among 4 training images; a network needs at least two classes; add images of other classes";

        Assert.Equal(expected, Assert.Throws<InvalidDataException>(() => Trainer().Fit(ml.Data.LoadFaces(Root))).Message);
        CommandLineAssert.IsWrongUsage(await TrainerProcess.Run(TrainedRun.Arguments(Root, Path.Combine(folder.Root, "run"))), expected);
        Assert.False(Directory.Exists(Path.Combine(folder.Root, "run")));
    }

    [Fact]
    public async Task Fit_WithALog_WarnsOfAllThatTheCommandLineDoesAndNeverTwice()
    {
        string broken = WriteFacesWithFaults();
        string[] ofData = [$"{folder.At("data/extra")}: ignored, the name is no split's", .. Missing()];
        string[] ofRun =
        [
            "1 of 4 validation images are identical to a training image, which inflates the validation metrics; --drop-duplicates leaves those out",
            $"{Root}: no validation image of Sad: the best epoch is chosen without regard to them; add some",
            $"{Root}: 4 images, 0 classes with 5 or more, are too few to calibrate on: expected at least 50, and 5 of each of 5 classes; "
                + "the model is left uncalibrated, so its confidence may mean little. Add validation images",
        ];
        string ofImage = $"skipped: {broken}: {FaceDataset.Load(FaceSource.Open(Root)).Unreadable[0].Reason}";

        Trainer(new TrainingRunOptions { Warnings = ml.WarningLog() }).Fit(ml.Data.LoadFaces(Root, skip: _ => { }));
        Assert.Equal([.. ofData, ofImage, .. ofRun], log);

        // Both report: each its own.
        log.Clear();
        Trainer(new TrainingRunOptions { Warnings = ml.WarningLog() }).Fit(ml.Data.LoadFaces(Root, skip: _ => { }, warnings: ml.WarningLog()));
        Assert.Equal([.. ofData, ofImage, .. ofRun], log);

        // The command line, as it always did.
        (int exitCode, _, string error) = await TrainerProcess.Run(
            "train", "--data", Root, "--network", "classic", "--epochs", "1", "--batch-size", "8", "--output", Path.Combine(folder.Root, "run"));
        Assert.Equal(0, exitCode);
        Assert.Equal([.. ofData.Select(line => $"warning: {line}"), ofImage, .. ofRun.Select(line => $"warning: {line}"), ""], error.Split('\n'));
    }

    [Fact]
    public void Fit_SeparateValidation_WarnsOfBothViews()
    {
        WriteFaces("data/happy", 10);
        WriteFaces("data/sad", 10);
        WriteFaces("other/happy", 2, first: 50);
        folder.CreateFolder("other/what");

        Trainer(new TrainingRunOptions { Warnings = ml.WarningLog() })
            .Fit(ml.Data.LoadFaces(Root, warnings: new Progress<string>(_ => { })), ml.Data.LoadFaces(Path.Combine(folder.Root, "other")));

        Assert.Contains($"{folder.At("other/what")}: ignored, the name is no class's", log);
        Assert.Contains($"{folder.At("other")}: no validation image of Sad: the best epoch is chosen without regard to them; add some", log);
        Assert.DoesNotContain(log, line => line.StartsWith($"{Root}: no image of class", StringComparison.Ordinal));
        Assert.Equal(log.Distinct(), log);
    }

    [Fact]
    public void Fit_DropDuplicates_SaysHowManyWereLeftOut()
    {
        WriteFacesWithFaults();

        Trainer(new TrainingRunOptions { Warnings = ml.WarningLog(), DropDuplicates = true }).Fit(ml.Data.LoadFaces(Root, skip: _ => { }));

        Assert.Equal("data: 1 training images left out, which have a duplicate or near-duplicate in another split", log[^1]);
        Assert.DoesNotContain(log, line => line.Contains("identical to a training image", StringComparison.Ordinal));
    }

    private static EmotionCnnTrainer Trainer(MLContext ml, TrainingRunOptions? run) =>
        ml.MulticlassClassification.Trainers.EmotionCnn(TrainingOptions.For("classic") with { Epochs = 1, BatchSize = 8 }, run);

    private EmotionCnnTrainer Trainer(TrainingRunOptions? run = null) => Trainer(ml, run);

    private IEnumerable<string> Missing() => new[] { Emotion.Angry, Emotion.Disgust, Emotion.Surprise, Emotion.Neutral }.Select(emotion => $"{Root}: no image of class {emotion}");

    // Two splits, with a folder of no split, an image that can't be read, one in both splits, and a class without a validation image.
    private string WriteFacesWithFaults()
    {
        WriteFaces("data/train/happy", 5);
        WriteFaces("data/train/sad", 5, first: 5);
        WriteFaces("data/train/fear", 5, first: 10);
        WriteFaces("data/validation/happy", 2, first: 20);
        WriteFaces("data/validation/fear", 1, first: 30);
        folder.WritePgm("data/validation/fear/same.pgm", SampleFaces.Draw(seed: 6, 10));
        folder.CreateFolder("data/extra");
        return folder.Write("data/train/sad/broken.png", "no image");
    }

    private void WriteFaces(string path, int count, int first = 0)
    {
        for (int i = first; i < first + count; i++)
        {
            folder.WritePgm($"{path}/{i:D2}.pgm", SampleFaces.Draw(seed: 6, i));
        }
    }
}
