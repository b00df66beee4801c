using System.Reflection;

namespace MlNetEmotion.Programs;

/// <summary>Makes a property an option of the command line: its line says all there is to say of the setting.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SettingAttribute(string help) : Attribute
{
    /// <summary>What <c>--help</c> says.</summary>
    public string Help { get; } = help;

    /// <summary>The option's name; without one, the property's: <c>LearningRate</c> is <c>--learning-rate</c>.</summary>
    public string? Name { get; init; }

    public double Min { get; init; } = double.NegativeInfinity;
    public double Max { get; init; } = double.PositiveInfinity;

    /// <summary>The only texts that are taken.</summary>
    public string[]? OneOf { get; init; }

    /// <summary>Checks the settings of an object against the ranges that the command line has for them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range; the message names both.</exception>
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

    // Null where the value is in its range. A bound is rounded as the value was: 0.9 as float32 is not 0.9.
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
