using System.Text;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Shared;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Write_IntoANewFolder_LeavesTheFileAlone()
    {
        string path = Path.Combine(folder.Root, "a", "b", "file.txt");
        AtomicFile.WriteText(path, "héllo");
        Assert.Equal([(byte)'h', 0xC3, 0xA9, (byte)'l', (byte)'l', (byte)'o'], File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public void Write_OverAFile_ReplacesIt()
    {
        string path = folder.Write("file.txt", "a longer text than the new one");
        AtomicFile.WriteText(path, "new");
        Assert.Equal("new", File.ReadAllText(path));
    }

    [Theory]
    [InlineData("old")]
    [InlineData(null)]
    public void Write_OverASymbolicLink_WritesItsTargetAndKeepsTheLink(string? content)
    {
        string target = Path.Combine(folder.CreateFolder("elsewhere"), "target.txt");
        if (content is not null)
        {
            File.WriteAllText(target, content);
        }

        string link = Platform.Link(folder.At("link.txt"), target);
        AtomicFile.WriteText(link, "new");
        Assert.Equal(target, new FileInfo(link).LinkTarget);
        Assert.Equal("new", File.ReadAllText(target));
        Assert.Equal([target], Directory.GetFiles(Path.GetDirectoryName(target)!));
    }

    // A pipe stands for all that is no file: as a device, it has no length.
    [Fact]
    [NeedsLinux("mkfifo")]
    public async Task Write_OverAPipe_WritesThroughIt()
    {
        string pipe = Path.Combine(folder.Root, "pipe");
        Assert.Equal(0, (await ProgramProcess.Run("mkfifo", pipe)).ExitCode);
        Task<(int, string Output, string)> reader = ProgramProcess.Run("cat", pipe);
        AtomicFile.WriteText(pipe, "through");
        Assert.Equal("through\n", (await reader).Output);
        Assert.Equal([pipe], Directory.GetFiles(folder.Root));
    }

    [Fact]
    public void Write_WhileWriting_LeavesTheOldFileReadable()
    {
        string path = folder.Write("file.txt", "old");
        AtomicFile.Write(path, stream =>
        {
            stream.Write("half"u8);
            stream.Flush();
            Assert.Equal("old", File.ReadAllText(path));
        });
        Assert.Equal("half", File.ReadAllText(path));
    }

    // On Windows by another program that has the file open; here by a folder of its name.
    [Fact]
    public void Write_TargetThatCannotBeReplaced_KeepsTheFinishedFileAndNamesIt()
    {
        string path = folder.CreateFolder("file.txt");

        string message = Assert.Throws<IOException>(() => AtomicFile.WriteText(path, "an hour's work")).Message;

        Assert.StartsWith($"{path}: cannot be replaced (", message, StringComparison.Ordinal);
        Assert.EndsWith($"the finished file is {path}.tmp", message, StringComparison.Ordinal);
        Assert.Equal("an hour's work", File.ReadAllText($"{path}.tmp"));
    }

    [Fact]
    public void Replace_Folder_MovesIt()
    {
        folder.Write("finished/a.txt", "new");

        AtomicFile.Replace(Path.Combine(folder.Root, "finished"), Path.Combine(folder.Root, "out"), Directory.Move);

        Assert.Equal("new", File.ReadAllText(Path.Combine(folder.Root, "out", "a.txt")));
        Assert.False(Directory.Exists(Path.Combine(folder.Root, "finished")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Write_WriterThrows_LeavesEverythingAsItWas(bool exists)
    {
        string path = Path.Combine(folder.Root, "file.txt");
        if (exists)
        {
            File.WriteAllText(path, "old");
        }

        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write(Encoding.UTF8.GetBytes("half"));
            throw new InvalidOperationException("the disk is full");
        }));
        Assert.Equal(exists ? [path] : [], Directory.GetFiles(folder.Root));
        Assert.Equal(exists, File.Exists(path) && File.ReadAllText(path) == "old");
    }
}
