using MlNetEmotion.Smoothing;
using MlNetEmotion.Tests.Detector;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Smoothing;

public sealed class TrackSmootherTests
{
    private static readonly EmotionScores Happy = TestScores.Of(Emotion.Happy, 0.9f);
    private static readonly EmotionScores Sad = TestScores.Of(Emotion.Sad, 0.9f);

    [Fact]
    public void Update_TwoFaces_DoNotMix()
    {
        var smoother = new TrackSmoother();
        for (int i = 0; i < 5; i++)
        {
            TimeSpan time = TimeSpan.FromSeconds(0.04 * i);
            Assert.Equal(Emotion.Happy, smoother.Update(1, Happy, time).Emotion);
            Assert.Equal(0.9f, smoother.Update(2, Sad, time).Confidence, 1e-5f);
        }
    }

    [Fact]
    public void Update_FacesThatCameAndWent_AreForgotten()
    {
        var smoother = new TrackSmoother(new() { ForgetAfter = TimeSpan.FromSeconds(2) });
        for (int i = 0; i < 100; i++)
        {
            smoother.Update(i, Happy, TimeSpan.FromSeconds(i));
        }

        // Those seen at 97, 98 and 99 s: within 2 s of the last.
        Assert.Equal(3, smoother.Count);
    }
}
