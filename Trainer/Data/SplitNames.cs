using System.Collections.Frozen;

namespace MlNetEmotion.Trainer.Data;

/// <summary>The names that splits go by, in folders and in FER2013's CSV.</summary>
internal static class SplitNames
{
    private static readonly FrozenDictionary<string, Split> ByName = new Dictionary<string, Split>
    {
        ["train"] = Split.Train, ["training"] = Split.Train,
        ["validation"] = Split.Validation, ["val"] = Split.Validation, ["valid"] = Split.Validation, ["publictest"] = Split.Validation,
        ["test"] = Split.Test, ["testing"] = Split.Test, ["privatetest"] = Split.Test,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads a split's name, whatever the case.</summary>
    /// <param name="text">For example <c>val</c> or <c>PublicTest</c>.</param>
    /// <param name="split">The split, where the text names one.</param>
    public static bool TryParse(string text, out Split split) => ByName.TryGetValue(text.Trim(), out split);
}
