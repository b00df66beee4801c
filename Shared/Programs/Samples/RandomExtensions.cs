namespace MlNetEmotion.Programs.Samples;

/// <summary>The distributions that the sample faces draw from.</summary>
internal static class RandomExtensions
{
    /// <summary>Uniform in [low, high).</summary>
    public static double Between(this Random random, double low, double high) => low + ((high - low) * random.NextDouble());

    /// <summary>Bell shaped about a centre and never further from it than the reach (triangular distribution).</summary>
    public static double Around(this Random random, double centre, double reach) =>
        centre + (reach * (random.NextDouble() - random.NextDouble()));

    /// <summary>True with the given probability.</summary>
    public static bool Chance(this Random random, double probability) => random.NextDouble() < probability;
}
