using Xunit;

namespace MlNetEmotion.Tests.Shared;

public sealed class ModelMetadataTests
{
    [Fact]
    public void Properties_WrittenAndRead_AreTheSame()
    {
        var metadata = new ModelMetadata
        {
            Network = "emonet",
            TrainingData = "FER2013 train, \"28,709\" images",
            Figures = new Dictionary<string, double> { ["validationAccuracy"] = 0.1 + 0.2, ["tab\there"] = -1e-300 },
            Version = "0.1.0",
        };

        var read = ModelMetadata.FromProperties(metadata.ToProperties().ToDictionary(), "emotion.onnx");

        Assert.Equal(metadata.Labels, read.Labels);
        Assert.Equal(metadata.Figures, read.Figures);
        Assert.Equal(
            (metadata.InputDescription, metadata.Network, metadata.TrainingData, metadata.Version),
            (read.InputDescription, read.Network, read.TrainingData, read.Version));
    }

    [Fact]
    public void Keys_AreTheOnesThatFilesInTheWorldHave() =>
        Assert.Equal(
            ["labels", "input", "network", "training_data", "figures", "version"],
            new ModelMetadata().ToProperties().Select(property => property.Key));

    [Fact]
    public void ToProperties_FigureThatIsNotFinite_Throws() =>
        Assert.Throws<ArgumentException>(() => new ModelMetadata { Figures = new Dictionary<string, double> { ["loss"] = double.NaN } }.ToProperties());
}
