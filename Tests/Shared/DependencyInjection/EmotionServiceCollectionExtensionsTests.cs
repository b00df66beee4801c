using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace MlNetEmotion.Tests.Shared.DependencyInjection;

public sealed class EmotionServiceCollectionExtensionsTests
{
    private static readonly byte[] Face = [.. Enumerable.Range(0, 48 * 48).Select(i => (byte)i)];

    [Fact]
    public void AddEmotionRecognizer_Resolved_IsOneWorkingRecognizerThatTheContainerDisposesOf()
    {
        EmotionRecognizer recognizer;
        using (ServiceProvider services = new ServiceCollection().AddEmotionRecognizer().BuildServiceProvider())
        {
            recognizer = services.GetRequiredService<EmotionRecognizer>();
            Assert.Same(recognizer, services.GetRequiredService<EmotionRecognizer>());
            Assert.Empty(recognizer.Recognize(new ImageMemory(new byte[64 * 64], 64, 64, PixelFormat.Gray8)));
        }

        Assert.Throws<ObjectDisposedException>(() => recognizer.Recognize(new ImageMemory(new byte[64 * 64], 64, 64, PixelFormat.Gray8)));
    }

    [Fact]
    public void AddEmotionClassifier_Resolved_IsOneClassifierOfTheDefaultHeadThatTheContainerDisposesOf()
    {
        using EmotionClassifier expected = EmotionClassifier.LoadDefault();
        EmotionClassifier classifier;
        using (ServiceProvider services = new ServiceCollection().AddEmotionClassifier().BuildServiceProvider())
        {
            classifier = services.GetRequiredService<EmotionClassifier>();
            Assert.Same(classifier, services.GetRequiredService<EmotionClassifier>());
            Assert.Equal(expected.Classify(new ImageMemory(Face, 48, 48, PixelFormat.Gray8)), classifier.Classify(new ImageMemory(Face, 48, 48, PixelFormat.Gray8)));
        }

        Assert.Throws<ObjectDisposedException>(() => classifier.Classify(new ImageMemory(Face, 48, 48, PixelFormat.Gray8)));
    }

    [Fact]
    public void AddEmotionClassifier_WithAFactory_UsesItOnceAndKeepsTheFirstRegistration()
    {
        int created = 0;
        using ServiceProvider services = new ServiceCollection()
            .AddEmotionClassifier(_ =>
            {
                created++;
                return EmotionClassifier.LoadDefault(head: EmotionHead.Labels);
            })
            .AddEmotionClassifier()
            .BuildServiceProvider();
        using EmotionClassifier expected = EmotionClassifier.LoadDefault(head: EmotionHead.Labels);

        Assert.Equal(0, created);
        EmotionScores scores = services.GetRequiredService<EmotionClassifier>().Classify(new ImageMemory(Face, 48, 48, PixelFormat.Gray8));

        Assert.Equal(expected.Classify(new ImageMemory(Face, 48, 48, PixelFormat.Gray8)), scores);
        Assert.Single(services.GetServices<EmotionClassifier>());
        Assert.Equal(1, created);
    }

    [Fact]
    public void AddEmotionRecognizer_WithAFactory_UsesItAndKeepsTheFirstRegistration()
    {
        using EmotionRecognizer mine = EmotionRecognizer.Load();
        using ServiceProvider services = new ServiceCollection().AddEmotionRecognizer(_ => mine).AddEmotionRecognizer().BuildServiceProvider();

        Assert.Same(mine, Assert.Single(services.GetServices<EmotionRecognizer>()));
    }
}
