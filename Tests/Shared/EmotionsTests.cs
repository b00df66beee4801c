using Xunit;

namespace MlNetEmotion.Tests.Shared;

public sealed class EmotionsTests
{
    [Fact]
    public void Labels_AreTheContractsInIndexOrder()
    {
        Assert.Equal(["Angry", "Disgust", "Fear", "Happy", "Sad", "Surprise", "Neutral"], Emotions.Labels);
        Assert.Equal(7, Emotions.Count);
    }

    [Theory]
    [InlineData("Angry", Emotion.Angry)]
    [InlineData("anger", Emotion.Angry)]
    [InlineData("DISGUSTED", Emotion.Disgust)]
    [InlineData("fearful", Emotion.Fear)]
    [InlineData("Happiness", Emotion.Happy)]
    [InlineData(" sadness ", Emotion.Sad)]
    [InlineData("surprised", Emotion.Surprise)]
    [InlineData("neutral", Emotion.Neutral)]
    [InlineData("0", Emotion.Angry)]
    [InlineData("6", Emotion.Neutral)]
    public void TryParse_NameSynonymOrIndex_IsTheEmotion(string text, Emotion expected)
    {
        Assert.True(Emotions.TryParse(text, out Emotion emotion));
        Assert.Equal(expected, emotion);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("7")]
    [InlineData("-1")]
    [InlineData("03")]
    [InlineData("contempt")]
    [InlineData("happy!")]
    public void TryParse_AnythingElse_IsNone(string? text) => Assert.False(Emotions.TryParse(text, out _));
}
