namespace MlNetEmotion.Trainer.Data;

/// <summary>An image that was skipped.</summary>
/// <param name="Source">Its path, or its file and line.</param>
/// <param name="Reason">Why it could not be read.</param>
public sealed record UnreadableImage(string Source, string Reason);
