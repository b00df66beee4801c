using MlNetEmotion.Tests.Trainer.Training;
using MlNetEmotion.Trainer.Network;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace MlNetEmotion.Tests.Trainer.Network;

public sealed class HistogramEqualizationTests
{
    [Fact]
    public void Forward_TwoGrayLevels_AreTheQuarterAndThreeQuarters()
    {
        // One standard deviation from the mean each, up to epsilon. A bin is 3/16 wide: the darker level stands 2/3 between the knots
        // 10 and 11, which count 1/6 and 1/3. Darker is 1/12 at knot 10 and 1/3 at knot 11, so 1/4; and likewise 3/4 for the other.
        float[] found = Equalized([0, 200, 200, 0, 0, 0, 200, 200, 0, 200], 2, 5);
        float quarter = MathF.Sqrt(12) / 4;
        float[] expected = [-quarter, quarter, quarter, -quarter, -quarter, -quarter, quarter, quarter, -quarter, quarter];
        Assert.Equal(expected, found, (a, b) => Math.Abs(a - b) < 1e-3);
    }

    // Else the largest tensors would be channels-first, which is slower.
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void Forward_AnImage_LeavesTheConvolutionsOutputChannelsLast(ScalarType type)
    {
        TorchLibrary.Load();
        using DisposeScope scope = NewDisposeScope();
        Tensor output = new Conv2d(1, 32, kernelSize: 3, padding: 1).forward(new HistogramEqualization { Output = type }.forward(zeros(2, 1, 48, 40)));

        Assert.Equal([32 * 48 * 40, 1, 32 * 40, 32], output.stride());
    }

    [Fact]
    public void Forward_ABlankImage_IsMiddleGray() => Assert.All(Equalized(new float[2304], 48, 48), value => Assert.Equal(0, value, 1e-6));

    [Fact]
    public void Forward_ARamp_StaysARamp()
    {
        // Of 2304 levels, all alike often, level i has i + 1/2 darker ones. A bin is 3/16 wide, and those at the ends are not full.
        float[] ramp = [.. Enumerable.Range(0, 2304).Select(i => i * 255 / 2303f)];
        float[] found = Equalized(ramp, 48, 48);
        Assert.All(Enumerable.Range(0, 2304), i => Assert.Equal((((i + 0.5) / 2304) - 0.5) * Math.Sqrt(12), found[i], 0.1));
    }

    [Theory]
    [InlineData(0.15, 1, 20)]
    [InlineData(1, 0.4, 0)]
    [InlineData(1, 2.5, 0)]
    [InlineData(0.5, 1.6, 100)]
    public void Forward_AnotherToneCurve_ChangesLittle(double contrast, double gamma, double brightness)
    {
        float[] face = [.. SmallNetwork.Faces(1, seed: 3).Face(0).ToArray().Select(pixel => (float)pixel)];
        float[] curved = [.. face.Select(pixel => (float)(brightness + (contrast * 255 * Math.Pow(pixel / 255, gamma))))];
        float[] expected = Equalized(face, 48, 48), found = Equalized(curved, 48, 48);
        double difference = Math.Sqrt(expected.Zip(found, (a, b) => (a - b) * (a - b)).Average());

        // A tenth of the result's standard deviation; without equalization a gamma of 2.5 makes 0.5 of it.
        Assert.InRange(difference, 0, 0.1);
    }

    private static float[] Equalized(float[] image, int height, int width)
    {
        using DisposeScope scope = NewDisposeScope();
        using var layer = new HistogramEqualization();
        return layer.forward(Tensors.Of(image, [1, 1, height, width], CPU)).ToArray();
    }
}
