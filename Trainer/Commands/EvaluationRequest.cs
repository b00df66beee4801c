using MlNetEmotion.Trainer.Data;

namespace MlNetEmotion.Trainer.Commands;

/// <summary>The arguments of <c>Trainer evaluate</c>.</summary>
/// <param name="Model">The ONNX file, or null for the built-in model.</param>
/// <param name="Classes">The meaning of the data's class names.</param>
/// <param name="Crop">The side of the crops for test-time augmentation; 0 for shifted faces.</param>
/// <param name="Against">The model's training data, to find duplicates in, or null.</param>
internal sealed record EvaluationRequest(
    string? Model, string Data, ClassNames Classes, Split Split, bool Strict, bool TestTimeAugmentation, int Crop,
    IReadOnlyList<string> Votes, bool Robustness, string? Against, string? Json, string Report, bool NoImages)
{
    /// <summary>Whether the split was typed; the data must then have it.</summary>
    public bool IsSplitTyped { get; init; }

    /// <summary>The model's name in the report.</summary>
    public string ModelName => Model is null ? "The built-in model" : Path.GetFileName(Model);

    /// <summary>The data's name in the report, without its folders, which are private to this machine.</summary>
    public string DataName => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Data)));

    public KeyValuePair<string, string>[] Describe(ModelMetadata metadata) =>
    [
        new("Model", ModelName),
        new("Network", metadata.Network),
        new("Trained on", metadata.TrainingData),
        new("Written by", metadata.Version.Length > 0 ? $"MlNetEmotion {metadata.Version}" : ""),
        new("Evaluated on", DataName),
        new("Split", $"{Split}"),
        new("Test-time augmentation", !TestTimeAugmentation ? "none" : Crop > 0 ? $"ten views: crops of {Crop} pixels, mirrored" : "ten views: shifted by 2 pixels, mirrored"),
    ];
}
