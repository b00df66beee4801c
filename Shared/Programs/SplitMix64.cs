namespace MlNetEmotion.Programs;

/// <summary>
/// A small, fast pseudorandom generator: SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators").
/// A struct: pass it by reference, since a copy repeats the same numbers.
/// </summary>
internal struct SplitMix64(ulong seed)
{
    private const ulong Gamma = 0x9E3779B97F4A7C15;
    private ulong state = seed;

    /// <summary>A generator seeded by several numbers, for example (seed, epoch, sample); their order matters.</summary>
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

    /// <summary>The generator for one item of a seeded sequence.</summary>
    public static SplitMix64 ForItem(ulong seed, int index) => new(Mix(Mix(seed + Gamma) + (ulong)index));

    public ulong NextUInt64() => Mix(state += Gamma);

    /// <summary>Draws from the uniform distribution on [0, 1), with 53 random bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Draws from the uniform distribution on [minimum, maximum).</summary>
    public double NextDouble(double minimum, double maximum) => minimum + ((maximum - minimum) * NextDouble());

    /// <summary>Draws from the symmetric triangular distribution on [centre - reach, centre + reach].</summary>
    public double NextAround(double centre, double reach) => centre + (reach * (NextDouble() - NextDouble()));

    /// <summary>Draws from the uniform distribution on [0, 1).</summary>
    public float NextSingle() => (NextUInt64() >> 40) * (1f / (1 << 24));

    /// <summary>Draws from the uniform distribution on [minimum, maximum].</summary>
    public float NextSingle(float minimum, float maximum) => minimum + ((maximum - minimum) * NextSingle());

    /// <summary>Draws from the normal distribution with mean 0 and standard deviation 1 (Box and Muller 1958).</summary>
    public double NextNormal()
    {
        // 1 - u is in (0, 1]; the logarithm of 0 would be infinite.
        double radius = Math.Sqrt(-2 * Math.Log(1 - NextSingle()));
        return radius * Math.Cos(2 * Math.PI * NextSingle());
    }

    /// <summary>Draws an integer from the uniform distribution on [0, bound); the bound is at least 1.</summary>
    public int NextInt32(int bound) => (int)Math.BigMul(NextUInt64(), (ulong)bound, out _);

    /// <summary>Draws from the symmetric beta distribution on [0, 1] (Jöhnk 1964, efficient for alpha up to about 1); a smaller alpha gives values nearer to
    /// 0 or 1.</summary>
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

    /// <summary>Shuffles elements in place (Fisher and Yates); all orders are equally likely.</summary>
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
