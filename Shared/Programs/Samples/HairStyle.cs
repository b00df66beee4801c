namespace MlNetEmotion.Programs.Samples;

/// <summary>How a sample face wears its hair.</summary>
public enum HairStyle
{
    /// <summary>None.</summary>
    Bald,

    /// <summary>Short, with a high hairline.</summary>
    Receding,

    /// <summary>Short all round.</summary>
    Short,

    /// <summary>Short, with a fringe that falls to one side.</summary>
    Parted,

    /// <summary>Tied back: a hairline, ears free.</summary>
    Tied,

    /// <summary>Long, beside the face down to the shoulders.</summary>
    Long,

    /// <summary>A wide round cloud of curls.</summary>
    Curly,
}
