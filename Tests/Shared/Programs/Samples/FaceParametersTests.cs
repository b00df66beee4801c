using MlNetEmotion.Programs;
using MlNetEmotion.Programs.Samples;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Programs.Samples;

public sealed class FaceParametersTests
{
    [Fact]
    public void Random_SameState_GivesEqualParameters()
    {
        Assert.Equal(Drawn(Emotion.Sad), Drawn(Emotion.Sad));
    }

    [Fact]
    public void Random_SameState_GivesTheSamePersonWhateverTheEmotion()
    {
        var happy = Drawn(Emotion.Happy);
        var angry = Drawn(Emotion.Angry);

        Assert.Equal(happy, angry with { Expression = happy.Expression });
        Assert.NotEqual(happy, angry);
    }

    [Fact]
    public void Random_ManyDraws_StayWithinTheDocumentedRanges()
    {
        var random = new SplitMix64(1);
        for (int draw = 0; draw < 500; draw++)
        {
            var (_, a, pose, photograph) = FaceParameters.Random(Emotion.Neutral, ref random);
            Assert.InRange(a.SkinTone, 0.2, 0.85);
            Assert.InRange(a.HeadWidth, 0.9, 1.1);
            Assert.InRange(a.JawWidth, 0.85, 1.15);
            Assert.InRange(a.EyeSpacing, 0.92, 1.08);
            Assert.InRange(a.EyeSize, 0.85, 1.15);
            Assert.InRange(a.EyeTilt, -1, 1);
            Assert.InRange(a.IrisTone, 0.05, 0.4);
            Assert.InRange(a.BrowThickness, 0.6, 1.5);
            Assert.InRange(a.BrowHeight, -1, 1);
            Assert.InRange(a.NoseWidth, 0.8, 1.25);
            Assert.InRange(a.NoseLength, 0.9, 1.1);
            Assert.InRange(a.MouthWidth, 0.85, 1.15);
            Assert.InRange(a.LipThickness, 0.6, 1.5);
            Assert.InRange(a.LipContrast, 0.2, 0.7);
            Assert.InRange(a.Age, 0, 1);
            Assert.True(Enum.IsDefined(a.Hair));
            Assert.InRange(a.HairTone, 0.03, 0.7);
            Assert.InRange(a.Beard, 0, 1);
            Assert.InRange(a.Moustache, 0, 1);
            Assert.InRange(a.Glasses, 0, 1);
            Assert.InRange(pose.YawRadians, -0.6, 0.6);
            Assert.InRange(pose.PitchRadians, -0.4, 0.4);
            Assert.InRange(pose.RollRadians, -0.5, 0.5);
            Assert.InRange(pose.Scale, 0.8, 1.25);
            Assert.InRange(photograph.LightX, -1, 1);
            Assert.InRange(photograph.LightY, -1, 1);
            Assert.InRange(photograph.LightContrast, 0, 1);
            Assert.InRange(photograph.Contrast, 0.7, 1.4);
            Assert.InRange(photograph.Background, 0, 1);
            Assert.InRange(photograph.BackgroundDetail, 0, 1);
            Assert.InRange(photograph.Blur, 0, 0.03);
            Assert.InRange(photograph.Noise, 0, 0.1);
        }
    }

    [Fact]
    public void Random_ManyDraws_ShowEveryHairStyleGlassesAndBeards()
    {
        var random = new SplitMix64(2);
        var people = Enumerable.Range(0, 300).Select(_ => Appearance.Random(ref random)).ToList();

        Assert.Equal(Enum.GetValues<HairStyle>().Length, people.Select(person => person.Hair).Distinct().Count());
        Assert.Contains(people, person => person.Glasses > 0);
        Assert.Contains(people, person => person.Beard > 0);
        Assert.Contains(people, person => person is { Glasses: 0, Beard: 0 });
    }

    private static FaceParameters Drawn(Emotion emotion)
    {
        var random = new SplitMix64(8);
        return FaceParameters.Random(emotion, ref random);
    }
}
