namespace MlNetEmotion.Programs;

/// <summary>What the programs answer their caller.</summary>
public static class ExitCodes
{
    /// <summary>Done, or stopped in order by the user.</summary>
    public const int Success = 0;

    /// <summary>Failed while running.</summary>
    public const int Failure = 1;

    /// <summary>Wrong usage or unusable input: nothing was done.</summary>
    public const int Usage = 2;
}
