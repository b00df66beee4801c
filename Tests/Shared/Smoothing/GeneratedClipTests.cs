using MlNetEmotion.Programs.Samples;
using MlNetEmotion.Smoothing;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Smoothing;

/// <summary>The default options on clips of generated faces, scored by the model that comes with the library.</summary>
public sealed class GeneratedClipTests : IDisposable
{
    private const double FramesPerSecond = 25;

    private readonly EmotionClassifier classifier = EmotionClassifier.LoadDefault();

    public void Dispose() => classifier.Dispose();

    [Theory]
    [InlineData(Emotion.Angry, Emotion.Surprise)]
    [InlineData(Emotion.Happy, Emotion.Surprise)]
    [InlineData(Emotion.Fear, Emotion.Sad)]
    [InlineData(Emotion.Disgust, Emotion.Sad)]
    public void StillFace_WithNoise_NeverFlips(Emotion one, Emotion other)
    {
        // Between two expressions, where this model's answers for noisy frames disagree most.
        EmotionScores[] frames = Clip(Enumerable.Range(1, 9)
            .Select(tenth => Expression.Lerp(Expression.Typical(one), Expression.Typical(other), tenth / 10.0))
            .MaxBy(between => Changes(Clip(between, frames: 40).Select(scores => scores.Top)))!, frames: 150);
        var smoother = new EmotionSmoother();

        Emotion[] steady = [.. frames.Select((scores, frame) => smoother.Update(scores, Time(frame)).Emotion)];

        Assert.True(Changes(frames.Select(scores => scores.Top)) >= 5, "a clip on which nothing flickers shows nothing");
        Assert.Equal(0, Changes(steady));
    }

    [Theory]
    [InlineData(Emotion.Happy, Emotion.Surprise)]
    [InlineData(Emotion.Surprise, Emotion.Neutral)]
    [InlineData(Emotion.Neutral, Emotion.Happy)]
    public void RealChange_IsFollowedWithinThreeQuartersOfASecond(Emotion before, Emotion after)
    {
        // To what the model makes of that expression: which emotion it is is not the smoother's.
        const int ChangeFrame = 50;
        EmotionScores[] frames = [.. Enumerable.Range(0, 2 * ChangeFrame).Select(frame =>
            Score(Expression.Typical(frame < ChangeFrame ? before : after, intensity: 1), frame, noise: 0.04))];
        Emotion expected = frames[ChangeFrame..].CountBy(scores => scores.Top).MaxBy(answer => answer.Value).Key;
        var smoother = new EmotionSmoother();

        Emotion[] steady = [.. frames.Select((scores, frame) => smoother.Update(scores, Time(frame)).Emotion)];

        Assert.NotEqual(expected, steady[ChangeFrame - 1]);
        Assert.All(steady[(ChangeFrame + (int)(0.75 * FramesPerSecond))..], emotion => Assert.Equal(expected, emotion));
    }

    private EmotionScores[] Clip(Expression expression, int frames) => [.. Enumerable.Range(0, frames).Select(frame => Score(expression, frame, noise: 0.08))];

    // Another grain in each frame, as a camera's.
    private EmotionScores Score(Expression expression, int frame, double noise)
    {
        FaceParameters face = FaceParameters.Average with { Expression = expression, Photograph = new Photograph { Noise = noise, Seed = 7 + (10 * frame) } };
        return classifier.Classify(new ImageView(FaceRenderer.Render(face, 96), 96, 96, PixelFormat.Gray8));
    }

    private static TimeSpan Time(int frame) => TimeSpan.FromSeconds(frame / FramesPerSecond);

    private static int Changes(IEnumerable<Emotion> emotions)
    {
        Emotion[] all = [.. emotions];
        return all.Skip(1).Zip(all, (now, before) => now != before).Count(changed => changed);
    }
}
