using System.Reflection;
using MlNetEmotion.Programs;
using MlNetEmotion.Programs.Samples;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Programs.Samples;

public sealed class ExpressionTests
{
    private static readonly PropertyInfo[] Units =
        typeof(Expression).GetProperties().Where(property => property.PropertyType == typeof(double)).ToArray();

    /// <summary>The action units that the FACS literature gives for each emotion's prototype.</summary>
    public static TheoryData<Emotion, string[]> Prototypes => new()
    {
        { Emotion.Happy, ["CheekRaise", "LipCornerPull"] },
        { Emotion.Sad, ["InnerBrowRaise", "BrowLower", "LipCornerDepress"] },
        { Emotion.Surprise, ["InnerBrowRaise", "OuterBrowRaise", "UpperLidRaise", "JawDrop"] },
        { Emotion.Fear, ["InnerBrowRaise", "OuterBrowRaise", "BrowLower", "UpperLidRaise", "LipStretch", "LipsPart"] },
        { Emotion.Angry, ["BrowLower", "UpperLidRaise", "LidTighten", "LipPress"] },
        { Emotion.Disgust, ["NoseWrinkle", "UpperLipRaise", "LowerLipDepress"] },
    };

    [Theory]
    [MemberData(nameof(Prototypes))]
    public void Typical_Emotion_MovesItsActionUnits(Emotion emotion, string[] units)
    {
        var expression = Expression.Typical(emotion, 1);

        Assert.All(units, unit => Assert.True(Value(expression, unit) > 0.1, unit));
    }

    [Fact]
    public void Typical_ZeroIntensity_IsRest()
    {
        Assert.All(Enum.GetValues<Emotion>(), emotion => Assert.Equal(Expression.Rest, Expression.Typical(emotion, 0)));
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void Typical_IntensityOutOfRange_Throws(double intensity)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Expression.Typical(Emotion.Happy, intensity));
    }

    [Fact]
    public void Typical_UnknownEmotion_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Expression.Typical((Emotion)7));
    }

    [Fact]
    public void Random_AnyEmotion_StaysWithinTheUnitsRanges()
    {
        var random = new SplitMix64(1);
        foreach (var emotion in Enum.GetValues<Emotion>())
        {
            for (int draw = 0; draw < 100; draw++)
            {
                var expression = Expression.Random(emotion, ref random);
                Assert.All(Units, unit => Assert.InRange(Value(expression, unit.Name), unit.Name.StartsWith("Gaze") ? -1 : 0, 1));
            }
        }
    }

    [Fact]
    public void Random_SameEmotionTwice_Differs()
    {
        var random = new SplitMix64(1);

        Assert.NotEqual(Expression.Random(Emotion.Fear, ref random), Expression.Random(Emotion.Fear, ref random));
    }

    [Fact]
    public void Lerp_Ends_AreTheGivenExpressions()
    {
        var (from, to) = (Expression.Typical(Emotion.Angry), Expression.Typical(Emotion.Happy));

        Assert.Equal(from, Expression.Lerp(from, to, 0));
        Assert.Equal(to, Expression.Lerp(from, to, 1));
    }

    [Fact]
    public void Lerp_AnyUnit_MovesInProportion()
    {
        // Each unit on its own: one that Lerp forgot would stay 0.
        Assert.All(Units, unit =>
        {
            var to = new Expression();
            unit.SetValue(to, 0.8);
            Assert.Equal(0.2, Value(Expression.Lerp(Expression.Rest, to, 0.25), unit.Name), 12);
        });
    }

    private static double Value(Expression expression, string unit) =>
        (double)typeof(Expression).GetProperty(unit)!.GetValue(expression)!;
}
