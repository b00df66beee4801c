using System.CommandLine;

namespace MlNetEmotion.Trainer.Commands;

/// <summary>The range of an option's number.</summary>
internal static class OptionRange
{
    /// <summary>Refuses numbers outside of a range. What is no number is refused for its type.</summary>
    public static void MustBe(this Option option, double minimum, double maximum = double.PositiveInfinity) => option.Validators.Add(result =>
    {
        if (result.Tokens is [{ Value: string typed }] && double.TryParse(typed, out double value) && !(value >= minimum && value <= maximum))
        {
            string range = double.IsPositiveInfinity(maximum) ? $"at least {minimum}" : $"between {minimum} and {maximum}";
            result.AddError($"{option.Name} is {typed}, but must be {range}.");
        }
    });
}
