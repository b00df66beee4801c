using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetEmotion.Trainer;
using MlNetEmotion.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Data;

public sealed class FaceSourceTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Open_CsvOrFolder_IsTold()
    {
        folder.CreateFolder("folder.csv/sad");
        string csv = folder.Write("a.CSV", "emotion,pixels,Usage\n");

        Assert.Null((FaceSource.Open(csv) with { Skip = null }).GetRowCount());    // known only once it is read
        Assert.Equal(0, (FaceSource.Open(Path.Combine(folder.Root, "folder.csv")) with { Skip = null }).GetRowCount());
        Assert.Throws<DirectoryNotFoundException>(() => FaceSource.Open(Path.Combine(folder.Root, "nowhere")));
    }

    [Fact]
    public void LoadSplit_SourceWithSplits_GivesThatSplit()
    {
        WriteFaces("train/sad", 3);
        WriteFaces("val/sad", 2);

        Assert.Equal(2, FaceSource.Open(folder.Root).LoadSplit(Split.Validation).Count);
    }

    [Fact]
    public void LoadSplit_SourceWithoutSplits_GivesEverything()
    {
        WriteFaces("sad", 3);

        Assert.Equal(3, FaceSource.Open(folder.Root).LoadSplit(Split.Validation).Count);
    }

    [Fact]
    public void LoadSplit_MissingSplit_SaysWhichThereAre()
    {
        WriteFaces("train/sad", 1);
        WriteFaces("val/sad", 1);

        var error = Assert.Throws<InvalidDataException>(() => FaceSource.Open(folder.Root).LoadSplit(Split.Test));

        Assert.Equal($"{folder.Root}: no Test images: found only images of split Train, Validation", error.Message);
    }

    [Fact]
    public void LoadSplit_MissingSplitThatAnOptionChooses_SaysWhatToType()
    {
        WriteFaces("train/sad", 1);
        WriteFaces("test/sad", 1);

        var error = Assert.Throws<InvalidDataException>(() => FaceSource.Open(folder.Root).LoadSplit(Split.Validation, option: "--split"));

        Assert.Equal($"{folder.Root}: no Validation images: found only images of split Train, Test; add '--split test'", error.Message);
    }

    [Fact]
    public void LoadSplit_NoImage_SaysSo()
    {
        folder.CreateFolder("sad");

        var error = Assert.Throws<InvalidDataException>(() => FaceSource.Open(folder.Root).LoadSplit(Split.Train));

        Assert.EndsWith("there is no image at all", error.Message);
    }

    [Fact]
    public void LoadSplit_NothingReadable_NamesTheFirst()
    {
        string broken = folder.Write("sad/a.png", "");

        var error = Assert.Throws<InvalidDataException>(() => FaceSource.Open(folder.Root).LoadSplit(Split.Train));

        Assert.Contains("none of 1 can be read", error.Message);
        Assert.Contains(broken, error.Message);
    }

    [Theory]
    [InlineData(Split.Train)]
    [InlineData(Split.Validation)]
    [InlineData(Split.Test)]
    public void LoadFaces_SplitOfDataWithoutSplits_IsRefusedAndPointsToTrainTestSplit(Split split)
    {
        WriteFaces("folders/sad", 3);
        string folders = Path.Combine(folder.Root, "folders");
        string csv = folder.Write("a.csv", $"emotion,pixels\n4,{string.Join(' ', new int[2304])}\n");

        foreach (string path in (string[])[folders, csv])
        {
            var error = Assert.Throws<InvalidDataException>(() => new MLContext().Data.LoadFaces(path, split));
            Assert.Equal(
                $"{path}: no {split} images: the data has no splits; pass no split for all images and divide them with ml.Data.TrainTestSplit, "
                    + "or use data that has splits: folders root/{train,validation,test}/<class>, or a CSV with the column Usage",
                error.Message);
        }
    }

    [Fact]
    public void LoadFaces_DataWithoutSplits_IsDividedByTrainTestSplit()
    {
        WriteFaces("sad", 40);
        var ml = new MLContext(seed: 1);

        DataOperationsCatalog.TrainTestData parts = ml.Data.TrainTestSplit(ml.Data.LoadFaces(folder.Root), testFraction: 0.5);

        string[] train = Sources(parts.TrainSet);
        string[] test = Sources(parts.TestSet);
        Assert.NotEmpty(train);
        Assert.NotEmpty(test);
        Assert.Empty(train.Intersect(test));
        Assert.Equal(40, train.Length + test.Length);
        static string[] Sources(IDataView view) => [.. view.GetColumn<string>("Source")];
    }

    [Fact]
    public void LoadFaces_SplitThatTheDataLacks_SaysWhichThereAre()
    {
        WriteFaces("train/sad", 2);
        WriteFaces("test/sad", 3);
        var data = new MLContext().Data;

        Assert.Equal(
            [3, 2],
            new[] { Split.Test, Split.Train }.Select(split => data.LoadFaces(folder.Root, split).GetColumn<string>("Source").Count()));
        var error = Assert.Throws<InvalidDataException>(() => data.LoadFaces(folder.Root, Split.Validation));
        Assert.Equal($"{folder.Root}: no Validation images: found only images of split Train, Test", error.Message);
    }

    [Fact]
    public void LoadTraining_ValidationSplit_IsUsed()
    {
        WriteFaces("train/sad", 5);
        WriteFaces("validation/sad", 2);
        WriteFaces("test/sad", 1);

        TrainingData data = TrainingData.Load(FaceSource.Open(folder.Root));

        Assert.False(data.IsHeldOut);
        Assert.Equal((5, 2), (data.Train.Count, data.Validation.Count));
    }

    [Fact]
    public void LoadTraining_ValidationGiven_IsUsedInstead()
    {
        WriteFaces("a/train/sad", 5);
        WriteFaces("a/validation/sad", 2);
        WriteFaces("b/sad", 3);

        TrainingData data = TrainingData.Load(FaceSource.Open(Path.Combine(folder.Root, "a")), FaceSource.Open(Path.Combine(folder.Root, "b")));

        Assert.Equal((5, 3), (data.Train.Count, data.Validation.Count));
        Assert.False(data.IsHeldOut);
    }

    [Fact]
    public void LoadTraining_NoValidation_IsHeldOut()
    {
        WriteFaces("happy", 20);
        WriteFaces("sad", 10);

        TrainingData data = TrainingData.Load(FaceSource.Open(folder.Root));

        Assert.True(data.IsHeldOut);
        Assert.Equal([0, 0, 0, 2, 1, 0, 0], data.Validation.ClassCounts);
        Assert.Equal(27, data.Train.Count);
    }

    [Fact]
    public void LoadTraining_HeldOut_StillListsWhatWasSkipped()
    {
        WriteFaces("sad", 10);
        string broken = folder.Write("sad/broken.png", "");
        folder.CreateFolder("contempt");

        TrainingData data = TrainingData.Load(FaceSource.Open(folder.Root));

        Assert.Equal(broken, Assert.Single(data.Train.Unreadable).Source);
        Assert.Contains(data.Train.Warnings, warning => warning.Contains("contempt", StringComparison.Ordinal));
    }

    [Fact]
    public void LoadTraining_FewOfAClass_HoldsOneOfEachOutAndNamesTheClassesWithout()
    {
        WriteFaces("happy", 40);
        WriteFaces("sad", 4);
        WriteFaces("fear", 2);
        WriteFaces("angry", 1);

        TrainingData data = TrainingData.Load(FaceSource.Open(folder.Root));

        Assert.Equal([0, 0, 1, 4, 1, 0, 0], data.Validation.ClassCounts);
        Assert.Equal([1, 0, 1, 36, 3, 0, 0], data.Train.ClassCounts);
        Assert.Equal([$"{folder.Root}: no validation image of Angry: the best epoch is chosen without regard to them; add some"], data.Warnings());
    }

    [Fact]
    public void LoadTraining_ValidationSplitOfOneClass_NamesTheOthers()
    {
        WriteFaces("train/happy", 5);
        WriteFaces("train/sad", 5);
        WriteFaces("validation/happy", 5);
        WriteFaces("validation/fear", 5);

        Assert.Equal(
            [
                $"{folder.Root}: no validation image of Sad: the best epoch is chosen without regard to them; add some",
                $"{folder.Root}: no training image of Fear, which validation has: they count as wrong; add some",
            ],
            TrainingData.Load(FaceSource.Open(folder.Root)).Warnings());
    }

    [Fact]
    public void LoadTraining_TooFewToHoldOut_SaysWhatToDo()
    {
        WriteFaces("sad", 1);
        WriteFaces("happy", 1);

        var error = Assert.Throws<InvalidDataException>(() => TrainingData.Load(FaceSource.Open(folder.Root)));

        Assert.Contains("give separate validation images", error.Message);
    }

    [Fact]
    public void LoadTraining_ValidationUnreadable_IsAnErrorRatherThanHeldOut()
    {
        WriteFaces("train/sad", 5);
        folder.Write("validation/sad/a.png", "");

        Assert.Throws<InvalidDataException>(() => TrainingData.Load(FaceSource.Open(folder.Root)));
    }

    [Fact]
    public void LoadTraining_SampleFaces_HaveBothSplits()
    {
        TrainingData data = TrainingData.Load(FaceSource.Samples(trainCount: 14, validationCount: 7, seed: 3));

        Assert.Equal([2, 2, 2, 2, 2, 2, 2], data.Train.ClassCounts);
        Assert.Equal([1, 1, 1, 1, 1, 1, 1], data.Validation.ClassCounts);
        Assert.Empty(Duplicates.Shared(data.Validation, data.Train));
    }

    private void WriteFaces(string path, int count)
    {
        for (int i = 0; i < count; i++)
        {
            folder.WritePgm($"{path}/{i}.pgm", TemporaryFolder.Face((byte)i));
        }
    }
}
