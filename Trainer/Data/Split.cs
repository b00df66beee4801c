using System.Collections.Frozen;

namespace MlNetEmotion.Trainer.Data;

/// <summary>The purpose of a sample, as its folder or its CSV row gives it.</summary>
public enum Split
{
    /// <summary>The source has no splits.</summary>
    Unspecified,

    /// <summary>For training.</summary>
    Train,

    /// <summary>For selecting the best epoch and network.</summary>
    Validation,

    /// <summary>For measuring the selected network.</summary>
    Test,
}

/// <summary>The names of splits in folders and in FER2013's CSV.</summary>
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
