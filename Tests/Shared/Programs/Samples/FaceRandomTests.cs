using MlNetEmotion.Programs.Samples;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Programs.Samples;

public sealed class FaceRandomTests
{
    [Fact]
    public void NextInt64_KnownSeed_GivesTheReferenceSequence()
    {
        // The widely published outputs of the reference implementation for the seed 1234567.
        ulong[] expected = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431];
        var random = new FaceRandom(1234567);

        Assert.Equal(expected.Select(value => (long)(value >> 1)), expected.Select(_ => random.NextInt64()));
    }

    [Fact]
    public void NextDouble_KnownSeed_IsTheTop53BitsAsAFraction()
    {
        Assert.Equal(6457827717110365317 / Math.Pow(2, 64), new FaceRandom(1234567).NextDouble(), 15);
    }

    [Fact]
    public void ForItem_NeighbouringItemsAndSeeds_AreUnrelated()
    {
        // Seed 0, item 1 and seed 1, item 0 must not meet, as they would if seed and index were just added.
        var first = from seed in Enumerable.Range(0, 50)
                    from item in Enumerable.Range(0, 50)
                    select FaceRandom.ForItem((ulong)seed, item).NextInt64();

        Assert.Equal(2500, first.Distinct().Count());
    }
}
