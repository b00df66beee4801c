namespace MlNetEmotion.Trainer.Training;

/// <summary>Told after each step.</summary>
/// <param name="Position">How far the run has come; belongs to the run, read it at once.</param>
/// <param name="BatchCount">Batches an epoch.</param>
/// <param name="Epochs">Epochs of the whole run.</param>
internal readonly record struct TrainingProgress(TrainingPosition Position, int BatchCount, int Epochs);
