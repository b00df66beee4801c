using MlNetEmotion.Onnx;
using MlNetEmotion.Tests.Native.Torch;
using MlNetEmotion.Tests.Shared;
using MlNetEmotion.Tests.Trainer.Data;
using MlNetEmotion.Tests.Trainer.Training;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Export;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Export;

[Collection(nameof(TorchCollection))]
public sealed class OnnxCalibrationTests(ExportedNetworks networks) : IClassFixture<ExportedNetworks>, IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Source => networks.Get("seed").Path;

    /// <summary>Generated faces of which the network gets two of three right: one that is always wrong has no calibration.</summary>
    private FaceDataset Faces
    {
        get
        {
            FaceDataset faces = SmallNetwork.Faces(60, seed: 4);
            float[] answers = Parity.OfModel(File.ReadAllBytes(Source), Source, faces);
            return FaceDataset.Load(MemoryFaces.View([.. Enumerable.Range(0, faces.Count).Select(i =>
                ((Emotion)(((int)EvaluationResult.Predicted(answers, i) + (i % 3 == 0 ? 1 : 0)) % 7), faces.Face(i).ToArray()))]));
        }
    }

    private string Output => Path.Combine(folder.Root, "calibrated.onnx");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Calibrate_AnExportedNetwork_AnswersByTheCalibrationThatItReports()
    {
        CalibrationCheck check = OnnxCalibration.Calibrate(Source, Output, Faces, TestContext.Current.CancellationToken);

        // The source divides by 3: its answers to the power of 3 are those of a temperature of 1.
        float[] raw = Powers(Parity.OfModel(File.ReadAllBytes(Source), Source, Faces), ExportedNetworks.Temperature);
        float[] expected = new Calibration(check.Smoothing, check.Temperature).Apply(raw);
        float[] found = Parity.OfModel(File.ReadAllBytes(Output), Output, Faces);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, OnnxCalibration.Tolerance));

        using var classifier = new EmotionClassifier(Output);
        Assert.Equal(check.Temperature, classifier.Metadata.Figures["temperature"]);
        Assert.Equal(check.Smoothing, classifier.Metadata.Figures["smoothing"]);
        Assert.Equal(0.5, classifier.Metadata.Figures["validationAccuracy"]);
        Assert.Equal("seed", classifier.Metadata.Network);
    }

    [Theory]
    [InlineData(0, 2.5)]
    [InlineData(0.1, 0.8)]
    public void Write_AnyCalibration_AnswersByIt(double smoothing, double temperature)
    {
        OnnxCalibration.Write(Source, Output, new CalibrationCheck(smoothing, temperature, null, []), Faces);
        float[] raw = Powers(Parity.OfModel(File.ReadAllBytes(Source), Source, Faces), ExportedNetworks.Temperature);
        float[] found = Parity.OfModel(File.ReadAllBytes(Output), Output, Faces);
        Assert.All(new Calibration(smoothing, temperature).Apply(raw).Zip(found), pair => Assert.Equal(pair.First, pair.Second, OnnxCalibration.Tolerance));
    }

    [Fact]
    public void Calibrate_ACalibratedFile_ReplacesItsCalibration()
    {
        string again = Path.Combine(folder.Root, "again.onnx");
        OnnxCalibration.Calibrate(Source, Output, Faces, TestContext.Current.CancellationToken);
        OnnxCalibration.Calibrate(Output, again, Faces, TestContext.Current.CancellationToken);
        Assert.Equal(File.ReadAllBytes(Output), File.ReadAllBytes(again));
    }

    [Fact]
    public void Check_ACalibratedFile_IsThatOfTheFileBefore()
    {
        CalibrationCheck calibrated = OnnxCalibration.Calibrate(Source, Output, Faces, TestContext.Current.CancellationToken);
        CalibrationCheck check = OnnxCalibration.Check(Output, Faces, TestContext.Current.CancellationToken);
        Assert.Equal(calibrated.ExpectedCalibrationErrorCrossFitted, check.ExpectedCalibrationErrorCrossFitted);
        Assert.Equal(calibrated.Temperature, check.Temperature);
    }

    [Fact]
    public void Calibrate_AModelOfAnotherOrigin_IsRefused()
    {
        var error = Assert.Throws<ModelException>(() =>
            OnnxCalibration.Calibrate(Fixture.Model("tiny"), Output, Faces, TestContext.Current.CancellationToken));
        Assert.Contains("tiny.onnx", error.Message);
        Assert.False(File.Exists(Output));
    }

    private static float[] Powers(float[] probabilities, double power)
    {
        double[] powers = [.. probabilities.Select(p => Math.Pow(p, power))];
        return [.. powers.Select((value, i) => (float)(value / powers[(i / 7 * 7)..((i / 7 * 7) + 7)].Sum()))];
    }
}
