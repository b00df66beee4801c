using MlNetEmotion.Detector.Scoring;
using MlNetEmotion.Detector.Serving;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Serving;

public sealed class ScoringQueueTests
{
    [Fact]
    public async Task Score_AfterAnErrorOfTheModel_IsAnswered()
    {
        using var metrics = new ServeMetrics();
        using var queue = new ScoringQueue(new SometimesWrong(), workers: 1, metrics);
        byte[] bad = new byte[FacePreprocessor.PixelCount];
        byte[] good = [1, .. new byte[FacePreprocessor.PixelCount - 1]];

        await Assert.ThrowsAsync<ArithmeticException>(() => queue.ScoreAsync(bad, TestContext.Current.CancellationToken));
        EmotionScores[] scores = await queue.ScoreAsync(good, TestContext.Current.CancellationToken);

        Assert.Equal(Emotion.Fear, Assert.Single(scores).Top);
    }

    // A model that throws if a face's first pixel is 0.
    private sealed class SometimesWrong : IEmotionModel
    {
        public void Score(ReadOnlySpan<byte> faces, Span<EmotionScores> scores)
        {
            scores.Fill(faces[0] == 0 ? throw new ArithmeticException() : TestScores.Of(Emotion.Fear, 0.9f));
        }

        public void Dispose()
        {
        }
    }
}
