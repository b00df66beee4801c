using System.Collections.Concurrent;
using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Augmentation;
using MlNetEmotion.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Data;

public sealed class DataLoaderTests
{
    private static readonly FaceDataset Faces = FaceDatasetTests.MakeDataset(100);
    private static readonly DataLoaderOptions Training = new() { BatchSize = 16, Shuffle = true, Seed = 5, Augmentation = new AugmentationOptions() };

    [Fact]
    public void Epoch_Defaults_AreInOrderCompleteAndUnchanged()
    {
        var loader = new DataLoader(Faces, new DataLoaderOptions { BatchSize = 16 });

        Assert.Equal([16, 16, 16, 16, 16, 16, 4], loader.Epoch(0).Select(batch => batch.Count));
        Assert.Equal(Faces.Labels.Select(label => (long)label), loader.Epoch(0).SelectMany(batch => batch.Labels[..batch.Count]));
        Assert.Equal(Faces.Pixels.ToArray().Select(pixel => (float)pixel), Images(loader.Epoch(0)));
    }

    [Fact]
    public void Epoch_Shuffled_HasEveryFaceOnceWithItsLabel()
    {
        var loader = new DataLoader(Faces, Training with { Augmentation = AugmentationOptions.None });

        int[] first = Order(loader, epoch: 0);

        Assert.Equal(Enumerable.Range(0, 100), first.Order());
        Assert.NotEqual(Enumerable.Range(0, 100), first);
        Assert.NotEqual(first, Order(loader, epoch: 1));
        Assert.Equal(first, Order(loader, epoch: 0));
        Assert.NotEqual(first, Order(new DataLoader(Faces, Training with { Augmentation = AugmentationOptions.None, Seed = 6 }), epoch: 0));
    }

    [Theory]
    [InlineData(16, 6)]
    [InlineData(25, 4)]
    [InlineData(101, 0)]
    public void Epoch_DropLast_LeavesOutAnIncompleteBatch(int batchSize, int expected)
    {
        var loader = new DataLoader(Faces, Training with { BatchSize = batchSize, DropLast = true });

        Assert.Equal(expected, loader.BatchCount);
        Assert.Equal(Enumerable.Repeat(batchSize, expected), loader.Epoch(0).Select(batch => batch.Count));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    public void Epoch_MoreBatchesAtOnce_ChangeNoPixel(int prefetch)
    {
        var one = new DataLoader(Faces, Training with { PrefetchBatches = 1 });
        var several = new DataLoader(Faces, Training with { PrefetchBatches = prefetch });

        Assert.Equal(Images(one.Epoch(3)), Images(several.Epoch(3)));
        Assert.Equal(Labels(one.Epoch(3)), Labels(several.Epoch(3)));
    }

    [Fact]
    public void Epoch_OtherBatchSize_AugmentsEveryFaceAlike()
    {
        float[] images = Images(new DataLoader(Faces, Training).Epoch(0));

        Assert.Equal(images, Images(new DataLoader(Faces, Training with { BatchSize = 7 }).Epoch(0)));
        Assert.NotEqual(images, Images(new DataLoader(Faces, Training with { Augmentation = AugmentationOptions.None }).Epoch(0)));
    }

    [Fact]
    public void Epoch_Augmentation_VariesFromEpochToEpoch()
    {
        var loader = new DataLoader(Faces, Training with { Shuffle = false });

        Assert.NotEqual(Images(loader.Epoch(0)), Images(loader.Epoch(1)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(6)]
    [InlineData(7)]
    public void Epoch_FirstBatch_GoesOnAsTheWholeEpochWould(int firstBatch)
    {
        var loader = new DataLoader(Faces, Training);

        Assert.Equal(Images(loader.Epoch(2))[Math.Min(firstBatch * 16 * 2304, 100 * 2304)..], Images(loader.Epoch(2, firstBatch)));
        Assert.Equal(Labels(loader.Epoch(2))[Math.Min(firstBatch * 16, 100)..], Labels(loader.Epoch(2, firstBatch)));
    }

    [Fact]
    public void Epoch_WithBoxes_GivesEachFaceItsOwn()
    {
        // A face's second pixel is its number; the last ones have no box.
        int[] chosen = [.. Enumerable.Range(20, 80)];
        FaceDataset faces = (Faces with { Boxes = [.. Enumerable.Range(0, 100).Select(i => i < 90 ? new DetectorBox(0, 0, i, 0) : (DetectorBox?)null)] }).Select(chosen);
        var seen = new ConcurrentBag<(int Face, float? Side)>();
        var loader = new DataLoader(faces, Training, (ReadOnlySpan<byte> face, DetectorBox? box, Span<float> _, ref SplitMix64 _) => seen.Add((face[1], box?.Side)));

        Assert.Equal(5, loader.Epoch(0).Count());

        Assert.Equal(chosen.Select(i => (i, i < 90 ? i : (float?)null)), seen.Order());
    }

    [Fact]
    public async Task Epoch_LeftEarly_WaitsForTheBatchInPreparation()
    {
        DataLoaderOptions options = Training with { PrefetchBatches = 2 };
        byte[] first = [.. EpochSampler.Indices(Faces, options, epoch: 0).Take(options.BatchSize).Select(index => Faces.Face(index)[1])];
        using var begun = new ManualResetEventSlim();
        using var released = new ManualResetEventSlim();
        int done = 0;
        var loader = new DataLoader(Faces, options, (ReadOnlySpan<byte> face, DetectorBox? _, Span<float> _, ref SplitMix64 _) =>
        {
            if (!first.Contains(face[1]))
            {
                begun.Set();
                released.Wait();
            }

            Interlocked.Increment(ref done);
        });
        IEnumerator<FaceBatch> batches = loader.Epoch(0).GetEnumerator();
        Assert.True(batches.MoveNext());
        begun.Wait(TestContext.Current.CancellationToken);

        var left = Task.Run(batches.Dispose, TestContext.Current.CancellationToken);
        bool isEarly = await Task.WhenAny(left, Task.Delay(50, TestContext.Current.CancellationToken)) == left;
        released.Set();
        await left;

        Assert.False(isEarly);
        Assert.Equal(2 * options.BatchSize, done);
    }

    [Fact]
    public void Epoch_WorkerFails_TheConsumerIsTold()
    {
        int calls = 0;
        var loader = new DataLoader(Faces, Training with { PrefetchBatches = 2 }, (ReadOnlySpan<byte> _, DetectorBox? _, Span<float> _, ref SplitMix64 _) =>
        {
            if (Interlocked.Increment(ref calls) > 40)
            {
                throw new InvalidDataException("broken face");
            }
        });

        var error = Assert.Throws<InvalidDataException>(() => loader.Epoch(0).Count());

        Assert.Equal("broken face", error.Message);
    }

    [Fact]
    public void Epoch_TwoAtOnce_DoNotDisturbEachOther()
    {
        var loader = new DataLoader(Faces, Training);

        Assert.All(loader.Epoch(0).Zip(loader.Epoch(0)), pair => Assert.Equal(pair.First.Images, pair.Second.Images));
    }

    [Fact]
    public void Epoch_Buffers_AreReused()
    {
        var loader = new DataLoader(Faces, Training with { PrefetchBatches = 2 });

        Assert.Equal(2, loader.Epoch(0).Select(batch => batch.Images).Distinct().Count());
    }

    // 0.3 over seven classes, 0.7 more at the label.
    [Fact]
    public void Epoch_LabelSmoothing_SpreadsTheTargets()
    {
        FaceBatch batch = new DataLoader(Faces, new DataLoaderOptions { BatchSize = 16, LabelSmoothing = 0.3 }).Epoch(0).First();

        Assert.Equal([0.042857, 0.042857, 0.742857, 0.042857, 0.042857, 0.042857, 0.042857], Rounded(batch.Target(2)));
        Assert.Equal([1, 0, 0, 0, 0, 0, 0], new DataLoader(Faces).Epoch(0).First().Target(0).ToArray());

        static double[] Rounded(Span<float> values) => Array.ConvertAll(values.ToArray(), value => Math.Round(value, 6));
    }

    [Fact]
    public void Epoch_Mixing_IsTheSameAgainAndVaries()
    {
        DataLoaderOptions mixing = Training with { Augmentation = AugmentationOptions.None with { MixupAlpha = 0.5f, CutMixAlpha = 0.5f } };
        var loader = new DataLoader(Faces, mixing);

        float[] first = Images(loader.Epoch(0));
        Assert.Equal(first, Images(new DataLoader(Faces, mixing with { PrefetchBatches = 1 }).Epoch(0)));
        Assert.Equal(first[(16 * 2304)..], Images(loader.Epoch(0, firstBatch: 1)));
        Assert.NotEqual(first, Images(loader.Epoch(1)));
        Assert.NotEqual(first, Images(new DataLoader(Faces, Training with { Augmentation = AugmentationOptions.None }).Epoch(0)));
        Assert.All(loader.Epoch(0), batch => Assert.All(Enumerable.Range(0, batch.Count), i =>
        {
            float[] target = batch.Target(i).ToArray();
            Assert.Equal(1, target.Sum(), 1e-6);
            Assert.Equal(target.Max(), target[batch.Labels[i]]);
        }));
    }

    [Fact]
    public void Constructor_NoFaces_Throws() => Assert.Throws<ArgumentException>(() => new DataLoader(Faces.Select([]), Training));

    private static float[] Images(IEnumerable<FaceBatch> batches) => [.. batches.SelectMany(batch => batch.Images[..(batch.Count * 2304)])];

    private static long[] Labels(IEnumerable<FaceBatch> batches) => [.. batches.SelectMany(batch => batch.Labels[..batch.Count])];

    /// <summary>Which faces come, known by their gray value; their labels are checked on the way.</summary>
    private static int[] Order(DataLoader loader, int epoch)
    {
        var order = new List<int>();
        foreach (FaceBatch batch in loader.Epoch(epoch))
        {
            for (int i = 0; i < batch.Count; i++)
            {
                int face = (int)batch.Images[(i * 2304) + 1];
                Assert.Equal(face % 7, batch.Labels[i]);
                order.Add(face);
            }
        }

        return [.. order];
    }
}
