using System.Reflection;

namespace MlNetEmotion.Programs;

/// <summary>Makes a property a command-line option: its name, help, range and default are on one line.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SettingAttribute(string help) : Attribute
{
    /// <summary>The option's text in <c>--help</c>.</summary>
    public string Help { get; } = help;

    /// <summary>The option's name; null to derive it from the property's: <c>LearningRate</c> is <c>--learning-rate</c>.</summary>
    public string? Name { get; init; }

    public double Min { get; init; } = double.NegativeInfinity;
    public double Max { get; init; } = double.PositiveInfinity;

    /// <summary>The only accepted texts; null for any.</summary>
    public string[]? OneOf { get; init; }

    /// <summary>Checks an object's settings against the same ranges as the command line.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range; the message has the value and the range.</exception>
    public static void Check(object options)
    {
        foreach (PropertyInfo property in options.GetType().GetProperties())
        {
            if (property.GetCustomAttribute<SettingAttribute>() is { } setting && setting.Expected(property.GetValue(options)) is { } expected)
            {
                object? value = property.GetValue(options);
                throw new ArgumentOutOfRangeException(property.Name, value, FormattableString.Invariant($"{property.Name} is {value ?? "null"}, but must be {expected}"));
            }
        }
    }

    // The expected value; null if the value is in range. Bounds of a float are rounded to float too, since 0.9f is not 0.9.
    private string? Expected(object? value)
    {
        bool isInRange = value switch
        {
            int number => number >= Min && number <= Max,
            float number => number >= (float)Min && number <= (float)Max,
            double number => number >= Min && number <= Max,
            Enum choice => Enum.IsDefined(choice.GetType(), choice),
            _ => OneOf is null || (value is string text && Array.IndexOf(OneOf, text) >= 0),
        };
        return isInRange ? null
            : value is Enum wrong ? $"one of {string.Join(", ", Enum.GetNames(wrong.GetType()))}"
            : OneOf is not null ? $"one of {string.Join(", ", OneOf)}"
            : double.IsPositiveInfinity(Max) ? FormattableString.Invariant($"at least {Min}")
            : FormattableString.Invariant($"between {Min} and {Max}");
    }
}
