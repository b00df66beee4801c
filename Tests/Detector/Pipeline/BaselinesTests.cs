using MlNetEmotion.Detector.Pipeline;
using MlNetEmotion.Smoothing;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Pipeline;

public sealed class BaselinesTests
{
    private static readonly EmotionScores Rest = new([0.04f, 0.04f, 0.04f, 0.04f, 0.5f, 0.04f, 0.3f]);

    // Corrected by itself, Sad is 0.125 / 1.049 (NeutralBaselineTests).
    [Fact]
    public void Correct_TracksSeconds_LearnsEachForItself()
    {
        var baselines = new TrackBaselines(TimeSpan.FromSeconds(3));

        Assert.Equal((0.5, 0.5, 0.119), (Sad(1, 0), Sad(1, 2.9), Sad(1, 3)));
        Assert.Equal((0.5, 0.5, 0.119), (Sad(2, 3), Sad(2, 5.9), Sad(2, 6)));
        Assert.Equal(0.119, Sad(1, 100));
        Assert.Null(baselines.Shortfall);
        Assert.Equal(0.5, Sad(3, 111));    // forgets track 1
        Assert.Equal(0.5, Sad(1, 111));
        Assert.Equal("--baseline corrected 2 of 4 faces; the others were seen for less than 3 s.", baselines.Shortfall);

        double Sad(int trackId, double seconds) => Math.Round(baselines.Correct(trackId, Rest, TimeSpan.FromSeconds(seconds))[Emotion.Sad], 3);
    }

    [Fact]
    public void Correct_SharedBaseline_CorrectsEveryFaceFromTheStart()
    {
        var rest = new NeutralBaseline();
        rest.Add(Rest);

        Assert.Equal(rest.Correct(Rest), new SharedBaseline(rest).Correct(5, Rest, default));
    }
}
