using System.Collections.ObjectModel;
using System.Text.Json;
using System.Text.Json.Nodes;
using MlNetEmotion.Onnx;

namespace MlNetEmotion;

/// <summary>The ONNX metadata properties of an emotion model.</summary>
public sealed record ModelMetadata
{
    /// <summary>The labels in index order.</summary>
    public IReadOnlyList<string> Labels { get; init; } = Emotions.Labels;

    /// <summary>The input's preprocessing.</summary>
    public string InputDescription { get; init; } = EmotionModel.InputDescription;

    /// <summary>The network's name, for example <c>emonet</c>; empty if the file has none.</summary>
    public string Network { get; init; } = "";

    /// <summary>The training data; empty if the file does not name it.</summary>
    public string TrainingData { get; init; } = "";

    /// <summary>Measured figures by name, for example <c>validationAccuracy</c>: 0.66.</summary>
    public IReadOnlyDictionary<string, double> Figures { get; init; } = ReadOnlyDictionary<string, double>.Empty;

    /// <summary>The version of MlNetEmotion that wrote the file; empty if the file has none.</summary>
    public string Version { get; init; } = "";

    /// <summary>Parses a model's properties.</summary>
    /// <param name="name">The model's name in error messages, usually its path.</param>
    /// <exception cref="ModelException">The figures are not a JSON object of numbers.</exception>
    public static ModelMetadata FromProperties(IReadOnlyDictionary<string, string> properties, string name) => new()
    {
        Labels = properties.GetValueOrDefault(EmotionModel.LabelsKey, "")
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
        InputDescription = properties.GetValueOrDefault(EmotionModel.InputKey, ""),
        Network = properties.GetValueOrDefault(EmotionModel.NetworkKey, ""),
        TrainingData = properties.GetValueOrDefault(EmotionModel.TrainingDataKey, ""),
        Figures = ParseFigures(properties.GetValueOrDefault(EmotionModel.FiguresKey, "{}"), name),
        Version = properties.GetValueOrDefault(EmotionModel.VersionKey, ""),
    };

    /// <summary>The keys and values for the ONNX file, in a fixed order; <see cref="FromProperties"/> parses them.</summary>
    /// <exception cref="ArgumentException">A figure is not finite.</exception>
    public IReadOnlyList<KeyValuePair<string, string>> ToProperties() =>
    [
        new(EmotionModel.LabelsKey, string.Join(',', Labels)),
        new(EmotionModel.InputKey, InputDescription),
        new(EmotionModel.NetworkKey, Network),
        new(EmotionModel.TrainingDataKey, TrainingData),
        new(EmotionModel.FiguresKey, FormatFigures()),
        new(EmotionModel.VersionKey, Version),
    ];

    private static ReadOnlyDictionary<string, double> ParseFigures(string json, string name)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return document.RootElement.EnumerateObject().ToDictionary(figure => figure.Name, figure => figure.Value.GetDouble()).AsReadOnly();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new ModelException(
                $"{name}: metadata '{EmotionModel.FiguresKey}' is '{json}', expected a JSON object of numbers; {EmotionModel.Remedy}", e);
        }
    }

    private string FormatFigures() =>
        new JsonObject(Figures.Select(f => KeyValuePair.Create(f.Key, (JsonNode?)f.Value))).ToJsonString();
}
