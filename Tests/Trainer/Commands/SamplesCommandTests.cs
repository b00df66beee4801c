using MlNetEmotion.Tests.Trainer.Data;
using SkiaSharp;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Commands;

public sealed class SamplesCommandTests
{
    // A group with one row of faces is 28 + 96 + 8 pixels high, the sheet has 8 more: see ContactSheetTests.
    [Theory]
    [InlineData(7, new string[0])]
    [InlineData(1, new[] { "--emotion", "happiness" })]
    [InlineData(1, new[] { "--emotion", "4" })]
    public async Task Samples_GeneratedFaces_DrawsEachWantedClass(int classes, string[] more)
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Root, "new", "sheet.png");
        Assert.Equal(0, await CommandRun.ExitCode(["samples", "--output", file, "--count", "2", .. more]));
        using SKBitmap sheet = SKBitmap.Decode(file);
        Assert.Equal((8 + (2 * 104), (classes * 132) + 8), (sheet.Width, sheet.Height));
    }

    [Fact]
    public async Task Samples_ImageFolders_DrawsTheirFaces()
    {
        using var folder = new TemporaryFolder();
        folder.WritePgm("data/train/sad/a.pgm", [.. Enumerable.Repeat((byte)77, 2304)]);
        string file = Path.Combine(folder.Root, "sheet.png");
        Assert.Equal(0, await CommandRun.ExitCode("samples", "--data", Path.Combine(folder.Root, "data"), "--emotion", "Sad", "--output", file));
        using SKBitmap sheet = SKBitmap.Decode(file);
        Assert.Equal(8 + 104, sheet.Width);
        Assert.Equal(77, sheet.GetPixel(50, 50).Red);
    }

    // The sheet has no captions.
    [Fact]
    public async Task Samples_Sheet_NamesItsClassesFromTopToBottom()
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Root, "sheet.png");
        (int exitCode, string output, _) = await TrainerProcess.Run("samples", "--output", file, "--count", "1");
        Assert.Equal((0, $"wrote {file}: Angry, Disgust, Fear, Happy, Sad, Surprise, Neutral, from top to bottom\n"), (exitCode, output));
    }

    [Fact]
    public async Task Samples_OutputExists_IsKeptUnlessForced()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("sheet.png", "precious");
        string[] arguments = ["samples", "--emotion", "sad", "--count", "1", "--output", file];
        Assert.Equal(2, await CommandRun.ExitCode(arguments));
        Assert.Equal("precious", File.ReadAllText(file));
        Assert.Equal(0, await CommandRun.ExitCode([.. arguments, "--force"]));
        Assert.NotEqual("precious", File.ReadAllText(file));
        CommandLineAssert.IsWrongUsage(await CommandRun.Run("samples", "--output", Path.ChangeExtension(file, ".jpg")), "sheet.jpg: this result is written as .png");
        Assert.Equal([file], Directory.GetFileSystemEntries(folder.Root));
    }

    [Fact]
    public async Task Samples_DiskIsFull_SaysWhatToDo()
    {
        using var folder = new TemporaryFolder();
        string device = Path.Combine(folder.Root, "full.png");
        (int made, _, _) = OperatingSystem.IsLinux() ? await ProgramProcess.Run("mknod", device, "c", "1", "7") : (1, "", "");    // a /dev/full of our own
        Assert.SkipUnless(made == 0, "needs root on Linux, to make a device");
        (int exitCode, string output, string error) = await TrainerProcess.Run("samples", "--emotion", "sad", "--count", "1", "--output", device);
        Assert.Equal((1, ""), (exitCode, output));
        Assert.Matches("^No space left on device[^\n]*[.] Free some space, or write to another disk[.]\n$", error);
        Assert.Equal([device], Directory.GetFileSystemEntries(folder.Root));
    }

    [Theory]
    [InlineData("--emotion", "bored")]
    [InlineData("--count", "0")]
    [InlineData("--data", "no-such-folder")]
    public async Task Samples_WrongOption_IsWrongUsage(string option, string value)
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(2, await CommandRun.ExitCode("samples", "--output", Path.Combine(folder.Root, "sheet.png"), option, value));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Root));
    }

    [Fact]
    public async Task Samples_NoFaceOfTheClass_IsUnusableInput()
    {
        using var folder = new TemporaryFolder();
        folder.WritePgm("sad/a.pgm", new byte[2304]);
        Assert.Equal(2, await CommandRun.ExitCode("samples", "--data", folder.Root, "--emotion", "happy", "--output", Path.Combine(folder.Root, "x.png")));
    }
}
