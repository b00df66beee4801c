using MlNetEmotion.Programs;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Programs;

public sealed class SplitMix64Tests
{
    [Fact]
    public void NextUInt64_Seed1234567_GivesThePublishedSequence()
    {
        // The test vector that implementations of SplitMix64 share.
        var random = new SplitMix64(1234567);

        ulong[] numbers = [random.NextUInt64(), random.NextUInt64(), random.NextUInt64(), random.NextUInt64(), random.NextUInt64()];

        Assert.Equal([6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821], numbers);
    }

    [Fact]
    public void Of_OtherOrderOrOtherPart_GivesOtherNumbers()
    {
        ulong[] first = [SplitMix64.Of(1, 2, 3).NextUInt64(), SplitMix64.Of(1, 3, 2).NextUInt64(), SplitMix64.Of(2, 1, 3).NextUInt64(), SplitMix64.Of(1, 2, 4).NextUInt64()];

        Assert.Equal(4, first.Distinct().Count());
        Assert.Equal(first[0], SplitMix64.Of(1, 2, 3).NextUInt64());
    }

    [Fact]
    public void NextSingle_ManyDraws_AreUniform()
    {
        var random = new SplitMix64(1);
        float[] draws = [.. Enumerable.Range(0, 10_000).Select(_ => random.NextSingle(-2, 6))];

        Assert.All(draws, draw => Assert.InRange(draw, -2, 6));

        // The mean of n uniform draws has the standard deviation 8/√(12 n) = 0.023; four of them.
        Assert.InRange(draws.Average(), 2 - 0.093, 2 + 0.093);
        Assert.InRange(draws.Count(draw => draw < 0), 2500 - 174, 2500 + 174);    // binomial, ¼: σ = 43.3
    }

    // The symmetric beta distribution has the mean 1/2 and the variance 1 / (4 (2α + 1)); four standard errors of each,
    // the variance's from the fourth central moment, which is at most 1/16.
    [Theory]
    [InlineData(0.2f, 0.178571)]
    [InlineData(1f, 0.083333)]
    [InlineData(2f, 0.05)]
    public void NextBeta_ManyDraws_HaveTheDistributionsMoments(float alpha, double variance)
    {
        var random = new SplitMix64(3);
        double[] draws = [.. Enumerable.Range(0, 10_000).Select(_ => (double)random.NextBeta(alpha))];

        Assert.All(draws, draw => Assert.InRange(draw, 0, 1));
        Assert.Equal(0.5, draws.Average(), 4 * Math.Sqrt(variance / 10_000));
        Assert.Equal(variance, draws.Average(draw => (draw - 0.5) * (draw - 0.5)), 0.01);
    }

    [Fact]
    public void NextNormal_ManyDraws_HaveTheDistributionsMoments()
    {
        var random = new SplitMix64(4);
        double[] draws = [.. Enumerable.Range(0, 10_000).Select(_ => random.NextNormal())];

        // Four standard errors: of the mean 1/100, of the variance √2/100, and of the share within one deviation, 68.27 %.
        Assert.Equal(0, draws.Average(), 0.04);
        Assert.Equal(1, draws.Average(draw => draw * draw), 0.057);
        Assert.Equal(0.6827, draws.Count(draw => Math.Abs(draw) < 1) / 10_000.0, 0.019);
    }

    [Fact]
    public void NextInt32_Bound_IsNeverReached()
    {
        var random = new SplitMix64(2);

        int[] counts = new int[3];
        for (int i = 0; i < 9000; i++)
        {
            counts[random.NextInt32(3)]++;
        }

        Assert.All(counts, count => Assert.InRange(count, 3000 - 179, 3000 + 179));    // binomial, ⅓: σ = 44.7
    }

    [Fact]
    public void Shuffle_ThreeElements_EveryOrderIsEquallyLikely()
    {
        var random = new SplitMix64(3);
        var counts = new Dictionary<string, int>();
        for (int i = 0; i < 6000; i++)
        {
            char[] letters = ['a', 'b', 'c'];
            random.Shuffle(letters.AsSpan());
            string order = new(letters);
            counts[order] = counts.GetValueOrDefault(order) + 1;
        }

        Assert.Equal(6, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 1000 - 115, 1000 + 115));    // binomial, ⅙: σ = 28.9
    }

    [Fact]
    public void NextDouble_KnownSeed_IsTheTop53BitsAsAFraction() =>
        Assert.Equal(6457827717110365317 / Math.Pow(2, 64), new SplitMix64(1234567).NextDouble(), 15);

    [Fact]
    public void ForItem_NeighbouringItemsAndSeeds_AreUnrelated()
    {
        // Seed 0, item 1 and seed 1, item 0 must not meet, as they would if seed and index were just added.
        var first = from seed in Enumerable.Range(0, 50)
                    from item in Enumerable.Range(0, 50)
                    select SplitMix64.ForItem((ulong)seed, item).NextUInt64();

        Assert.Equal(2500, first.Distinct().Count());
    }
}
