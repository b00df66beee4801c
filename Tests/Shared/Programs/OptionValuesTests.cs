using System.CommandLine;
using System.Globalization;
using MlNetEmotion.Detector;
using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Commands;
using MlNetEmotion.Trainer.Network;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Programs;

public sealed class OptionValuesTests
{
    // Both programs, as they are put together; a Trainer's command has options enough.
    private static readonly RootCommand[] Programs =
    [
        DetectorCommand.Create(),
        new RootCommand { TrainCommand.Create(), EvaluateCommand.Create(), ExportCommand.Create(), SamplesCommand.Create(), GenerateCommand.Create(), BenchmarkCommand.Create() },
    ];

    [Theory]
    [InlineData("--rate 0,01", "--rate is '0,01', but must be a number with a decimal point: write 0.01.")]
    [InlineData("--rate 1,000.5", "--rate is '1,000.5', but must be a number, such as 0.5.")]
    [InlineData("--rate fast", "--rate is 'fast', but must be a number, such as 0.5.")]
    [InlineData("--rate 1,5", "--rate is '1,5', but must be a number with a decimal point: write 1.5.")]
    [InlineData("--rate 1.5", "--rate is 1.5, but must be between 0 and 1.")]
    [InlineData("--epochs abc", "--epochs is 'abc', but must be a whole number, written in digits alone.")]
    [InlineData("--epochs 1,000", "--epochs is '1,000', but must be a whole number, written in digits alone.")]
    [InlineData("--epochs 2.5", "--epochs is '2.5', but must be a whole number, written in digits alone.")]
    [InlineData("--epochs 99999999999", "--epochs is '99999999999', but must be between -2147483648 and 2147483647.")]
    [InlineData("--seed -1", "--seed is '-1', but must be between 0 and 18446744073709551615.")]
    [InlineData("--answer 1", "--answer is '1', but must be one of auto, labels, votes, mean.")]
    public void Check_TextOfAnotherKind_SaysWhatIsExpected(string typed, string expected) => Assert.Equal(expected, Root().Parse(typed).Errors[0].Message);

    [Theory]
    [InlineData("--rate 0.01")]
    [InlineData("--rate 1e-2")]
    [InlineData("--epochs -5")]
    [InlineData("--answer Votes")]
    [InlineData("--force")]
    public void Check_TextOfItsKind_IsTaken(string typed) => Assert.Empty(Root().Parse(typed).Errors);

    [Fact]
    public void Check_DecimalComma_IsRefusedByEveryNumberOfBothProgramsInAnyCulture()
    {
        Type[] numbers = [typeof(int), typeof(long), typeof(ulong), typeof(float), typeof(double)];
        (Command Command, Option Option)[] options =
        [
            .. from root in Programs
               from command in root.Subcommands.Prepend(root)
               from option in command.Options
               where numbers.Contains(Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType)
               select (command, option),
        ];
        Assert.InRange(options.Length, 30, 200);
        Array.ForEach(options, each => each.Command.Validators.Clear());    // what options need of each other is told before

        CultureInfo before = CultureInfo.CurrentCulture;
        var german = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (german.NumberFormat.NumberDecimalSeparator, german.NumberFormat.NumberGroupSeparator) = (",", ".");
        CultureInfo.CurrentCulture = german;
        try
        {
            Assert.All(options, each => Assert.StartsWith(
                $"{each.Option.Name} is '0,01', but must be a", each.Command.Parse([each.Option.Name, "0,01"]).Errors.Select(error => error.Message).First(message => message.Contains("0,01")), StringComparison.Ordinal));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static RootCommand Root() => new CommandOptions<Numbers>().AddTo(new RootCommand(), (_, _, _) => 0);

    private sealed record Numbers
    {
        [Setting("", Min = 0, Max = 1)] public double? Rate { get; init; }
        [Setting("")] public int? Epochs { get; init; }
        [Setting("")] public ulong Seed { get; init; }
        [Setting("")] public OutputHead? Answer { get; init; }
        [Setting("")] public bool Force { get; init; }
    }
}
