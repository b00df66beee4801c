namespace MlNetEmotion.Detector.Faces;

/// <summary>Where a user keeps face detectors' models: <c>MlNetEmotion/models</c> in the folder of the user's data (on Linux
/// <c>$XDG_DATA_HOME</c> or <c>~/.local/share</c>).</summary>
internal static class ModelFolder
{
    /// <summary>A YuNet's file is called this and anything.</summary>
    public const string YuNetPattern = "*yunet*.onnx";

    /// <summary>The folder; need not exist.</summary>
    public static string Path =>
        System.IO.Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "MlNetEmotion", "models");

    /// <summary>The networks and cascades in it, by name.</summary>
    public static string[] Files => [.. Find("*.onnx").Concat(Find("*.xml")).Order(StringComparer.Ordinal)];

    /// <summary>The YuNet face detector in it: the last by name, so that a newer date wins; null for none.</summary>
    public static string? YuNet => Find(YuNetPattern).Order(StringComparer.Ordinal).LastOrDefault();

    /// <summary>Where a file of that name would be, whatever folder it has elsewhere.</summary>
    public static string PathOf(string name) => System.IO.Path.Combine(Path, System.IO.Path.GetFileName(name));

    private static IEnumerable<string> Find(string pattern) => Directory.Exists(Path) ? Directory.EnumerateFiles(Path, pattern) : [];
}
