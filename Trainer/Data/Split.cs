namespace MlNetEmotion.Trainer.Data;

/// <summary>What a sample is for, as its folder or its CSV row says.</summary>
public enum Split
{
    /// <summary>The source does not say.</summary>
    Unspecified,

    /// <summary>Learning.</summary>
    Train,

    /// <summary>Choosing among trained networks.</summary>
    Validation,

    /// <summary>Measuring the chosen one.</summary>
    Test,
}
