namespace MlNetEmotion.Programs;

/// <summary>
/// A small, fast random source: SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators").
/// A value type: pass it by reference, a copy repeats the same numbers.
/// </summary>
internal struct SplitMix64(ulong seed)
{
    private const ulong Gamma = 0x9E3779B97F4A7C15;
    private ulong state = seed;

    /// <summary>The source that belongs to several numbers together, for example (seed, epoch, sample), in their order.</summary>
    public static SplitMix64 Of(params ReadOnlySpan<ulong> parts)
    {
        var random = new SplitMix64(0);
        foreach (ulong part in parts)
        {
            random.state ^= part;
            random.state = random.NextUInt64();
        }

        return random;
    }

    /// <summary>The source of one item of a seeded sequence.</summary>
    public static SplitMix64 ForItem(ulong seed, int index) => new(Mix(Mix(seed + Gamma) + (ulong)index));

    public ulong NextUInt64() => Mix(state += Gamma);

    /// <summary>A number of the uniform distribution on [0, 1), with 53 random bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A number of the uniform distribution on [minimum, maximum).</summary>
    public double NextDouble(double minimum, double maximum) => minimum + ((maximum - minimum) * NextDouble());

    /// <summary>A number of the triangular distribution: bell shaped about a centre, never further from it than the reach.</summary>
    public double NextAround(double centre, double reach) => centre + (reach * (NextDouble() - NextDouble()));

    /// <summary>A number of the uniform distribution on [0, 1).</summary>
    public float NextSingle() => (NextUInt64() >> 40) * (1f / (1 << 24));

    /// <summary>A number of the uniform distribution on [minimum, maximum].</summary>
    public float NextSingle(float minimum, float maximum) => minimum + ((maximum - minimum) * NextSingle());

    /// <summary>A number of the normal distribution of mean 0 and standard deviation 1 (Box and Muller 1958).</summary>
    public double NextNormal()
    {
        // 1 - u is in (0, 1]: the logarithm of 0 is no number.
        double radius = Math.Sqrt(-2 * Math.Log(1 - NextSingle()));
        return radius * Math.Cos(2 * Math.PI * NextSingle());
    }

    /// <summary>A whole number of the uniform distribution on [0, bound), which is at least 1.</summary>
    public int NextInt32(int bound) => (int)Math.BigMul(NextUInt64(), (ulong)bound, out _);

    /// <summary>A number of the symmetric beta distribution on [0, 1] (Jöhnk 1964, good for shapes up to 1 or so); the smaller alpha, the nearer to 0 or 1.</summary>
    public float NextBeta(float alpha)
    {
        while (true)
        {
            double x = Math.Pow(NextSingle(), 1.0 / alpha);
            double y = Math.Pow(NextSingle(), 1.0 / alpha);
            if (x + y is > 0 and <= 1)
            {
                return (float)(x / (x + y));
            }
        }
    }

    /// <summary>Puts elements into a random order (Fisher and Yates), each equally likely.</summary>
    public void Shuffle<T>(Span<T> elements)
    {
        for (int i = elements.Length - 1; i > 0; i--)
        {
            int j = NextInt32(i + 1);
            (elements[i], elements[j]) = (elements[j], elements[i]);
        }
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
