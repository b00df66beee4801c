using MlNetEmotion.Native.OpenCv;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Native.OpenCv;

public sealed class CascadeClassifierTests
{
    [Fact]
    public void Load_NoFile_NamesIt() =>
        Assert.Contains("nowhere.xml", Assert.Throws<FileNotFoundException>(() => new CascadeClassifier("nowhere.xml")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("<?xml version=\"1.0\"?><opencv_storage><a>1</a></opencv_storage>")]
    [InlineData("not XML at all")]
    [InlineData("")]
    public void Load_NoCascade_NamesTheFile(string content)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("faces.xml", content);

        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => new CascadeClassifier(path)).Message, StringComparison.Ordinal);
    }
}
