using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace MlNetEmotion.Tests.Shared;

public sealed class EmotionScoresTests
{
    [Fact]
    public void Scores_OfSeven_TellTheTopAndEach()
    {
        var scores = new EmotionScores([0.05f, 0.05f, 0.1f, 0.6f, 0.1f, 0.05f, 0.05f]);

        Assert.Equal(Emotion.Happy, scores.Top);
        Assert.Equal(0.6f, scores.Confidence);
        Assert.Equal(0.1f, scores[Emotion.Fear]);
        Assert.Equal("Happy 60 %", scores.ToString());
    }

    [Theory]
    [InlineData(0f, Emotion.Happy)]
    [InlineData(0.625f, Emotion.Happy)] // as sure as is asked for
    [InlineData(0.6251f, null)]
    [InlineData(1f, null)]
    public void TopOrUncertain_ByThreshold_AnswersOrNot(float minConfidence, Emotion? expected) =>
        Assert.Equal(expected, new EmotionScores([0.125f, 0, 0.125f, 0.625f, 0.125f, 0, 0]).TopOrUncertain(minConfidence));

    [Fact]
    public void Uncertain_AnswersNothing()
    {
        Assert.Equal(1 / 7f, EmotionScores.Uncertain.Confidence);
        Assert.Null(EmotionScores.Uncertain.TopOrUncertain(0.15f));
        Assert.Null(EmotionScores.Uncertain.TopOrUncertain(0));    // of equals, no threshold makes the first an answer
        Assert.Equal("Uncertain", EmotionScores.Uncertain.ToString());
    }

    [Theory]
    [InlineData(-0.1f)]
    [InlineData(1.1f)]
    [InlineData(float.NaN)]
    public void TopOrUncertain_NoProbabilityAsThreshold_Throws(float minConfidence) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new EmotionScores([1, 0, 0, 0, 0, 0, 0]).TopOrUncertain(minConfidence));

    [Fact]
    public void IsValid_IsFalseForDefaultAlone()
    {
        EmotionScores none = default;

        Assert.Equal((false, Emotion.Angry, 0f, null), (none.IsValid, none.Top, none.Confidence, none.TopOrUncertain(0)));
        Assert.True(EmotionScores.Uncertain.IsValid);
        Assert.All(Enumerable.Range(0, 7), i => Assert.True(new EmotionScores([.. Enumerable.Range(0, 7).Select(j => i == j ? 1f : 0f)]).IsValid));
    }

    [Fact]
    public void Top_OfEquallyProbable_IsTheFirst() =>
        Assert.Equal(Emotion.Disgust, new EmotionScores([0, 0.5f, 0, 0, 0, 0, 0.5f]).Top);

    [Fact]
    public void Scores_OfAnySoftmax_KeepItsValuesOrderAndSum() =>
        Check.QuickThrowOnFailure(Prop.ForAll(Logits(), logits =>
        {
            float[] probabilities = Softmax(logits);
            var scores = new EmotionScores(probabilities);
            var copy = new float[7];
            scores.CopyTo(copy);
            Assert.Equal(probabilities, copy);
            Assert.Equal(probabilities, Enum.GetValues<Emotion>().Select(emotion => scores[emotion]));
            Assert.Equal(1, copy.Sum(), 1e-5f);
            Assert.Equal(probabilities.Max(), scores.Confidence);
            Assert.Equal(Array.IndexOf(probabilities, probabilities.Max()), (int)scores.Top);
            Assert.Equal(scores, new EmotionScores(copy));
            Assert.Equal(scores.GetHashCode(), new EmotionScores(copy).GetHashCode());
        }));

    [Fact]
    public void Equals_OneOfSevenDiffers_IsFalse()
    {
        for (int i = 0; i < 7; i++)
        {
            var one = new float[7];
            one[i] = 1;
            var other = new float[7];
            other[(i + 1) % 7] = 1;
            Assert.True(new EmotionScores(one) == new EmotionScores(one));
            Assert.True(new EmotionScores(one) != new EmotionScores(other));
        }
    }

    [Theory]
    [InlineData(new[] { 0.5f, 0.5f }, "7 probabilities are needed, got 2")]
    [InlineData(new[] { 0.5f, 0.5f, 0f, 0f, 0f, 0f, 0f, 0f }, "7 probabilities are needed, got 8")]
    [InlineData(new[] { 1.5f, -0.5f, 0f, 0f, 0f, 0f, 0f }, "the probability of Angry is 1.5, expected 0 to 1")]
    [InlineData(new[] { 1f, 0f, float.NaN, 0f, 0f, 0f, 0f }, "the probability of Fear is NaN, expected 0 to 1")]
    [InlineData(new[] { 0.5f, 0.25f, 0f, 0f, 0f, 0f, 0f }, "the probabilities add up to 0.75, expected 1")]
    public void Scores_OfNoProbabilities_Throws(float[] values, string message)
    {
        var error = Assert.Throws<ArgumentException>(() => new EmotionScores(values));

        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Index_NotAnEmotion_Throws()
    {
        var scores = new EmotionScores([1, 0, 0, 0, 0, 0, 0]);

        Assert.Throws<ArgumentOutOfRangeException>(() => scores[(Emotion)7]);
        Assert.Throws<ArgumentOutOfRangeException>(() => scores[(Emotion)(-1)]);
    }

    [Fact]
    public void Json_Written_HasAllSevenByName()
    {
        var scores = new EmotionScores([0.5f, 0.25f, 0.125f, 0.125f, 0, 0, 0]);

        string json = JsonSerializer.Serialize(new { Scores = scores });

        Assert.Equal("""{"Scores":{"Angry":0.5,"Disgust":0.25,"Fear":0.125,"Happy":0.125,"Sad":0,"Surprise":0,"Neutral":0}}""", json);
        Assert.Equal(scores, JsonSerializer.Deserialize<Dictionary<string, EmotionScores>>(json)!["Scores"]);
    }

    [Theory]
    [InlineData("""{"Angry":1}""", "the probability of Disgust is NaN")]
    [InlineData("""{"Angry":1,"Disgust":0,"Fear":0,"Happy":0,"Sad":0,"Surprise":0,"Neutral":0.5}""", "the probabilities add up to 1.5")]
    [InlineData("""{"Bored":1}""", "'Bored' is not an emotion")]
    [InlineData("[1,0,0,0,0,0,0]", "emotion scores are a JSON object of Angry, ")]
    public void Json_OtherThanSevenProbabilities_SaysWhatIsWrong(string json, string message) =>
        Assert.StartsWith(message, Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<EmotionScores>(json)).Message, StringComparison.Ordinal);

    private static Arbitrary<int[]> Logits() => Gen.Choose(-200, 200).ArrayOf(7).ToArbitrary();

    private static float[] Softmax(int[] tenths)
    {
        double[] powers = [.. tenths.Select(tenth => Math.Exp(tenth / 10.0))];
        return [.. powers.Select(power => (float)(power / powers.Sum()))];
    }
}
