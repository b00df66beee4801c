using MlNetEmotion.Programs;
using MlNetEmotion.Programs.Samples;
using MlNetEmotion.Smoothing;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Smoothing;

public sealed class NeutralBaselineTests
{
    // The typical answer to a neutral face, from Angry to Neutral.
    private static readonly double[] Typical = [0.019, 0.012, 0.012, 0.026, 0.076, 0.015, 0.84];

    [Fact]
    public void Correct_NothingLearned_ChangesNothing()
    {
        var scores = new EmotionScores([0.1f, 0.1f, 0.1f, 0.4f, 0.1f, 0.1f, 0.1f]);
        var blank = new NeutralBaseline();
        blank.Add(EmotionScores.Uncertain);    // a covered lens is no resting face

        Assert.Equal((scores, 0), (blank.Correct(scores), blank.Count));
    }

    // Sad is divided by 4, the limit, since 0.5 / 0.076 is more; each other emotion by its factor, which gives the typical answer.
    [Fact]
    public void Correct_TheRestItself_IsAsComputedByHand()
    {
        var rest = new EmotionScores([0.04f, 0.04f, 0.04f, 0.04f, 0.5f, 0.04f, 0.3f]);

        EmotionScores corrected = Learned(rest).Correct(rest);

        const double Sum = 0.019 + 0.012 + 0.012 + 0.026 + (0.5 / 4) + 0.015 + 0.84;
        AssertNear([.. Typical.Select((typical, i) => (i == (int)Emotion.Sad ? 0.5 / 4 : typical) / Sum)], corrected);
    }

    // The mean of logarithms: 0.4 and 0.1 count as 0.2, 0.02 and 0.02 as 0.02. Probabilities below 0.01 count as 0.01.
    [Fact]
    public void Correct_OtherScores_AreDividedByTheFactorsOfTheRest()
    {
        NeutralBaseline baseline = Learned(
            new EmotionScores([0.02f, 0, 0.001f, 0, 0.4f, 0.02f, 0.559f]), new EmotionScores([0.02f, 0, 0.01f, 0, 0.1f, 0.02f, 0.85f]));
        double[] factors = [0.02 / 0.019, 0.01 / 0.012, 0.01 / 0.012, 0.01 / 0.026, 0.2 / 0.076, 0.02 / 0.015, Math.Sqrt(0.559 * 0.85) / 0.84];
        float[] scores = [0.1f, 0.1f, 0.1f, 0.1f, 0.3f, 0.1f, 0.2f];

        double[] weighted = [.. scores.Select((score, i) => score / factors[i])];

        Assert.Equal(2, baseline.Count);
        AssertNear([.. weighted.Select(weight => weight / weighted.Sum())], baseline.Correct(new EmotionScores(scores)));
        Assert.Equal(EmotionScores.Uncertain, baseline.Correct(EmotionScores.Uncertain));
    }

    // Happy is divided by 4 and Neutral by 1/4 at most: their ratio must be above 16.
    [Theory]
    [InlineData(0.9413f, Emotion.Happy)]
    [InlineData(0.9411f, Emotion.Neutral)]
    public void Correct_StrongSmileOfAFaceThatSmilesAtRest_StaysOne(float happy, Emotion expected) => Assert.Equal(
        expected, Learned(new EmotionScores([0, 0, 0, 1, 0, 0, 0])).Correct(new EmotionScores([0, 0, 0, happy, 0, 0, 1 - happy])).Top);

    // Generated people whose mouth's corners hang at rest, or whose brows are low: at rest they become neutral, and their smile stays a smile.
    [Fact]
    public void Correct_FacesThatLookSadOrAngryAtRest_AreNeutralThereAndSmileAsBefore()
    {
        using EmotionClassifier classifier = EmotionClassifier.LoadDefault();
        var hanging = new Expression { LipCornerDepress = 0.45, InnerBrowRaise = 0.45, BrowLower = 0.2 };
        var frowning = new Expression { BrowLower = 0.55, LipPress = 0.3, LidTighten = 0.3 };
        var confusions = new List<Emotion>();
        foreach ((Expression rest, int person) in new[] { hanging, frowning }.SelectMany(rest => Enumerable.Range(0, 8).Select(person => (rest, person))))
        {
            EmotionScores scores = Score(rest, person);
            EmotionScores smile = Score(rest with { LipCornerPull = 1, CheekRaise = 0.8, LipsPart = 0.8, LipCornerDepress = 0 }, person);
            NeutralBaseline baseline = Learned(scores);
            confusions.Add(scores.Top);

            Assert.Equal(Emotion.Neutral, baseline.Correct(scores).Top);
            Assert.InRange(baseline.Correct(scores).Confidence, 0.7f, 0.9f);
            Assert.True(smile.Top != Emotion.Happy || baseline.Correct(smile).Top == Emotion.Happy, $"person {person}: {smile} became {baseline.Correct(smile)}");
        }

        Assert.InRange(confusions.Count(emotion => emotion != Emotion.Neutral), 1, 8);

        EmotionScores Score(Expression expression, int person)
        {
            SplitMix64 random = SplitMix64.ForItem(5, person);
            FaceParameters drawn = FaceParameters.Random(Emotion.Neutral, ref random) with { Expression = expression, Pose = new Pose(), Photograph = new Photograph() };
            return classifier.Classify(new ImageView(FaceRenderer.Render(drawn, FacePreprocessor.Size), FacePreprocessor.Size, FacePreprocessor.Size, PixelFormat.Gray8));
        }
    }

    private static NeutralBaseline Learned(params ReadOnlySpan<EmotionScores> rest)
    {
        var baseline = new NeutralBaseline();
        foreach (EmotionScores scores in rest)
        {
            baseline.Add(scores);
        }

        return baseline;
    }

    private static void AssertNear(double[] expected, EmotionScores found)
    {
        for (int i = 0; i < Emotions.Count; i++)
        {
            Assert.Equal(expected[i], found[(Emotion)i], 1e-6);    // float probabilities
        }
    }
}
