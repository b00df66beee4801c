using MlNetEmotion.Trainer.Data;

namespace MlNetEmotion.Trainer.Commands;

/// <summary>What <c>Trainer evaluate</c> was asked for.</summary>
/// <param name="Model">The ONNX file, or null for the model that comes with MlNetEmotion.</param>
/// <param name="Classes">What the data's names of classes mean.</param>
/// <param name="Crop">The side of the views' crops; 0 for views of whole faces.</param>
/// <param name="Against">The data that the model was trained on, to find duplicates in, or null.</param>
internal sealed record EvaluationRequest(
    string? Model, string Data, ClassNames Classes, Split Split, bool Strict, bool TestTimeAugmentation, int Crop,
    IReadOnlyList<string> Votes, bool Robustness, string? Against, string? Json, string Report, bool NoImages)
{
    /// <summary>Whether the split was typed: then the data must have it.</summary>
    public bool IsSplitTyped { get; init; }

    /// <summary>What the report calls the model.</summary>
    public string ModelName => Model is null ? "The built-in model" : Path.GetFileName(Model);

    /// <summary>What the report calls the data: a report that is passed on tells no folders of this machine.</summary>
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
