using MlNetEmotion.Detector.Running;
using MlNetEmotion.Programs.Samples;
using MlNetEmotion.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests;

/// <summary>Which of the project's assemblies may know which others: dependencies point one way.</summary>
public sealed class DependencyTests
{
    [Theory]
    [InlineData(typeof(EmotionClassifier))]
    [InlineData(typeof(SampleFaces), "MlNetEmotion")]
    [InlineData(typeof(FaceDataset), "MlNetEmotion", "MlNetEmotion.Programs")]
    [InlineData(typeof(DetectorOptions), "MlNetEmotion", "MlNetEmotion.Programs")]
    public void Assembly_KnowsOnlyThoseBelowIt(Type type, params string[] below) => Assert.Empty(
        type.Assembly.GetReferencedAssemblies().Select(assembly => assembly.Name!)
            .Where(name => name.StartsWith("MlNetEmotion", StringComparison.Ordinal)).Except(below));
}
