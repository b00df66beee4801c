using MlNetEmotion.Smoothing;
using MlNetEmotion.Tests.Detector;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Smoothing;

public sealed class EmotionSmootherTests
{
    private static readonly EmotionScores Happy = TestScores.Of(Emotion.Happy, 0.94f);    // the others 0.01 each
    private static readonly EmotionScores Sad = TestScores.Of(Emotion.Sad, 0.94f);

    [Fact]
    public void Update_FirstScores_AreTheAnswer() =>
        Assert.Equal(new EmotionReading(Happy, Emotion.Happy, false), new EmotionSmoother().Update(Happy, TimeSpan.Zero));

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void Update_OneTimeConstantAfterAChange_HasFollowedBy63Percent(int framesATimeConstant)
    {
        var smoother = new EmotionSmoother(new() { TimeConstant = TimeSpan.FromSeconds(0.5) });
        EmotionReading reading = default;
        for (int i = -30 * framesATimeConstant; i < framesATimeConstant; i++)
        {
            reading = smoother.Update(i < 0 ? Happy : Sad, TimeSpan.FromSeconds(100 + (0.5 * i / framesATimeConstant)));
        }

        // 0.01 + 0.93 (1 - 1/e), at any frame rate; the rest is float32.
        Assert.Equal(0.59788, reading.Scores[Emotion.Sad], 1e-4);
        Assert.Equal(0.35212, reading.Scores[Emotion.Happy], 1e-4);
        Assert.Equal(0.01, reading.Scores[Emotion.Fear], 1e-5);
    }

    [Fact]
    public void Update_SecondFrame_WeighsAsMuchAsTheFirstDid()
    {
        var smoother = new EmotionSmoother(new() { TimeConstant = TimeSpan.FromSeconds(1) });
        smoother.Update(Happy, TimeSpan.Zero);

        // Weights e^-0.5 = 0.60653 and 1: Sad is 0.01 + 0.93 / 1.60653.
        Assert.Equal(0.58889, smoother.Update(Sad, TimeSpan.FromSeconds(0.5)).Scores[Emotion.Sad], 1e-4);
    }

    [Theory]
    [InlineData(0.15, Emotion.Happy)]
    [InlineData(0.10, Emotion.Sad)]
    public void Update_AnotherEmotionLeads_BecomesTheAnswerOnlyBeyondTheMargin(double margin, Emotion expected)
    {
        var smoother = new EmotionSmoother(new() { TimeConstant = TimeSpan.FromSeconds(1), SwitchMargin = margin });
        smoother.Update(Happy, TimeSpan.Zero);

        // Weights e^-0.3 = 0.74082 and 1: Sad 0.54424 leads Happy 0.40577 (sum with the others' 0.05: 1) by 0.13847.
        EmotionReading reading = smoother.Update(Sad, TimeSpan.FromSeconds(0.3));

        Assert.Equal(Emotion.Sad, reading.Scores.Top);
        Assert.Equal(expected, reading.Emotion);
        Assert.Equal(expected == Emotion.Sad ? 0.54424 : 0.40577, reading.Confidence, 1e-4);
    }

    [Fact]
    public void Update_ConfidenceAroundTheThreshold_ComesBackOnlyAboveTheMargin()
    {
        var smoother = new EmotionSmoother(new() { TimeConstant = TimeSpan.FromSeconds(1e-6), UncertainBelow = 0.4, CertaintyMargin = 0.05 });
        float[] confidences = [0.41f, 0.39f, 0.41f, 0.44f, 0.46f, 0.41f];

        Assert.Equal(
            [false, true, true, true, false, false],
            confidences.Select((confidence, i) => smoother.Update(TestScores.Of(Emotion.Fear, confidence), TimeSpan.FromSeconds(i)).IsUncertain));
    }

    [Fact]
    public void Update_TimeConstant0_LetsEachFrameSpeakForItself()
    {
        var smoother = new EmotionSmoother(new() { TimeConstant = TimeSpan.FromSeconds(0), UncertainBelow = 0.4 });
        EmotionScores weak = TestScores.Of(Emotion.Fear, 0.39f);
        smoother.Update(Happy, TimeSpan.Zero);

        Assert.Equal(new EmotionReading(weak, Emotion.Fear, true), smoother.Update(weak, TimeSpan.FromSeconds(0.001)));
    }

    [Fact]
    public void Update_AllEquallyProbable_IsUncertainWhateverTheThreshold()
    {
        var smoother = new EmotionSmoother(new() { UncertainBelow = 0 });

        Assert.True(smoother.Update(EmotionScores.Uncertain, TimeSpan.Zero).IsUncertain);
        Assert.True(smoother.Update(EmotionScores.Uncertain, TimeSpan.FromSeconds(0.1)).IsUncertain);
        EmotionReading seen = smoother.Update(Happy, TimeSpan.FromSeconds(0.2));
        Assert.Equal((Emotion.Happy, false), (seen.Emotion, seen.IsUncertain));
    }

    [Theory]
    [InlineData(10)]    // long unseen
    [InlineData(-1)]    // the clip started again
    public void Update_AfterAGap_StartsAnew(double seconds)
    {
        var smoother = new EmotionSmoother(new() { TimeConstant = TimeSpan.FromSeconds(100) });
        smoother.Update(Happy, TimeSpan.Zero);

        Assert.Equal(Sad, smoother.Update(Sad, TimeSpan.FromSeconds(seconds)).Scores);
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(2.0000001, true)]    // by one tick
    public void Update_GapOfForgetAfter_DiscardsTheHistoryOnlyBeyond(double seconds, bool discards)
    {
        var smoother = new EmotionSmoother(new() { TimeConstant = TimeSpan.FromSeconds(100) });
        smoother.Update(Happy, TimeSpan.Zero);

        Assert.Equal(discards, smoother.Update(Sad, TimeSpan.FromSeconds(seconds)).Scores == Sad);
    }

    [Theory]
    [InlineData(-1, 20_000_000, 0.35, 0.18, 0.05, "TimeConstant")]
    [InlineData(2_000_000, -1, 0.35, 0.18, 0.05, "ForgetAfter")]
    [InlineData(2_000_000, 20_000_000, 1.1, 0.18, 0.05, "UncertainBelow")]
    [InlineData(2_000_000, 20_000_000, double.NaN, 0.18, 0.05, "UncertainBelow")]
    [InlineData(2_000_000, 20_000_000, 0.35, -0.1, 0.05, "SwitchMargin")]
    [InlineData(2_000_000, 20_000_000, 0.35, 0.18, 1.1, "CertaintyMargin")]
    public void Create_ImpossibleOptions_Throws(long timeConstant, long forgetAfter, double uncertainBelow, double switchMargin, double certaintyMargin, string name)
    {
        var options = new SmoothingOptions
        {
            TimeConstant = TimeSpan.FromTicks(timeConstant), ForgetAfter = TimeSpan.FromTicks(forgetAfter),
            UncertainBelow = uncertainBelow, SwitchMargin = switchMargin, CertaintyMargin = certaintyMargin,
        };

        Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(() => new EmotionSmoother(options)).ParamName);
        Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(() => new TrackSmoother(options)).ParamName);
    }

    [Fact]
    public void Options_ByDefault_AreAFifthOfASecondAndTwoSeconds() =>
        Assert.Equal((0.2, 2.0), (new SmoothingOptions().TimeConstant.TotalSeconds, new SmoothingOptions().ForgetAfter.TotalSeconds));
}
