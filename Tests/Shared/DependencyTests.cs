using Xunit;

namespace MlNetEmotion.Tests.Shared;

public sealed class DependencyTests
{
    [Fact]
    public void Shared_DependsOnNothingButTheRuntime() =>
        Assert.All(
            typeof(EmotionClassifier).Assembly.GetReferencedAssemblies(),
            assembly => Assert.StartsWith("System.", assembly.Name, StringComparison.Ordinal));
}
