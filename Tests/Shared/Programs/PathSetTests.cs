using MlNetEmotion.Programs;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Programs;

public sealed class PathSetTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    [NeedsLinux("hard links are recognized there")]
    public void Add_HardLink_IsTheSameFile()
    {
        string clip = folder.Write("clip.mp4", "film");
        string link = At("other.mp4");
        Run("ln", clip, link);

        Assert.False(Of(clip).Add(link));
        Assert.Throws<UsageException>(() => OutputFiles.CheckDistinct([clip], link));
    }

    [Theory]
    [InlineData("clip.mp4", "./clip.mp4")]
    [InlineData("clip.mp4", "sub/../clip.mp4")]
    [InlineData("new.mp4", "link/new.mp4")] // a file that is not there, in a folder by two names
    [InlineData("sub/new/deep.mp4", "sub/new/./deep.mp4")]
    public void Add_SameFileByAnotherWay_IsNotAdded(string first, string second)
    {
        folder.Write("clip.mp4", "film");
        Directory.CreateDirectory(At("sub"));
        if (second.StartsWith("link", StringComparison.Ordinal))
        {
            Platform.Link(At("link"), folder.Root);
        }

        Assert.False(Of(At(first)).Add(At(second)));
    }

    [Theory]
    [InlineData("clip.mp4", "Clip.mp4")]
    [InlineData("new.mp4", "NEW.MP4")]
    [InlineData("sub/new.mp4", "SUB/new.mp4")] // neither folder is there
    [InlineData("Zo\u00EB.mp4", "ZO\u00CB.mp4")]
    public void Add_NameInOtherCase_IsTheSameWhereCaseIsIgnored(string first, string second)
    {
        var ignoring = new PathSet(_ => true);
        var minding = new PathSet(_ => false);
        Assert.True(ignoring.Add(At(first)));
        Assert.True(minding.Add(At(first)));

        Assert.False(ignoring.Add(At(second)));
        Assert.True(minding.Add(At(second)));
    }

    [Fact]
    [NeedsLinux("a file system that minds case")]
    public void Add_NameInOtherCaseThatIsAFileOfItsOwn_IsAnother()
    {
        folder.Write("clip.mp4", "film");
        folder.Write("Clip.mp4", "film");

        Assert.True(Of(At("clip.mp4")).Add(At("Clip.mp4")));
        Assert.True(Of(At("new.mp4")).Add(At("New.mp4")));    // asked of the file system
        Assert.Equal(["Clip.mp4", "clip.mp4"], Directory.GetFiles(folder.Root).Select(Path.GetFileName).Order(StringComparer.Ordinal));    // and nothing is left
    }

    [Fact]
    [NeedsLinux("a file system is mounted")]
    public void Add_OnADiskThatIgnoresCase_IsTheSame()
    {
        string image = At("disk");
        string disk = At("mounted");
        Directory.CreateDirectory(disk);
        using (FileStream file = File.Create(image))
        {
            file.SetLength(4 << 20);
        }

        Assert.SkipUnless(TryRun("mkfs.vfat", image) && TryRun("mount", "-o", "loop", image, disk), "needs root, mkfs.vfat and a kernel that mounts it");
        try
        {
            string clip = Path.Combine(disk, "Clip.mp4");
            File.WriteAllText(clip, "film");

            Assert.Throws<UsageException>(() => OutputFiles.CheckDistinct([clip], Path.Combine(disk, "clip.mp4")));
            Assert.Throws<UsageException>(() => OutputFiles.CheckDistinct([], Path.Combine(disk, "out.mp4"), Path.Combine(disk, "OUT.mp4")));
            OutputFiles.CheckDistinct([clip], Path.Combine(disk, "clip2.mp4"));
        }
        finally
        {
            Run("umount", disk);
        }
    }

    [Theory]
    [InlineData("photos", "photos", true)]
    [InlineData("photos", "photos/sub/out", true)]
    [InlineData("photos", "link/out", true)]
    [InlineData("photos", "photos/..out", true)]
    [InlineData("photos", "photos2/out", false)]
    [InlineData("photos", "out", false)]
    public void IsWithin_AnyWay_IsByTheFolderItself(string within, string path, bool expected)
    {
        Directory.CreateDirectory(At("photos"));
        if (path.StartsWith("link", StringComparison.Ordinal))
        {
            Platform.Link(At("link"), At("photos"));
        }

        Assert.Equal(expected, OutputFiles.IsWithin(At(within), At(path)));
    }

    private static PathSet Of(string path)
    {
        var set = new PathSet();
        Assert.True(set.Add(path));
        return set;
    }

    private static void Run(string program, params string[] args) => Assert.True(TryRun(program, args), program);

    private static bool TryRun(string program, params string[] args)
    {
        try
        {
            using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(program, args) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private string At(string name) => folder.At(name);
}
