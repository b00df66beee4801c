using System.Runtime.Versioning;
using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Data;

public sealed class ImageFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Rows_ClassFolders_AreSortedOrdinallyAndLabelled()
    {
        foreach (string path in (string[])["sad/b.pgm", "sad/B.pgm", "Happy/a10.pgm", "Happy/a2.pgm", "angry/x.pgm"])
        {
            folder.WritePgm(path, TemporaryFolder.Face(1));
        }

        FaceDataView view = ImageFolder.Open(folder.Root);

        Assert.Equal(["Happy/a10.pgm", "Happy/a2.pgm", "angry/x.pgm", "sad/B.pgm", "sad/b.pgm"], Sources(view));
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
    [InlineData("0", Emotion.Angry)]
    [InlineData("6", Emotion.Neutral)]
    public void Rows_ClassBySynonymOrIndex_AreLabelled(string name, Emotion expected)
    {
        folder.WritePgm($"{name}/a.pgm", TemporaryFolder.Face(1));

        Assert.Equal(expected, Assert.Single(ImageFolder.Open(folder.Root).Rows()).Label());
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

        var error = Assert.Throws<UsageException>(() => ImageFolder.Open(path));

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
            view.Warnings.Select(warning => Path.GetRelativePath(folder.Root, warning)));
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

    private IEnumerable<string> Sources(FaceDataView view) =>
        view.Rows().Select(row => Path.GetRelativePath(folder.Root, row.Source));
}
