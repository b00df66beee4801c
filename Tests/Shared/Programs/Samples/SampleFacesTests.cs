using MlNetEmotion.Programs.Samples;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Programs.Samples;

public sealed class SampleFacesTests
{
    [Fact]
    public void Generate_SameSeed_GivesSameFaces()
    {
        Assert.Equal(Faces(21, seed: 5), Faces(21, seed: 5));
    }

    [Fact]
    public void Generate_OtherSeeds_ShareNoFace()
    {
        var faces = Faces(140, seed: 1).Concat(Faces(140, seed: 2)).Concat(Faces(140, seed: ulong.MaxValue));

        Assert.Equal(420, faces.Distinct().Count());
    }

    [Fact]
    public void Generate_LargerCount_StartsWithTheSameFaces()
    {
        Assert.Equal(Faces(7, seed: 3), Faces(14, seed: 3).Take(7));
    }

    [Theory]
    [InlineData(70, 10, 10)]
    [InlineData(100, 14, 15)]
    [InlineData(0, 0, 0)]
    public void Generate_AnyCount_BalancesTheClasses(int count, int fewest, int most)
    {
        var labels = SampleFaces.Generate(count, seed: 1).Select(face => face.Label).ToList();

        Assert.Equal(count, labels.Count);
        Assert.All(Enum.GetValues<Emotion>(), emotion => Assert.InRange(labels.Count(label => label == emotion), fewest, most));
    }

    [Fact]
    public void Generate_Faces_Are48By48WithContrast()
    {
        Assert.All(SampleFaces.Generate(70, seed: 9), face =>
        {
            Assert.Equal(48 * 48, face.Pixels.Length);
            Assert.True(face.Pixels.Max() - face.Pixels.Min() > 60, "a face has dark eyes and bright skin");
        });
    }

    [Fact]
    public void Generate_NothingEnumerated_DrawsNothing()
    {
        // A billion faces would take days; the first few must come at once.
        Assert.Equal(3, SampleFaces.Generate(1_000_000_000, seed: 1).Take(3).Count());
    }

    [Fact]
    public void Draw_OnManyThreads_EqualsTheSequence()
    {
        var drawn = new string[28];
        Parallel.For(0, drawn.Length, index => drawn[index] = Convert.ToHexString(SampleFaces.Draw(seed: 4, index)));

        Assert.Equal(Faces(28, seed: 4), drawn);
    }

    [Fact]
    public void Generate_NegativeCount_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => SampleFaces.Generate(-1, seed: 0));
    }

    private static List<string> Faces(int count, ulong seed) =>
        SampleFaces.Generate(count, seed).Select(face => Convert.ToHexString(face.Pixels)).ToList();
}
