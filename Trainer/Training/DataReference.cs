namespace MlNetEmotion.Trainer.Training;

/// <summary>Which data a run learns from, so that a resumed run finds it and knows it again.</summary>
/// <param name="Source">The folder or CSV file, or null for generated sample faces.</param>
/// <param name="Validation">The folder or CSV file of a separate validation set.</param>
/// <param name="Name">What model metadata and reports call the data.</param>
/// <param name="TrainHash">SHA-256 of the training faces and labels.</param>
/// <param name="ValidationHash">SHA-256 of the validation faces and labels.</param>
/// <param name="DropDuplicates">Whether training faces that stand in another split are left out; the hash is of what is left.</param>
internal sealed record DataReference(
    string? Source, string? Validation, string Name, string TrainHash, string ValidationHash, bool DropDuplicates = false);
