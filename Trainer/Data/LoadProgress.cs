namespace MlNetEmotion.Trainer.Data;

/// <summary>How far loading has come.</summary>
/// <param name="Read">Images read.</param>
/// <param name="Unreadable">Images skipped.</param>
/// <param name="Total">Images there are, where that is known.</param>
public readonly record struct LoadProgress(int Read, int Unreadable, long? Total);
