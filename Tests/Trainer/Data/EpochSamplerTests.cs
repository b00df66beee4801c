using MlNetEmotion.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Data;

public sealed class EpochSamplerTests
{
    // Faces i of class i % 7, of which 0, 7, … 98 are of class 0; then 60 of class 0, 5 of class 1 and 15 of class 2.
    private static readonly FaceDataset Even = FaceDatasetTests.MakeDataset(420);
    private static readonly FaceDataset Uneven = Even.Select(
        [.. Enumerable.Range(0, 60).Select(i => 7 * i), .. Enumerable.Range(0, 5).Select(i => (7 * i) + 1), .. Enumerable.Range(0, 15).Select(i => (7 * i) + 2)]);

    [Fact]
    public void Of_WithoutShuffleAndBalance_IsTheDatasetsOrder() =>
        Assert.Equal(Enumerable.Range(0, 80), EpochSampler.Indices(Uneven, new DataLoaderOptions(), epoch: 3));

    // Shares of 80 proportional to n, √n (7.746, 2.236, 3.873: 44.7, 12.9, 22.4) and 1, each rounded with the running sum.
    [Theory]
    [InlineData(0, 60, 5, 15)]
    [InlineData(0.5, 45, 13, 22)]
    [InlineData(1, 27, 26, 27)]
    public void Of_Balance_EvensOutTheClasses(double balance, params int[] expected)
    {
        int[] order = EpochSampler.Indices(Uneven, new DataLoaderOptions { Shuffle = true, ClassBalancing = balance, Seed = 4 }, epoch: 0);

        Assert.Equal(expected, Enumerable.Range(0, 3).Select(label => order.Count(i => (int)Uneven.Labels[i] == label)));

        // Every face of a class comes as often as the others, or once more.
        foreach (IGrouping<Emotion, int> faces in Enumerable.Range(0, 80).GroupBy(i => Uneven.Labels[i]))
        {
            int[] times = [.. faces.Select(face => order.Count(i => i == face))];
            Assert.InRange(times.Max() - times.Min(), 0, 1);
        }
    }

    [Fact]
    public void Of_Balance_TakesOtherFacesOfALargeClassInAnotherEpoch()
    {
        var options = new DataLoaderOptions { Shuffle = true, ClassBalancing = 1 };
        int[][] epochs = [.. Enumerable.Range(0, 10).Select(epoch => EpochSampler.Indices(Uneven, options, epoch))];

        Assert.Equal(epochs[0], EpochSampler.Indices(Uneven, options, epoch: 0));
        Assert.NotEqual(epochs[0].Order(), epochs[1].Order());
        Assert.Equal(80, epochs.SelectMany(order => order).Distinct().Count());    // 27 of 60, ten times: one is left out with 1 in 400
    }
}
