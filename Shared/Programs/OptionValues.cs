using System.CommandLine.Parsing;
using System.Globalization;

namespace MlNetEmotion.Programs;

/// <summary>Validation of option values. The library would parse 0,01 as 1, since it accepts commas as thousands separators, and its messages name
/// .NET's types.</summary>
internal static class OptionValues
{
    /// <summary>Returns a validator that rejects the values that <paramref name="check"/> returns a message for, numbers outside the setting's range, and
    /// values of another type.</summary>
    public static Action<SymbolResult> Check(string name, Type type, SettingAttribute setting, Func<string, string?>? check) => result =>
    {
        if (result.Tokens.Select(token => check?.Invoke(token.Value) ?? OutOfRange(token.Value) ?? OfOtherType(token.Value)).OfType<string>().FirstOrDefault() is { } error)
        {
            result.AddError(error);
        }

        string? OutOfRange(string typed) => setting.Range is { } range && IsNumber(typed, out double value) && !(value >= setting.Min && value <= setting.Max)
            ? $"{name} is {typed}, but must be {range}." : null;

        string? OfOtherType(string typed) => Expected(type, typed) is { } expected ? $"{name} is '{typed}', but must be {expected}." : null;
    };

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
