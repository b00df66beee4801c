using MlNetEmotion.Tests.Shared;
using MlNetEmotion.Tests.Trainer.Data;
using MlNetEmotion.Tests.Trainer.Training;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Export;
using MlNetEmotion.Trainer.Export.Proto;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Export;

public sealed class OnnxCalibrationTests(ExportedNetworks networks) : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Source => networks.Get("classic").Path;

    /// <summary>Generated faces of which the network gets two of three right, and the others are of all other classes, enough to calibrate on: one that is always wrong has no calibration.</summary>
    private FaceDataset Faces
    {
        get
        {
            FaceDataset faces = SmallNetwork.Faces(120, seed: 4);
            float[] answers = Parity.OfModel(File.ReadAllBytes(Source), Source, faces);
            return FaceDataset.Load(MemoryFaces.View([.. Enumerable.Range(0, faces.Count).Select(i =>
                ((Emotion)(((int)EvaluationResult.Predicted(answers, i) + (i % 3 == 0 ? 1 + (i / 3 % 6) : 0)) % 7), faces.Face(i).ToArray()))]));
        }
    }

    private string Output => Path.Combine(folder.Root, "calibrated.onnx");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Calibrate_AnExportedNetwork_AnswersByTheCalibrationThatItReports()
    {
        CalibrationCheck check = Calibrate(Source, Output);

        // The source divides by 3: its answers to the power of 3 are those of a temperature of 1.
        float[] raw = Powers(Parity.OfModel(File.ReadAllBytes(Source), Source, Faces), ExportedNetworks.Temperature);
        float[] expected = new Calibration(check.Smoothing, check.Temperature).Apply(raw);
        float[] found = Parity.OfModel(File.ReadAllBytes(Output), Output, Faces);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, OnnxCalibration.Tolerance));

        using var classifier = new EmotionClassifier(Output);
        Assert.Equal(check.Temperature, classifier.Metadata.Figures["temperature"]);
        Assert.Equal(check.Smoothing, classifier.Metadata.Figures["smoothing"]);
        Assert.Equal(EvaluationResult.Compute(raw, Faces.Labels).Accuracy, classifier.Metadata.Figures["validationAccuracy"]);    // of these faces now, as all figures
        Assert.Equal("classic", classifier.Metadata.Network);
    }

    [Fact]
    public void Calibrate_ACalibratedFile_ReplacesItsCalibration()
    {
        string again = Path.Combine(folder.Root, "again.onnx");
        Calibrate(Source, Output);
        Calibrate(Output, again);
        Assert.Equal(File.ReadAllBytes(Output), File.ReadAllBytes(again));
    }

    [Fact]
    public void Check_ACalibratedFile_IsThatOfTheFileBefore()
    {
        CalibrationCheck calibrated = Calibrate(Source, Output);
        (CalibrationCheck check, CalibrationCheck? labels) = OnnxCalibration.Check(Output, Faces, TestContext.Current.CancellationToken);
        Assert.Null(labels);
        Assert.Equal(calibrated.ExpectedCalibrationErrorCrossFitted, check.ExpectedCalibrationErrorCrossFitted);
        Assert.Equal(calibrated.Temperature, check.Temperature);
    }

    [Fact]
    public void Calibrate_AModelOfAnotherOrigin_IsRefused()
    {
        var error = Assert.Throws<ModelException>(() => Calibrate(Fixture.Model("tiny"), Output));
        Assert.Contains("tiny.onnx", error.Message);
        Assert.False(File.Exists(Output));
    }

    private CalibrationCheck Calibrate(string source, string path)
    {
        ModelProto model = OnnxExporter.Parse(File.ReadAllBytes(source), source);
        (byte[] calibrated, CalibrationCheck check, _) = OnnxCalibration.Calibrate(model, source, Faces, TestContext.Current.CancellationToken);
        File.WriteAllBytes(path, calibrated);
        return check;
    }

    private static float[] Powers(float[] probabilities, double power)
    {
        double[] powers = [.. probabilities.Select(p => Math.Pow(p, power))];
        return [.. powers.Select((value, i) => (float)(value / powers[(i / 7 * 7)..((i / 7 * 7) + 7)].Sum()))];
    }
}
