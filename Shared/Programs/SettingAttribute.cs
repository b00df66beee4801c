using System.Reflection;

namespace MlNetEmotion.Programs;

/// <summary>Makes a property a command-line option: its name, help, range and default are on one line. See <see cref="CommandOptions{T}"/>.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SettingAttribute(string help) : Attribute
{
    /// <summary>The option's text in <c>--help</c>; a number's default is appended.</summary>
    public string Help { get; } = help;

    /// <summary>The option's name; null to derive it from the property's: <c>LearningRate</c> is <c>--learning-rate</c>. A name without dashes makes it a
    /// positional argument.</summary>
    public string? Name { get; init; }

    /// <summary>A second name, such as <c>-m</c>.</summary>
    public string? Alias { get; init; }

    /// <summary>The value's name in <c>--help</c>; null for <c>N</c> of a whole number, <c>X</c> of another, and the names of an enum's values.</summary>
    public string? Value { get; init; }

    public bool Required { get; init; }

    /// <summary>Whether several values may follow the option, instead of one each time that it is given.</summary>
    public bool TakesSeveral { get; init; }

    public double Min { get; init; } = double.NegativeInfinity;
    public double Max { get; init; } = double.PositiveInfinity;

    /// <summary>The only accepted texts; null for any.</summary>
    public string[]? OneOf { get; init; }

    /// <summary>The name of the record's static method that returns a message for an invalid text, else null.</summary>
    public string? Check { get; init; }

    /// <summary>The range in words; null if there is none.</summary>
    public string? Range =>
        double.IsFinite(Max) ? FormattableString.Invariant($"between {Min} and {Max}") : double.IsFinite(Min) ? FormattableString.Invariant($"at least {Min}") : null;

    public string NameOf(PropertyInfo property) =>
        Name ?? "--" + string.Concat(property.Name.Select((letter, i) => char.IsUpper(letter) && i > 0 ? $"-{letter}" : $"{letter}")).ToLowerInvariant();

    public Func<string, string?>? CheckOf(PropertyInfo property) => Check is null ? null : property.DeclaringType!.GetMethod(Check)!.CreateDelegate<Func<string, string?>>();

    /// <summary>Checks an object's settings against the same ranges as the command line.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range; the message has the value and the range.</exception>
    public static void CheckRanges(object options)
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
            : Range;
    }
}

/// <summary>Makes the settings of a property's type options of the same command.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SettingsAttribute : Attribute
{
    /// <summary>The names of the properties that are not options of this command.</summary>
    public string[] Without { get; init; } = [];
}
