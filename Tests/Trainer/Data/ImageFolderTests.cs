using System.Runtime.Versioning;
using Microsoft.ML;
using MlNetEmotion.Programs;
using MlNetEmotion.Trainer;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Training;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Data;

public sealed class ImageFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Rows_ClassFolders_AreSortedOrdinallyAndLabelled()
    {
        foreach (string path in (string[])["sad/b.pgm", "sad/C.pgm", "Happy/a10.pgm", "Happy/a2.pgm", "angry/x.pgm"])
        {
            folder.WritePgm(path, TemporaryFolder.Face(1));
        }

        FaceDataView view = ImageFolder.Open(folder.Root);

        Assert.Equal(["Happy/a10.pgm", "Happy/a2.pgm", "angry/x.pgm", "sad/C.pgm", "sad/b.pgm"], Sources(view));
        Assert.Equal([Emotion.Happy, Emotion.Happy, Emotion.Angry, Emotion.Sad, Emotion.Sad], view.Rows().Select(row => row.Label()));
        Assert.All(view.Rows(), row => Assert.Equal(Split.Unspecified, row.Split));
        Assert.Equal(5, view.GetRowCount());
        Assert.Empty(view.Warnings);
    }

    [Theory]
    [InlineData("train", Split.Train)]
    [InlineData("Training", Split.Train)]
    [InlineData("val", Split.Validation)]
    [InlineData("validation", Split.Validation)]
    [InlineData("PublicTest", Split.Validation)]
    [InlineData("TEST", Split.Test)]
    public void Rows_SplitFolder_CarryItsSplit(string name, Split expected)
    {
        folder.WritePgm($"{name}/fear/a.pgm", TemporaryFolder.Face(1));

        FaceRow row = Assert.Single(ImageFolder.Open(folder.Root).Rows());

        Assert.Equal(expected, row.Split);
        Assert.Equal(Emotion.Fear, row.Label());
    }

    [Theory]
    [InlineData("ANGER", Emotion.Angry)]
    [InlineData("disgusted", Emotion.Disgust)]
    [InlineData("happiness", Emotion.Happy)]
    [InlineData("Sadness", Emotion.Sad)]
    [InlineData("surprised", Emotion.Surprise)]
    public void Rows_ClassBySynonym_AreLabelled(string name, Emotion expected)
    {
        folder.WritePgm($"{name}/a.pgm", TemporaryFolder.Face(1));

        Assert.Equal(expected, Assert.Single(ImageFolder.Open(folder.Root).Rows()).Label());
    }

    [Fact]
    public void Rows_AllNumbersOfFer2013_AreLabelledAndSoIsSaid()
    {
        WriteClasses("0", "1", "2", "3", "4", "5", "6");

        FaceDataView view = ImageFolder.Open(folder.Root);

        Assert.Equal(Enum.GetValues<Emotion>(), view.Rows().Select(row => row.Label()));
        Assert.Equal(
            $"{folder.Root}: class folders 0 to 6 are read as FER2013 counts: 0=Angry, 1=Disgust, 2=Fear, 3=Happy, 4=Sad, 5=Surprise, 6=Neutral; "
            + "if they mean something else, map them with '--classes NAME=CLASS,…'",
            Assert.Single(view.Warnings));
    }

    [Fact]
    public void Open_NumbersOverSplits_CountTogether()
    {
        WriteClasses("train/0", "train/1", "train/2", "train/3", "train/4", "train/5", "test/6");

        Assert.Equal(7, ImageFolder.Open(folder.Root).Rows().Count());
    }

    [Theory]
    [InlineData("1 2 3 4 5 6 7")]       // RAF-DB
    [InlineData("0 1 2 3 4 5 6 7")]     // AffectNet, FER+
    [InlineData("0 1 2 3 4 5")]         // one is missing
    [InlineData("00 01 02 03 04 05 06")]
    [InlineData("happy 3 sad")]
    public void Open_OtherNumbers_AreRefusedAndPointToClasses(string names)
    {
        WriteClasses([.. names.Split(' ').Select(name => $"train/{name}")]);

        var error = Assert.Throws<InvalidDataException>(() => ImageFolder.Open(folder.Root));

        Assert.StartsWith($"{folder.Root}: class folders {string.Join(", ", names.Split(' ').Where(name => char.IsDigit(name[0])))}: ", error.Message);
        Assert.Contains("--classes", error.Message);
    }

    [Fact]
    public void Rows_ClassesNamed_GoByThem()
    {
        WriteClasses("0", "1", "2", "7", "Freude", "sad");
        var classes = ClassNames.Parse("0=neutral, 1=happiness,freude=Happy,7=none");

        FaceDataView view = ImageFolder.Open(folder.Root, classes);

        Assert.Equal(
            [("0", Emotion.Neutral), ("1", Emotion.Happy), ("Freude", Emotion.Happy), ("sad", Emotion.Sad)],
            view.Rows().Select(row => (Path.GetFileName(Path.GetDirectoryName(row.Source))!, row.Label())));
        Assert.Equal([$"{Path.Combine(folder.Root, "2")}: ignored, the name is no class's"], view.Warnings);
    }

    [Fact]
    public void LoadFaces_Classes_SayWhatTheFoldersMean()
    {
        WriteClasses("1", "2");
        var classes = new Dictionary<string, Emotion?> { ["1"] = Emotion.Surprise, ["2"] = null };

        Assert.Equal([Emotion.Surprise], FaceDataset.Load(new MLContext().Data.LoadFaces(folder.Root, classes: classes)).Labels);
    }

    [Fact]
    public void DataReference_OfLoadedData_KeepsTheSelectionAndHasAbsolutePaths()
    {
        var selection = new DataReference("faces", Validation: "validation.csv", DropDuplicates: true, Classes: "1=surprise,2=none");

        DataReference found = selection.Of(TrainingData.Load(FaceSource.Samples(7, 7, seed: 1)));

        Assert.Equal((Path.GetFullPath("faces"), Path.GetFullPath("validation.csv"), true, "1=surprise,2=none"), (found.Source, found.Validation, found.DropDuplicates, found.Classes));
        Assert.Equal("sample faces of seed 1", found.Name);
    }

    [Theory]
    [InlineData("1surprise")]
    [InlineData("1=contempt")]
    [InlineData("=happy")]
    [InlineData("1=happy=2")]
    [InlineData("1=happy,1=sad")]
    public void Classes_WrittenOtherwise_SayHow(string text) =>
        Assert.Contains("expected NAME=CLASS,…, each name once, for example 1=surprise,2=fear", Assert.Throws<UsageException>(() => ClassNames.Parse(text)).Message);

    [Theory]
    [InlineData("hapy", "happy")]
    [InlineData("Supprise", "surprise")]
    [InlineData("train/nuetral", "neutral")]
    [InlineData("3-happy", "happy")]
    [InlineData("Angry_faces", "angry")]
    public void Open_MisspeltClass_IsRefusedWithWhatWasMeant(string name, string meant)
    {
        WriteClasses(name, name.StartsWith("train", StringComparison.Ordinal) ? "train/fear" : "fear");

        var error = Assert.Throws<InvalidDataException>(() => ImageFolder.Open(folder.Root));

        string folderName = Path.GetFileName(name);
        Assert.Equal(
            $"{folder.Root}: class folder '{folderName}': did you mean '{meant}'? Rename it, or add '--classes {folderName}={meant}' ('{folderName}=none' leaves it out)",
            error.Message);
        Assert.NotEmpty(ImageFolder.Open(folder.Root, ClassNames.Parse($"{folderName}=none")).Rows());
    }

    [Fact]
    public void Rows_FoldersInAClassFolder_AreReadButNoLinkToAnotherClass()
    {
        WriteClasses("happy/batch1/monday", "sad");
        Platform.Link(folder.At("sad/loop"), "..");

        FaceDataView view = ImageFolder.Open(folder.Root);

        Assert.Equal(["happy/batch1/monday/a.pgm", "sad/a.pgm"], Sources(view));
        Assert.Equal([Emotion.Happy, Emotion.Sad], view.Rows().Select(row => row.Label()));
        Assert.Empty(view.Warnings);
    }

    [Theory]
    [InlineData("faces.tsv")]
    [InlineData("faces.txt")]
    public void Open_AnotherFile_IsNotCalledAMissingFolder(string name)
    {
        string path = folder.Write(name, "emotion\tpixels");

        Assert.StartsWith(
            $"{path}: a file whose name does not end in .csv; expected FER2013's CSV, or a folder with",
            Assert.Throws<InvalidDataException>(() => FaceSource.Open(path)).Message);
    }

    [Fact]
    public void Rows_BrokenImage_IsNoticedOnlyWhenItsPixelsAreAskedFor()
    {
        folder.Write("sad/a.png", "no image");

        FaceRow row = Assert.Single(ImageFolder.Open(folder.Root).Rows());

        Assert.Equal(Emotion.Sad, row.Label());
        Assert.Throws<InvalidDataException>(() => row.Pixels());
    }

    [Fact]
    public void Open_NoSuchFolder_NamesIt()
    {
        string path = Path.Combine(folder.Root, "nowhere");

        var error = Assert.Throws<DirectoryNotFoundException>(() => ImageFolder.Open(path));

        Assert.StartsWith($"{path}: no such folder", error.Message);
    }

    [Fact]
    public void Open_NoClassFolder_SaysWhatWasFoundAndExpected()
    {
        folder.CreateFolder("cats");
        folder.CreateFolder("dogs");

        var error = Assert.Throws<InvalidDataException>(() => ImageFolder.Open(folder.Root));

        Assert.EndsWith("found cats, dogs", error.Message);
        Assert.Contains("Angry, Disgust, Fear, Happy, Sad, Surprise, Neutral", error.Message);
    }

    [Fact]
    public void Open_ClassBesideSplit_Throws()
    {
        folder.WritePgm("train/sad/a.pgm", TemporaryFolder.Face(1));
        folder.CreateFolder("happy");

        Assert.Throws<InvalidDataException>(() => ImageFolder.Open(folder.Root));
    }

    [Fact]
    public void Warnings_WhatIsLeftOut_IsNamed()
    {
        folder.WritePgm("train/sad/a.pgm", TemporaryFolder.Face(1));
        folder.Write("train/sad/notes.txt", "no image");
        folder.Write("train/sad/._a.pgm", "another program's");
        folder.CreateFolder("train/contempt");
        folder.CreateFolder("test/unlabelled");
        folder.CreateFolder("raw");

        FaceDataView view = ImageFolder.Open(folder.Root);

        Assert.Equal(["train/sad/a.pgm"], Sources(view));
        Assert.Equal(
            [
                "raw: ignored, the name is no split's",
                "test/unlabelled: ignored, the name is no class's",
                "test: ignored, no class folder inside",
                "train/contempt: ignored, the name is no class's",
                "train/sad: 2 ignored for having no image's name, first '._a.pgm'",
            ],
            view.Warnings.Select(warning => Platform.WithSlashes(Path.GetRelativePath(folder.Root, warning))));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void Rows_ForbiddenClassFolder_IsOneUnreadableRow()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "folder permissions are Unix ones");
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "the superuser may read every folder");
        folder.WritePgm("sad/a.pgm", TemporaryFolder.Face(1));
        string forbidden = folder.CreateFolder("happy");
        File.SetUnixFileMode(forbidden, UnixFileMode.None);

        FaceDataset dataset = FaceDataset.Load(FaceSource.Open(folder.Root));

        File.SetUnixFileMode(forbidden, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Assert.Equal(1, dataset.Count);
        Assert.Equal(forbidden, Assert.Single(dataset.Unreadable).Source);
    }

    private void WriteClasses(params string[] folders)
    {
        foreach (string name in folders)
        {
            folder.WritePgm($"{name}/a.pgm", TemporaryFolder.Face(1));
        }
    }

    private IEnumerable<string> Sources(FaceDataView view) =>
        view.Rows().Select(row => Platform.WithSlashes(Path.GetRelativePath(folder.Root, row.Source)));
}
