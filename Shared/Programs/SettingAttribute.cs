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
}
