using MlNetEmotion.Detector.Running;
using MlNetEmotion.Programs.Samples;
using MlNetEmotion.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests;

/// <summary>Which of the project's assemblies and engines each assembly may know: dependencies point one way.</summary>
public sealed class DependencyTests
{
    private static readonly string[] Watched = ["Microsoft.ML.DataView", "MlNetEmotion", "OpenCvSharp", "SkiaSharp", "TorchSharp"];

    [Theory]
    [InlineData(typeof(EmotionClassifier))]
    [InlineData(typeof(EmotionCatalog), "Microsoft.ML.DataView", "MlNetEmotion", "SkiaSharp")]
    [InlineData(typeof(SampleFaces), "MlNetEmotion")]
    [InlineData(typeof(FaceDataset), "Microsoft.ML.DataView", "MlNetEmotion", "MlNetEmotion.ML", "MlNetEmotion.Programs", "SkiaSharp", "TorchSharp")]
    [InlineData(typeof(DetectorOptions), "Microsoft.ML.DataView", "MlNetEmotion", "MlNetEmotion.ML", "MlNetEmotion.Programs", "OpenCvSharp")]
    public void Assembly_KnowsOnlyThoseBelowIt(Type type, params string[] below) => Assert.Equal(
        below.Order(StringComparer.Ordinal),
        type.Assembly.GetReferencedAssemblies().Select(assembly => assembly.Name!)
            .Where(name => Watched.Any(watched => name.StartsWith(watched, StringComparison.Ordinal))).Order(StringComparer.Ordinal));
}
