using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Augmentation;
using MlNetEmotion.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Augmentation;

public sealed class BatchMixingTests
{
    [Fact]
    public void Blend_TwoVectors_GivesEachAShareOfTheOther()
    {
        float[] a = [100, 0], b = [20, 40];

        BatchMixing.Blend(a, b, own: 0.75f);

        Assert.Equal([80f, 10], a);     // 0.75 · 100 + 0.25 · 20, 0.25 · 40
        Assert.Equal([40f, 30], b);     // 0.75 · 20 + 0.25 · 100, 0.75 · 40
    }

    [Fact]
    public void Exchange_ABox_SwapsItAndNothingElse()
    {
        float[] a = Enumerable.Repeat(1f, 2304).ToArray(), b = Enumerable.Repeat(2f, 2304).ToArray();

        BatchMixing.Exchange(a, b, new Box(3, 5, 2, 4));

        for (int i = 0; i < 2304; i++)
        {
            bool inside = i % 48 is 3 or 4 && i / 48 is >= 5 and < 9;
            Assert.Equal((inside ? 2f : 1f, inside ? 1f : 2f), (a[i], b[i]));
        }
    }

    // Face i is gray 10 · (i + 1) throughout and of class i, so that a pixel tells whose it is.
    [Theory]
    [InlineData(1f, 0f)]
    [InlineData(0f, 1f)]
    [InlineData(0.4f, 0.4f)]
    public void Apply_ToABatch_BlendsTargetsAsMuchAsPixels(float mixupAlpha, float cutMixAlpha)
    {
        int blended = 0;
        for (ulong seed = 0; seed < 50; seed++)
        {
            FaceBatch batch = Batch(count: 5);
            var random = new SplitMix64(seed);
            BatchMixing.Apply(batch.Images, batch.Targets, batch.Count, AugmentationOptions.None with { MixupAlpha = mixupAlpha, CutMixAlpha = cutMixAlpha }, ref random);

            for (int i = 0; i < 5; i++)
            {
                float[] target = batch.Target(i).ToArray();
                int partner = 4 - i;
                double expected = Enumerable.Range(0, 5).Sum(other => target[other] * 10 * (other + 1));
                Assert.Equal(expected, batch.Image(i).ToArray().Average(), 1e-3);       // float32 sums of 2,304 values up to 50
                Assert.Equal(1, target[i] + (partner == i ? 0 : target[partner]), 1e-6);
                Assert.InRange(target[i], 0.5f, 1);
                blended += target[i] < 0.99f ? 1 : 0;
            }

            Assert.All(batch.Image(2).ToArray(), pixel => Assert.Equal(30, pixel));      // the middle one has no partner
        }

        Assert.InRange(blended, 60, 200);       // of 4 · 50; where a blend is slight, it counts as none
    }

    [Fact]
    public void Apply_TurnedOff_ChangesNothing()
    {
        FaceBatch batch = Batch(count: 4);
        var random = new SplitMix64(1);

        BatchMixing.Apply(batch.Images, batch.Targets, batch.Count, AugmentationOptions.None, ref random);

        Assert.Equal(Batch(count: 4).Images, batch.Images);
        Assert.Equal(new SplitMix64(1).NextUInt64(), random.NextUInt64());
    }

    private static FaceBatch Batch(int count)
    {
        var batch = new FaceBatch(count) { Count = count };
        for (int i = 0; i < count; i++)
        {
            batch.Image(i).Fill(10 * (i + 1));
            batch.Target(i)[i] = 1;
            batch.Labels[i] = i;
        }

        return batch;
    }
}
