using System.Collections.Frozen;

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

/// <summary>The names that splits go by, in folders and in FER2013's CSV.</summary>
internal static class SplitNames
{
    private static readonly FrozenDictionary<string, Split> ByName = new Dictionary<string, Split>
    {
        ["train"] = Split.Train, ["training"] = Split.Train,
        ["validation"] = Split.Validation, ["val"] = Split.Validation, ["valid"] = Split.Validation, ["publictest"] = Split.Validation,
        ["test"] = Split.Test, ["testing"] = Split.Test, ["privatetest"] = Split.Test,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    public static bool TryParse(string text, out Split split) => ByName.TryGetValue(text.Trim(), out split);
}
