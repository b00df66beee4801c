using MlNetEmotion.Tests.Trainer.Data;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Evaluation;

public sealed class CalibrationTests
{
    [Fact]
    public void Apply_SmoothingAndTemperature_IsAsByHand()
    {
        // s / 7 = 0.01: 0.7 -> 0.6903, 0.05 -> 0.0403, 0.01 and less -> 0.0003; T = 2: square roots 0.830843, 0.200749, 0.017321.
        // Their sum: 0.830843 + 5 * 0.200749 + 0.017321 = 1.851909. float32 to 1e-6.
        float[] calibrated = new Calibration(0.07, 2).Apply([0.7f, 0.05f, 0.05f, 0.05f, 0.05f, 0.05f, 0.005f]);
        Assert.Equal(0.830843 / 1.851909, calibrated[0], 2e-6);
        Assert.Equal(0.200749 / 1.851909, calibrated[1], 2e-6);
        Assert.Equal(0.017321 / 1.851909, calibrated[6], 2e-6);
        Assert.Equal(1, calibrated.Sum(), 1e-6);
    }

    [Fact]
    public void Apply_WithoutSmoothing_IsOneTemperature()
    {
        // T = 2: square roots of 0.64, 0.36 and 0 are 0.8, 0.6 and 0.
        float[] calibrated = new Calibration(0, 2).Apply([0.64f, 0.36f, 0, 0, 0, 0, 0]);
        Assert.Equal(0.8 / 1.4, calibrated[0], 1e-6);
        Assert.Equal(0, calibrated[2], 1e-6);
    }

    [Fact]
    public void Fit_OfAnswersThatWereSmoothed_FindsTheSmoothing()
    {
        // Two groups of 600 answers that are right in 95 % and 50 % of cases; wrong ones spread evenly. Smoothed by 0.1.
        var answers = new List<float>();
        var labels = new List<Emotion>();
        foreach (double p in new[] { 0.95, 0.5 })
        {
            for (int i = 0; i < 600; i++)
            {
                answers.AddRange(Enumerable.Range(0, 7).Select(c => (float)((0.9 * (c == 0 ? p : (1 - p) / 6)) + (0.1 / 7))));
                labels.Add(i < 600 * p ? Emotion.Angry : (Emotion)(1 + (i % 6)));
            }
        }

        // The floor of 0.0003 on 0.0083 is what keeps the temperature from being exactly 1.
        Calibration found = Calibration.Fit([.. answers], Logits.Targets(labels));
        Assert.Equal(0.1, found.Smoothing, 1e-9);
        Assert.Equal(1, found.Temperature, 0.02);
    }

    [Fact]
    public void Halves_AnyOrder_SplitsEachClassTheSameWay()
    {
        FaceDataset dataset = Faces(Enumerable.Range(0, 30).Select(i => ((Emotion)(i % 3), (byte)i)));
        (int[] first, int[] second) = CalibrationCheck.Halves(dataset);
        Assert.Equal(Enumerable.Range(0, 30), first.Concat(second).Order());
        Assert.All(Enumerable.Range(0, 3), c => Assert.Equal(5, first.Count(i => dataset.Labels[i] == (Emotion)c)));

        (int[] reversed, _) = CalibrationCheck.Halves(Faces(Enumerable.Range(0, 30).Reverse().Select(i => ((Emotion)(i % 3), (byte)i))));
        Assert.Equal(first, reversed.Select(i => 29 - i).Order());
    }

    [Fact]
    public void Measure_HalvesAlike_FindsWhatIsRight()
    {
        // All answer Angry with 0.5, and 80 of 100 are right; each half has 40 of 50. Calibrated to 0.8, nothing is wrong.
        FaceDataset dataset = Faces(Enumerable.Range(0, 100).Select(i => (i < 80 ? Emotion.Angry : Emotion.Sad, (byte)i)));
        float[] answers = [.. Enumerable.Range(0, 100).SelectMany(_ => EvaluationResultTests.Probabilities(Emotion.Angry, 0.5f))];
        CalibrationCheck check = CalibrationCheck.Measure(answers, dataset);

        // The temperature is searched to 1e-4 of its logarithm.
        Assert.Equal(0, check.ExpectedCalibrationErrorCrossFitted!.Value, 1e-3);
        Assert.Equal(0.8, new Calibration(check.Smoothing, check.Temperature).Apply(answers)[0], 1e-3);
    }

    [Fact]
    public void Measure_HalvesThatContradict_UsesOneOnTheOther()
    {
        // All faces are Angry. In the first half all answers are right, in the second all wrong, each with 0.5. What the first
        // half teaches, certainty, is wholly wrong on the second.
        FaceDataset dataset = Faces(Enumerable.Range(0, 40).Select(i => (Emotion.Angry, (byte)i)));
        int[] first = CalibrationCheck.Halves(dataset).First;
        float[] answers = [.. Enumerable.Range(0, 40).SelectMany(i =>
            EvaluationResultTests.Probabilities(first.Contains(i) ? Emotion.Angry : Emotion.Sad, 0.5f))];
        Assert.Equal(1, CalibrationCheck.Measure(answers, dataset).HalvesExpectedCalibrationError[1], 1e-3);
    }

    [Fact]
    public void Measure_OneFace_HasNoHalves() =>
        Assert.Null(CalibrationCheck.Measure(EvaluationResultTests.Probabilities(Emotion.Angry, 0.5f), Faces([(Emotion.Angry, 1)]))
            .ExpectedCalibrationErrorCrossFitted);

    [Theory]
    [InlineData(new[] { 0, 0, 0, 3, 0, 0, 0 }, "3 images, 0 classes with 5 or more")]
    [InlineData(new[] { 1, 1, 1, 1, 1, 1, 1 }, "7 images, 0 classes with 5 or more")]
    [InlineData(new[] { 0, 0, 0, 60, 0, 0, 0 }, "60 images, 1 class with 5 or more")]
    [InlineData(new[] { 4, 4, 4, 40, 4, 4, 4 }, "64 images, 1 class with 5 or more")]
    [InlineData(new[] { 0, 0, 4, 40, 5, 5, 5 }, "59 images, 4 classes with 5 or more")]
    [InlineData(new[] { 7, 7, 7, 7, 7, 7, 7 }, "49 images, 7 classes with 5 or more")]
    [InlineData(new[] { 8, 7, 7, 7, 7, 7, 7 }, null)]
    [InlineData(new[] { 0, 0, 30, 5, 5, 5, 5 }, null)]
    public void TooFew_FacesOfEachClass_SaysWhatIsMissing(int[] counts, string? expected)
    {
        FaceDataset faces = Faces(counts.SelectMany((count, label) => Enumerable.Range(0, count).Select(i => ((Emotion)label, (byte)i))));

        Assert.Equal(
            expected is null ? null : $"{expected}, are too few to calibrate on: expected at least 50, and 5 of each of 5 classes", CalibrationCheck.TooFew(faces));
    }

    [Fact]
    public void AnswerFigures_OfFewFaces_HaveNoCalibration()
    {
        CalibrationCheck check = HeadMetrics.Measure(EvaluationResultTests.Probabilities(Emotion.Angry, 0.5f), Faces([(Emotion.Angry, 1)]), byVotes: false).Calibration;

        Assert.Equal((0.0, 1.0), (check.Smoothing, check.Temperature));
        Assert.Null(check.ExpectedCalibrationErrorCrossFitted);
    }

    private static FaceDataset Faces(IEnumerable<(Emotion Label, byte Value)> faces) =>
        FaceDataset.Load(MemoryFaces.View([.. faces.Select(face => (face.Label, TemporaryFolder.Face(face.Value)))]));
}
