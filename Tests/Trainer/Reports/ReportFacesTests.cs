using MlNetEmotion.Tests.Trainer.Data;
using MlNetEmotion.Tests.Trainer.Evaluation;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Reports;
using SkiaSharp;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Reports;

public sealed class ReportFacesTests
{
    // Sources are indices. True: Sad for even ones, Happy for odd ones; predicted Happy with the given confidence.
    private static readonly float[] Confidences = [0.5f, 0.9f, 0.9f, 0.6f, 0.7f, 0.8f, 0.8f, 0.95f];

    [Fact]
    public void WorstMistakes_FourWrong_ComeByConfidence()
    {
        ReportFace[] worst = Faces().WorstMistakes(3);
        Assert.Equal(["2", "6", "4"], worst.Select(face => face.Source));
        Assert.Equal([0.9f, 0.8f, 0.7f], worst.Select(face => (float)face.Probability));
        Assert.All(worst, face => Assert.Equal((Emotion.Sad, Emotion.Happy), (face.Label, face.Predicted)));
    }

    [Theory]
    [InlineData(2, new[] { "1", "5", "0", "4" })] // of four a class the first and the third; Happy before Sad
    [InlineData(9, new[] { "1", "3", "5", "7", "0", "2", "4", "6" })]
    public void OfEachClass_FourOfTwoClasses_SpreadsEvenly(int count, string[] sources) =>
        Assert.Equal(sources, Faces().FacesPerClass(count).Select(face => face.Source));

    [Fact]
    public void Png_Face_HoldsItsPixels()
    {
        using SKBitmap image = SKBitmap.Decode(Faces().FacesPerClass(1)[0].Png);
        Assert.Equal((48, 48), (image.Width, image.Height));
        Assert.Equal(Pixels(1), image.Pixels.Select(pixel => pixel.Green));
    }

    private static ReportFaces Faces()
    {
        var view = MemoryFaces.View([.. Confidences.Select((_, i) => (i % 2 == 0 ? Emotion.Sad : Emotion.Happy, Pixels(i)))]);
        return new ReportFaces(FaceDataset.Load(view), [.. Confidences.SelectMany(c => EvaluationResultTests.Probabilities(Emotion.Happy, c))]);
    }

    private static byte[] Pixels(int index) => [.. Enumerable.Range(0, 2304).Select(i => (byte)(i + index))];
}
