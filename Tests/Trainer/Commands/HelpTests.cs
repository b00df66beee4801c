using System.CommandLine;
using MlNetEmotion.Trainer.Commands;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Commands;

public sealed class HelpTests
{
    private static readonly Command[] Commands =
    [
        TrainCommand.Create(), EvaluateCommand.Create(), CalibrateCommand.Create(), CombineCommand.Create(), ExportCommand.Create(), AdoptCommand.Create(),
        SamplesCommand.Create(), GenerateCommand.Create(), BenchmarkCommand.Create(),
    ];

    public static TheoryData<string> Names => [.. Commands.Select(command => command.Name)];

    [Fact]
    public async Task Help_OfTheProgram_ListsItsCommands()
    {
        (int exitCode, string output, string error) = await TrainerProcess.Run("--help");
        Assert.Equal(("", 0), (error, exitCode));
        Assert.All(Commands, command => Assert.Matches($"\n  {command.Name} +{command.Description}\n", output));
    }

    [Theory]
    [InlineData("score")]
    [InlineData("score", "--help")]
    [InlineData("score", "--data", "@list.txt", "--model", "a.onnx", "--output", "r", "--shard", "0/2", "x.png")]
    public async Task Score_NowTheDetectors_NamesItsCommand(params string[] arguments) => Assert.Equal(
        (2, "", "'Trainer score' was replaced by the Detector: 'Detector --cropped --input DATA --events OUTPUT --shard 0/1', with --model, --shard, --shards and --progress as before.\n"),
        await TrainerProcess.Run(arguments));

    [Fact]
    public async Task Collect_OfTheDetector_NamesItsCommand() => Assert.Equal(
        (2, "", "Faces of sessions are collected by the Detector, which reads videos: 'Detector collect SESSION.zip… --output DIR'.\n"), await TrainerProcess.Run("collect", "a.zip", "--output", "faces"));

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Help_OfACommand_DescribesEveryOption(string name)
    {
        (int exitCode, string output, _) = await TrainerProcess.Run(name, "--help");
        Assert.Equal(0, exitCode);
        Assert.Contains("--verbose", output);
        Assert.All(Commands.Single(command => command.Name == name).Options, option =>
        {
            Assert.Matches($"\n  (-., )?{option.Name}[ \n]", output);
            Assert.NotNull(option.Description);
        });
    }

    [Theory]
    [InlineData("epochs", "[default: 60, or 12 for classic]")]
    [InlineData("weight-decay", "[default: 0.0005, or 0.01 for classic]")]
    [InlineData("momentum", "[default: 0.9]")]
    [InlineData("mixup", "[default: 0]")]
    public void Help_OfANumber_EndsWithItsDefaults(string option, string expected) =>
        Assert.EndsWith(expected, TrainCommand.Create().Options.Single(found => found.Name == $"--{option}").Description, StringComparison.Ordinal);

    // Options that users' scripts rely on.
    [Theory]
    [InlineData("train", "--votes --vote-share --answer --crop --data --classes --validation --network --epochs --batch-size --learning-rate --seed --precision --device --output --resume --drop-duplicates")]
    [InlineData("evaluate", "--model --data --classes --votes --tta --crop --robustness --against --json")]
    [InlineData("calibrate", "--model --data --output")]
    [InlineData("combine", "--model --mirror --data --output")]
    [InlineData("adopt", "--model --labels --output --layout --size --mean --scale")]
    [InlineData("export", "--checkpoint --model --output --batch-size")]
    [InlineData("samples", "--data --emotion --output")]
    [InlineData("generate", "--output --count --seed")]
    [InlineData("benchmark", "--network --batch-size --precision --json")]
    public void Command_HasTheContractsOptions(string name, string options) =>
        Assert.Empty(options.Split(' ').Except(Commands.Single(command => command.Name == name).Options.Select(option => option.Name)));
}
