namespace MlNetEmotion.Trainer.Data;

/// <summary>What a training run learns from and is chosen by.</summary>
/// <param name="Train">Faces to learn from.</param>
/// <param name="Validation">Faces to measure on.</param>
/// <param name="IsHeldOut">Whether the validation faces were held out of the training data for want of a validation split.</param>
/// <param name="Dropped">Training faces that were left out because they stand, identically or nearly, in another split.</param>
public sealed record TrainingData(FaceDataset Train, FaceDataset Validation, bool IsHeldOut, int Dropped = 0)
{
    /// <summary>Leaves training faces out that stand, identically or nearly, among the validation faces or others.</summary>
    /// <param name="others">More faces that must not be trained on, for example a test split; may be empty.</param>
    public TrainingData DropDuplicates(FaceDataset others)
    {
        int[] twins = [.. TwinFinder.Shared(Train, Validation).Union(TwinFinder.Shared(Train, others))];
        return this with { Train = Train.Without(twins), Dropped = twins.Length };
    }
}
