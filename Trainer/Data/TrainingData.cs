namespace MlNetEmotion.Trainer.Data;

/// <summary>What a training run learns from and is chosen by.</summary>
/// <param name="Train">Faces to learn from.</param>
/// <param name="Validation">Faces to measure on.</param>
/// <param name="IsHeldOut">Whether the validation faces were held out of the training data for want of a validation split.</param>
public sealed record TrainingData(FaceDataset Train, FaceDataset Validation, bool IsHeldOut);
