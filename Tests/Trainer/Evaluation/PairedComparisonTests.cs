using System.Text.Json;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Evaluation;

public sealed class PairedComparisonTests
{
    // Twice the binomial tail: 2 (1 + 7) / 2^7, 2 / 2^5, 2 (1 + 12 + 66) / 2^12.
    [Theory]
    [InlineData(1, 6, 0.125)]
    [InlineData(6, 1, 0.125)]
    [InlineData(0, 5, 0.0625)]
    [InlineData(10, 2, 158.0 / 4096)]
    [InlineData(3, 3, 1)]
    [InlineData(0, 0, 1)]
    [InlineData(2000, 2000, 1)]
    [InlineData(0, 2000, 0)]
    public void ExactTest_OfTwoCounts_IsAsByHand(int first, int second, double expected) => Assert.Equal(expected, PairedComparison.ExactTest(first, second), 1e-12);

    // All faces are happy. Three recordings: this model is right in all of the first and second, in none of the third; the other in none, none and one.
    [Fact]
    public void Measure_TwoModels_CountsFacesAndRecordings()
    {
        FaceDataset faces = Faces(Enumerable.Range(0, 12).Select(i => $"faces/happy/{(i < 5 ? 'a' : i < 10 ? 'b' : 'c') + "0123456789a"}-1-{40 * i}.png"));
        PairedComparison comparison = PairedComparison.Measure("old.onnx", Answers(12, i => i < 10), Answers(12, i => i == 11), faces);

        Assert.Equal(new PairedComparison("old.onnx", 12, 1 / 12.0, 10, 1, 2, 1, 3), comparison);
        Assert.Equal(24.0 / 2048, comparison.PValue, 1e-12);
        Assert.Equal(
            "better than old.onnx: right in 83.3 % of 12 faces, old.onnx in 8.3 %; of the 11 in which one alone is right, it is in 10 (exact McNemar test, p = 0.012); "
            + "better in 2 and worse in 1 of 3 recordings (p = 1)", comparison.Verdict());
        Assert.Contains("\"pValue\":0.01171875,\"pValueByRecording\":1", JsonSerializer.Serialize(comparison, JsonSerializerOptions.Web), StringComparison.Ordinal);
    }

    [Fact]
    public void Measure_RecordingWithAsManyRight_IsNeitherBetterNorWorse()
    {
        PairedComparison comparison = PairedComparison.Measure("old.onnx", Answers(2, i => i == 0), Answers(2, i => i == 1), Faces(["a0123456789a-1-0.png", "a0123456789a-1-40.png"]));

        Assert.Equal((0, 0, 1), (comparison.RecordingsBetter, comparison.RecordingsWorse, comparison.Recordings));
    }

    [Theory]
    [InlineData(4, 0, "not shown to be better than old.onnx: right in 50.0 % of 8 faces, old.onnx in 0.0 %; of the 4 in which one alone is right, it is in 4 (exact McNemar test, p = 0.12): keep the old file, or correct more")]
    [InlineData(0, 6, "worse than old.onnx: right in 0.0 % of 8 faces, old.onnx in 75.0 %; of the 6 in which one alone is right, it is in 0 (exact McNemar test, p = 0.031): keep the old file")]
    public void Verdict_NotBetter_SaysSo(int right, int otherRight, string expected) => Assert.Equal(
        expected, PairedComparison.Measure("old.onnx", Answers(8, i => i < right), Answers(8, i => i < otherRight), Faces(Enumerable.Range(0, 8).Select(i => $"{i}.png"))).Verdict());

    private static FaceDataset Faces(IEnumerable<string> sources) => FaceDataset.Load(
        new FaceDataView("faces", [], () => sources.Select(source => new FaceRow(source, Split.Validation, () => Emotion.Happy, () => new byte[2304]))));

    private static float[] Answers(int count, Func<int, bool> isHappy) =>
        [.. Enumerable.Range(0, count).SelectMany(i => Enumerable.Range(0, 7).Select(emotion => emotion == (isHappy(i) ? 3 : 4) ? 1f : 0))];
}
