namespace MlNetEmotion.Programs;

/// <summary>Makes a property an option of the command line: its line says all there is to say of the setting.</summary>
/// <param name="help">What <c>--help</c> says.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SettingAttribute(string help) : Attribute
{
    public string Help { get; } = help;

    /// <summary>Gets the option's name; without one, the property's: <c>LearningRate</c> is <c>--learning-rate</c>.</summary>
    public string? Name { get; init; }

    /// <summary>Gets the smallest number that is taken.</summary>
    public double Min { get; init; } = double.NegativeInfinity;

    /// <summary>Gets the largest number that is taken.</summary>
    public double Max { get; init; } = double.PositiveInfinity;

    /// <summary>Gets the only texts that are taken.</summary>
    public string[]? OneOf { get; init; }
}
