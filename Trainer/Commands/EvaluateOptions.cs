using MlNetEmotion.Trainer.Data;

namespace MlNetEmotion.Trainer.Commands;

/// <summary>The options of <c>Trainer evaluate</c>.</summary>
internal sealed record EvaluateOptions
{
    private const string DefaultReport = "runs/evaluate/report.html";

    [Setting("The ONNX file; without it, the built-in model", Value = "FILE")] public string? Model { get; init; }
    [Setting("Image folders or FER2013's CSV", Value = "DIR|CSV", Required = true)] public string Data { get; init; } = "";
    [Setting(TrainOptions.ClassesHelp, Value = ClassNames.Form)] public string? Classes { get; init; }
    [Setting(TrainOptions.VotesHelp, Value = "FILE.csv")] public string[] Votes { get; init; } = [];

    /// <summary>The part of the data, which the data must then have; null for the validation faces, or all of data without splits.</summary>
    [Setting("The part of the data; without this option, data without splits is used as a whole [default: validation]", Value = "train|validation|test", OneOf = ["train", "validation", "test"])]
    public string? Split { get; init; }
    [Setting("Fail at an unreadable image instead of skipping it")] public bool Strict { get; init; }
    [Setting("Average over ten views of each face: unchanged, shifted by 2 pixels in four directions, and all mirrored; with --crop, its centre and corners instead")] public bool Tta { get; init; }
    [Setting("With --tta, the side of the crops, which are enlarged to the whole face, as in training with --crop", Min = 1, Max = FacePreprocessor.Size)] public int? Crop { get; init; }
    [Setting("Measure on blurred, noisy, dark, compressed, covered, turned and badly cropped images too")] public bool Robustness { get; init; }
    [Setting("The model's training data: measure also without the images that have a duplicate or near-duplicate in it", Value = "DIR|CSV")] public string? Against { get; init; }
    [Setting("Another model, to say whether this one is better on the same faces: by an exact paired test", Value = "FILE.onnx")] public string? AgainstModel { get; init; }
    [Setting("Write the metrics as JSON", Value = "FILE")] public string? Json { get; init; }
    [Setting($"The report's file; without it {DefaultReport}, which is overwritten", Value = "FILE.html")] public string? Report { get; init; }
    [Setting("Leave images of faces out of the report")] public bool NoImages { get; init; }
    [Setting(OutputFiles.ForceHelp)] public bool Force { get; init; }

    public Split Part => Enum.Parse<Split>(Split ?? "validation", ignoreCase: true);

    public string ReportFile => Report ?? DefaultReport;

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
        new("Split", $"{Part}"),
        new("Test-time augmentation", !Tta ? "none" : Crop > 0 ? $"ten views: crops of {Crop} pixels, mirrored" : "ten views: shifted by 2 pixels, mirrored"),
    ];
}
