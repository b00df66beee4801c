namespace MlNetEmotion.Detector.Faces;

/// <summary>The user's model folder: <c>MlNetEmotion/models</c> in the folder of application data (on Linux <c>$XDG_DATA_HOME</c> or
/// <c>~/.local/share</c>).</summary>
internal static class ModelFolder
{
    /// <summary>The folder's path; it may not exist.</summary>
    public static string Path => System.IO.Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "MlNetEmotion", "models");

    /// <summary>The networks and cascades in the folder, sorted by path.</summary>
    public static string[] Files => [.. Find("*.onnx").Concat(Find("*.xml")).Order(StringComparer.Ordinal)];

    /// <summary>Returns the path that a file would have in the folder; other folders in its name are dropped.</summary>
    public static string PathOf(string name) => System.IO.Path.Combine(Path, System.IO.Path.GetFileName(name));

    private static IEnumerable<string> Find(string pattern) => Directory.Exists(Path) ? Directory.EnumerateFiles(Path, pattern) : [];
}

/// <summary>Finds cascade files in the user's model folder or in the data folders of OpenCV installations.</summary>
internal static class CascadeFiles
{
    public const string Haar = "haarcascades/haarcascade_frontalface_default.xml";
    public const string Lbp = "lbpcascades/lbpcascade_frontalface.xml";

    private static readonly string[] DataFolders =
    [
        "/usr/share/opencv4", "/usr/local/share/opencv4", "/usr/share/opencv", "/usr/local/share/opencv",
        "/opt/homebrew/share/opencv4", "/opt/homebrew/opt/opencv/share/opencv4",
    ];

    /// <exception cref="FileNotFoundException">No folder has the file.</exception>
    public static string Find(string name) => FindOrNull(name) ?? throw new FileNotFoundException(
        $"{Path.GetFileName(name)} is in none of {string.Join(", ", Folders().Prepend(ModelFolder.Path))}: run 'Detector models download', name the file with '--face-model', "
        + "or leave out '--face-detector' for YuNet, which comes with the program.",
        name);

    public static string? FindOrNull(string name) =>
        Folders().Select(folder => Path.Combine(folder, name)).Prepend(ModelFolder.PathOf(name)).FirstOrDefault(File.Exists);

    private static string[] Folders() =>
        // OpenCV's release for Windows sets OpenCV_DIR to its build folder, or to the libraries' folder in it.
        Environment.GetEnvironmentVariable("OpenCV_DIR") is not { } windows ? DataFolders
        : [Path.Combine(windows, "etc"), Path.GetFullPath(Path.Combine(windows, "../../etc")), .. DataFolders];
}
