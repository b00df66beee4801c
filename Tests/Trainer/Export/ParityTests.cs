using MlNetEmotion.Tests.Trainer.Training;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Export;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Export;

public sealed class ParityTests
{
    [Theory]
    [InlineData(0.25f, 0.25009f)]
    [InlineData(0.25f, 0.24991f)]
    public void Require_WithinTheTolerance_Passes(float expected, float found) => Parity.Require([1, expected], [1, found], "x.onnx");

    [Theory]
    [InlineData(0.25f, 0.2502f, "0.0002")]
    [InlineData(0.25f, 0f, "0.25")]
    [InlineData(0.25f, float.NaN, "NaN")]
    [InlineData(float.NaN, float.NaN, "NaN")]
    public void Require_BeyondIt_NamesTheFileAndTheDifference(float expected, float found, string difference)
    {
        ModelException error = Assert.Throws<ModelException>(() => Parity.Require([1, expected, 1], [1, found, 1], "x.onnx"));
        Assert.StartsWith("x.onnx: not written", error.Message);
        Assert.Contains($"differ by {difference}", error.Message);
    }

    [Theory]
    [InlineData(3, 3)]
    [InlineData(64, 64)]
    [InlineData(200, 64)]
    public void Probe_OfADataset_IsSpreadOverIt(int count, int expected)
    {
        FaceDataset faces = SmallNetwork.Faces(count, seed: 1);
        FaceDataset probe = Parity.Probe(faces);
        Assert.Equal(expected, probe.Count);
        Assert.Equal(faces.Sources[0], probe.Sources[0]);
        Assert.Equal(expected, probe.Sources.Distinct().Count());
        Assert.Equal(faces.Sources[(expected - 1) * count / expected], probe.Sources[^1]);
    }
}
