namespace MlNetEmotion.Trainer.Data;

/// <summary>How a data view is materialized.</summary>
public sealed record LoadOptions
{
    /// <summary>Whether an unreadable image is an error rather than skipped and listed.</summary>
    public bool Strict { get; init; }

    /// <summary>Told now and then, on the loading thread.</summary>
    public IProgress<LoadProgress>? Progress { get; init; }

    /// <summary>Stops loading.</summary>
    public CancellationToken CancellationToken { get; init; }
}
