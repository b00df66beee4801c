using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Smoothing;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Frames;

public sealed class FaceDoubtTests
{
    private static readonly DoubtOptions Limits = new() { SmallBelow = 30, DarkBelow = 0.2, BlurredBelow = 0.5, TurnedBeyond = 40, CutOffBeyond = 0.25 };

    private static readonly FaceResult Good = new(1, new Box(0, 0, 30, 30), TestScores.Of(Emotion.Happy, 0.9f))
    {
        Quality = new FaceQuality(30, 0.5, 0.2),
        Pose = new HeadPose(-40, 40, 90),
        CutOff = 0.25,
    };

    [Fact]
    public void Of_FaceAtAllLimits_IsNone() => Assert.Null(Limits.Of(Good));

    [Fact]
    public void Of_FaceBeyondALimit_IsTheFirst()
    {
        FaceQuality quality = Good.Quality!.Value;

        Assert.Equal(FaceDoubt.Small, Limits.Of(Good with { Quality = new FaceQuality(29, 0, 0) }));
        Assert.Equal(FaceDoubt.Dark, Limits.Of(Good with { Quality = new FaceQuality(30, 0, 0.19) }));
        Assert.Equal(FaceDoubt.Blurred, Limits.Of(Good with { Quality = quality with { Sharpness = 0.49 }, CutOff = 1 }));
        Assert.Equal(FaceDoubt.TurnedAway, Limits.Of(Good with { Pose = new HeadPose(-40.1, 0, 0), CutOff = 1 }));
        Assert.Equal(FaceDoubt.TurnedAway, Limits.Of(Good with { Pose = new HeadPose(0, 40.1, 0) }));
        Assert.Equal(FaceDoubt.CutOff, Limits.Of(Good with { Pose = null, CutOff = 0.26 }));
    }

    [Theory]
    [InlineData(0.9f, false, false, null)]
    [InlineData(0.9f, true, false, null)]
    [InlineData(0.9f, true, true, "small")]
    [InlineData(0.3f, false, false, "noClearExpression")]
    [InlineData(0.3f, true, false, "small")]
    public void With_Reading_IsUncertainForAReason(float confidence, bool isSmall, bool rejects, string? reason)
    {
        FaceResult face = Good with { Quality = new FaceQuality(isSmall ? 29 : 30, 1, 1) };

        FaceResult read = face.With(EmotionReading.Of(TestScores.Of(Emotion.Sad, confidence), uncertainBelow: 0.35), Limits with { RejectPoor = rejects });

        Assert.Equal((Emotion.Sad, confidence, reason, reason is not null), (read.Emotion, read.Confidence, read.Reason, read.IsUncertain));
    }

    // A third of the box, 30 of 90 columns, is outside.
    [Fact]
    public void Of_FaceAtTheEdge_HasItsPartOutside()
    {
        FaceResult face = FaceResult.Of(1, new Box(-30, 10, 90, 80), landmarks: null, new byte[2304], EmotionScores.Uncertain, 200, 200);

        Assert.Equal((new Box(0, 10, 60, 80), 90, null), (face.Box, face.Quality!.Value.SidePixels, face.Pose));
        Assert.Equal(1 / 3.0, face.CutOff, 1e-12);
    }
}
