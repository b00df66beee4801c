namespace MlNetEmotion.Programs.Samples;

/// <summary>
/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014). Unlike
/// <see cref="Random"/>'s own, its seed has 64 bits, so two seeds do not share a face by chance.
/// </summary>
internal sealed class FaceRandom(ulong seed) : Random
{
    private const ulong Gamma = 0x9E3779B97F4A7C15;
    private ulong state = seed;

    /// <summary>A well mixed 64-bit value of its argument; a bijection.</summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    /// <summary>The generator of one item of a seeded sequence.</summary>
    public static FaceRandom ForItem(ulong seed, int index) => new(Mix(Mix(seed + Gamma) + (ulong)index));

    /// <inheritdoc/>
    public override double NextDouble() => Sample();

    /// <inheritdoc/>
    public override long NextInt64() => (long)(Next64() >> 1);

    /// <inheritdoc/>
    protected override double Sample() => (Next64() >> 11) * (1.0 / (1UL << 53));

    private ulong Next64() => Mix(state += Gamma);
}
