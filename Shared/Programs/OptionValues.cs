using System.CommandLine;
using System.Globalization;

namespace MlNetEmotion.Programs;

/// <summary>Validation of option values. The library would parse 0,01 as 1, since it accepts commas as thousands separators, and its messages name
/// .NET's types.</summary>
internal static class OptionValues
{
    /// <summary>Rejects numbers outside a range.</summary>
    public static void MustBe(this Option option, double minimum, double maximum = double.PositiveInfinity) => option.Validators.Add(result =>
    {
        if (result.Tokens is [{ Value: string typed }] && IsNumber(typed, out double value) && !(value >= minimum && value <= maximum))
        {
            string range = double.IsPositiveInfinity(maximum) ? $"at least {minimum}" : $"between {minimum} and {maximum}";
            result.AddError($"{option.Name} is {typed}, but must be {range}.");
        }
    });

    /// <summary>Rejects values of the wrong type in all options of a command and its subcommands.</summary>
    public static void CheckAll(Command command)
    {
        foreach (Option option in command.Options)
        {
            Type type = Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType;
            option.Validators.Add(result =>
            {
                if (result.Tokens is [{ Value: string typed }] && Expected(type, typed) is { } expected)
                {
                    result.AddError($"{option.Name} is '{typed}', but must be {expected}.");
                }
            });
        }

        command.Subcommands.ToList().ForEach(CheckAll);
    }

    // The expected value; null if the text is valid.
    private static string? Expected(Type type, string typed)
    {
        if (type.IsEnum)
        {
            string[] names = [.. Enum.GetNames(type).Select(name => name.ToLowerInvariant())];
            return names.Contains(typed, StringComparer.OrdinalIgnoreCase) ? null : $"one of {string.Join(", ", names)}";
        }

        return Type.GetTypeCode(type) switch
        {
            TypeCode.Int32 => Whole(typed, int.MinValue, int.MaxValue),
            TypeCode.Int64 => Whole(typed, long.MinValue, long.MaxValue),
            TypeCode.UInt64 => Whole(typed, ulong.MinValue, ulong.MaxValue),
            TypeCode.Single or TypeCode.Double when IsNumber(typed, out _) => null,
            TypeCode.Single or TypeCode.Double => $"a number{(IsNumber(typed.Replace(',', '.'), out double meant) ? $" with a decimal point: write {meant}" : ", such as 0.5")}",
            _ => null,
        };
    }

    private static bool IsNumber(string typed, out double value) => double.TryParse(typed, NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    private static string? Whole(string typed, Int128 minimum, Int128 maximum) =>
        !Int128.TryParse(typed, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out Int128 value) ? "a whole number, written in digits alone"
        : value < minimum || value > maximum ? $"between {minimum} and {maximum}"
        : null;
}
