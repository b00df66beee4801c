using System.Net.Sockets;
using System.Runtime.Versioning;
using MlNetEmotion.Programs;
using MlNetEmotion.Programs.Images;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Programs.Images;

public sealed class ImageFilesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<string> told = [];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Files_LinkToAFolderAbove_IsNotFollowed()
    {
        folder.Write("faces/sad/a.png", "");
        folder.Write("faces/happy/b.png", "");
        Link("faces/sad/parent", "..");
        Link("faces/sad/itself", ".");
        Link("faces/sad/root", folder.Root);

        Assert.Equal(["a.png"], Files("faces/sad"));
    }

    [Fact]
    [NeedsLinux("mkfifo")]
    public async Task Files_PipeAmongThem_IsReportedAndLeftOut()
    {
        folder.Write("faces/a.png", "");
        string pipe = Path.Combine(folder.Root, "faces/b.png");
        Assert.Equal(0, (await ProgramProcess.Run("mkfifo", pipe)).ExitCode);
        Link("faces/c.png", "b.png");

        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder.Root, "socket")));

        Assert.Equal(["a.png"], Files("faces"));
        Assert.Equal([$"{pipe}: a pipe or device, not a file; name it by itself to read it", $"{Path.Combine(folder.Root, "faces/c.png")}: a pipe or device, not a file; name it by itself to read it"], told.Order());
        Assert.Equal([true, true, true, false, false, false], new[] { pipe, Path.Combine(folder.Root, "socket"), "/dev/zero", Path.Combine(folder.Root, "faces/a.png"), folder.Root, pipe + ".gone" }.Select(SpecialFile.IsPipe));
    }

    [Fact]
    public void Files_LinksToOneFolder_AreFollowedOnce()
    {
        folder.Write("elsewhere/a.png", "");
        folder.Write("faces/own/b.png", "");
        Link("faces/x", "../elsewhere");
        Link("faces/y", "../elsewhere");
        Link("faces/another", "own");    // what it leads to is read by its own name

        Assert.Equal(["own/b.png", "x/a.png"], Files("faces"));
    }

    [Fact]
    public void Files_RootThatIsALink_IsFollowed()
    {
        folder.Write("faces/a.png", "");
        Link("link", "faces");

        Assert.Equal(["a.png"], Files("link"));
    }

    [Fact]
    public void Files_FoldersThatBeginWithADot_AreLeftOut()
    {
        folder.Write("faces/.git/a.png", "");
        folder.Write("faces/in/b.png", "");

        Assert.Equal(["in/b.png"], Files("faces"));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void Files_FolderThatMayNotBeRead_IsToldAndLeftOut()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "folder permissions are Unix ones");
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "the superuser may read every folder");
        folder.Write("faces/a.png", "");
        string forbidden = folder.CreateFolder("faces/forbidden");
        File.SetUnixFileMode(forbidden, UnixFileMode.None);

        Assert.Equal(["a.png"], Files("faces"));

        File.SetUnixFileMode(forbidden, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Assert.StartsWith($"{forbidden}: ", Assert.Single(told));
    }

    [Fact]
    public void Files_FolderThatIsNone_IsToldAndLeftOut()
    {
        string file = folder.Write("a.png", "");

        Assert.Empty(ImageFiles.Files(file, (path, reason) => told.Add($"{path}: {reason}")));
        Assert.StartsWith($"{file}: ", Assert.Single(told));
    }

    [Fact]
    public void InNaturalOrder_Numbers_GoByTheirValue() => Assert.Equal(
        ["a", "frame1.png", "frame02.png", "frame2.png", "frame10.png", "frame10b.png", "take2/frame3.png", "take12/frame1.png"],
        new[] { "take12/frame1.png", "frame10b.png", "frame10.png", "frame2.png", "a", "take2/frame3.png", "frame02.png", "frame1.png" }.InNaturalOrder());

    [Theory]
    [InlineData("a.JPEG", true)]
    [InlineData("a.jfif", true)]
    [InlineData("a.heic", true)]    // so that it is told what it is
    [InlineData(".hidden.png", false)]
    [InlineData("notes.txt", false)]
    public void IsImage_Name_IsTold(string name, bool expected) => Assert.Equal(expected, ImageFiles.IsImage(name));

    private string[] Files(string path)
    {
        string root = folder.At(path);
        return [.. ImageFiles.Files(root, (path, reason) => told.Add($"{path}: {reason}")).Select(file => Platform.WithSlashes(Path.GetRelativePath(root, file))).Order(StringComparer.Ordinal)];
    }

    private void Link(string path, string target) => Platform.Link(folder.At(path), target);
}
