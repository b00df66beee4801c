using System.CommandLine;
using MlNetEmotion.Programs;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Programs;

public sealed class CommandOptionsTests
{
    [Fact]
    public void Settings_OfNestedRecords_AreInTheirOrderWithoutThoseLeftOut() =>
        Assert.Equal(["input", "--first", "--width", "--every", "--last-one"], new CommandOptions<Outer>().Settings.Select(setting => setting.Symbol.Name));

    [Theory]
    [InlineData("", "", 3, 640, "auto", 0.25)]
    [InlineData("a b --first 5 -w 320 --every 2 --last-one 1e-2", "a,b", 5, 320, "2", 0.01)]
    [InlineData("--first 0 --every auto", "", 0, 640, "auto", 0.25)]    // 0 is typed, not missing
    public void Read_TypedOptions_ReplaceTheDefaultsOfTheirProperties(string line, string inputs, int first, int width, string every, double last)
    {
        var options = new CommandOptions<Outer>();
        Outer read = options.Read(options.AddTo(new RootCommand(), (_, _, _) => 0).Parse(line).CommandResult);
        Assert.Equal((inputs, first, width, every, last), (string.Join(',', read.Inputs), read.First, read.Inner.Width, read.Inner.Every, read.Last));
        Assert.Equal(7, read.Inner.Hidden);
    }

    [Fact]
    public void Read_IntoGivenOptions_KeepsWhatIsNotTyped()
    {
        var options = new CommandOptions<Outer>();
        ParseResult parsed = options.AddTo(new RootCommand(), (_, _, _) => 0).Parse("--width 320");
        Outer read = options.Read(parsed.CommandResult, new Outer { First = 9, Inner = new Inner { Every = "4" } });
        Assert.Equal((9, 320, "4"), (read.First, read.Inner.Width, read.Inner.Every));
        Assert.Equal(["--width"], options.Typed(parsed.CommandResult));
    }

    [Theory]
    [InlineData("--width 320 sub --own x", 320, "x")]
    [InlineData("sub --width 320", 320, "")]
    [InlineData("sub", 640, "")]
    public void Read_OptionSharedWithTheParent_MayPrecedeTheCommand(string line, int width, string own)
    {
        var outer = new CommandOptions<Outer>();
        var other = new CommandOptions<Other>(outer.Settings);
        RootCommand root = outer.AddTo(new RootCommand { other.AddTo(new Command("sub"), (_, _, _) => 0) }, (_, _, _) => 0);
        ParseResult parsed = root.Parse(line);
        Other read = other.Read(parsed.CommandResult);
        Assert.Empty(parsed.Errors);
        Assert.Equal((width, own), (read.Shared.Width, read.Own));
    }

    [Fact]
    public void Description_OfANumber_HasItsDefaults()
    {
        var options = new CommandOptions<Outer>(other: (new Outer { First = 4, Last = 0.25 }, "tests"));
        Assert.Equal(
            ["First. [default: 3, or 4 for tests]", "Width. [default: 640]", "Every.", "Last. [default: 0.25]"],
            options.Settings.Skip(1).Select(setting => setting.Symbol.Description));
    }

    [Fact]
    public void Check_OfASetting_GivesTheMessage() =>
        Assert.Equal("--every is 'x'", new CommandOptions<Outer>().AddTo(new RootCommand(), (_, _, _) => 0).Parse("--every x").Errors[0].Message);

    // The validators of a static option would be added at each creation.
    [Fact]
    public void Programs_CreatedTwice_ReportAnErrorOnce()
    {
        _ = MlNetEmotion.Detector.DetectorCommand.Create();
        RootCommand second = MlNetEmotion.Detector.DetectorCommand.Create();
        Assert.Single(second.Parse("--loop 0").Errors);
        Assert.Single(second.Parse("serve --min-face-pixels 3").Errors);
    }

    // 'Detector --model FILE serve' is accepted like 'Detector serve --model FILE'.
    [Fact]
    public void Options_ThatServeHasToo_AreThoseOfTheProgram()
    {
        RootCommand root = MlNetEmotion.Detector.DetectorCommand.Create();
        Command serve = root.Subcommands.Single(command => command.Name == "serve");
        Assert.Equal(
            ["--model", "--face-detector", "--face-model", "--detect-width", "--min-face-pixels", "--uncertain-below", "--small-below", "--dark-below", "--blurred-below", "--turned-beyond", "--cut-off-beyond", "--reject-poor"],
            serve.Options.Where(root.Options.Contains).Select(option => option.Name));
        Assert.Equal(["--urls", "--token", "--base-path", "--no-open"], serve.Options.Where(option => !root.Options.Contains(option)).Select(option => option.Name));
    }

    private sealed record Outer
    {
        [Setting("Inputs.", Name = "input")] public string[] Inputs { get; init; } = [];
        [Setting("First.")] public int First { get; init; } = 3;
        [Settings(Without = ["Hidden"])] public Inner Inner { get; init; } = new();
        [Setting("Last.", Name = "--last-one")] public double Last { get; init; } = 0.25;
    }

    private sealed record Other
    {
        [Setting("Own.")] public string Own { get; init; } = "";
        [Settings] public Inner Shared { get; init; } = new();
    }

    private sealed record Inner
    {
        [Setting("Width.", Alias = "-w")] public int Width { get; init; } = 640;
        [Setting("Hidden.")] public int Hidden { get; init; } = 7;
        [Setting("Every.", Check = nameof(CheckEvery))] public string Every { get; init; } = "auto";

        public static string? CheckEvery(string typed) => typed == "auto" || int.TryParse(typed, out _) ? null : $"--every is '{typed}'";
    }
}
