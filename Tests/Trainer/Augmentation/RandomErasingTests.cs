using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Augmentation;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Augmentation;

public sealed class RandomErasingTests
{
    private const int Size = 48;

    [Fact]
    public void DrawBox_ManyDraws_StayInsideTheFaceAndTheBounds()
    {
        var random = new SplitMix64(1);
        int smallest = int.MaxValue;
        int largest = 0;
        for (int i = 0; i < 5000; i++)
        {
            Box box = RandomErasing.DrawBox(0.02f, 0.2f, ref random);
            Assert.True(box.X >= 0 && box.Y >= 0 && box.X + box.Width <= Size && box.Y + box.Height <= Size, box.ToString());

            // Each side is rounded by up to half a pixel.
            Assert.True((box.Width + 0.5) * (box.Height + 0.5) >= 0.02 * 2304, box.ToString());
            Assert.True((box.Width - 0.5) * (box.Height - 0.5) <= 0.2 * 2304, box.ToString());
            Assert.InRange((box.Height + 0.5) / (box.Width - 0.5), 0.3, double.MaxValue);
            Assert.InRange((box.Height - 0.5) / (box.Width + 0.5), 0, 1 / 0.3);
            smallest = Math.Min(smallest, box.Width * box.Height);
            largest = Math.Max(largest, box.Width * box.Height);
        }

        Assert.InRange(smallest, 30, 60);      // 2 % are 46 pixels
        Assert.InRange(largest, 430, 490);     // 20 % are 461
    }

    [Fact]
    public void DrawBox_ManyDraws_ReachEveryPixel()
    {
        var random = new SplitMix64(2);
        var reached = new bool[Size * Size];
        for (int i = 0; i < 5000; i++)
        {
            Box box = RandomErasing.DrawBox(0.02f, 0.2f, ref random);
            for (int y = box.Y; y < box.Y + box.Height; y++)
            {
                reached.AsSpan((y * Size) + box.X, box.Width).Fill(true);
            }
        }

        Assert.DoesNotContain(false, reached);
    }

    [Fact]
    public void Fill_Box_IsNoiseInsideAndUnchangedOutside()
    {
        var random = new SplitMix64(3);
        float[] image = [.. Enumerable.Repeat(-1f, Size * Size)];

        RandomErasing.Fill(image, new Box(5, 7, 30, 20), ref random);

        var inside = new List<float>();
        for (int i = 0; i < image.Length; i++)
        {
            if (i % Size is >= 5 and < 35 && i / Size is >= 7 and < 27)
            {
                inside.Add(image[i]);
            }
            else
            {
                Assert.Equal(-1, image[i]);
            }
        }

        Assert.All(inside, value => Assert.InRange(value, 0, 255));
        Assert.InRange(inside.Average(), 127.5 - 12.1, 127.5 + 12.1);    // σ of 600 uniform draws' mean: 74/√600 = 3
        Assert.InRange(inside.Distinct().Count(), 200, 256);
    }
}
