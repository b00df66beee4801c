namespace MlNetEmotion.Detector.Faces;

/// <summary>Where cascades are: in the user's model folder, or where installations of OpenCV keep those that come with it.</summary>
internal static class CascadeFiles
{
    public const string Haar = "haarcascades/haarcascade_frontalface_default.xml";
    public const string Lbp = "lbpcascades/lbpcascade_frontalface.xml";

    private static readonly string[] DataFolders =
    [
        "/usr/share/opencv4", "/usr/local/share/opencv4", "/usr/share/opencv", "/usr/local/share/opencv",
        "/opt/homebrew/share/opencv4", "/opt/homebrew/opt/opencv/share/opencv4",
    ];

    /// <summary>Finds a cascade.</summary>
    /// <exception cref="FileNotFoundException">It is in none of the usual places.</exception>
    public static string Find(string name)
    {
        // The archive for Windows sets OpenCV_DIR to its build folder, or to the libraries in it.
        string? windows = Environment.GetEnvironmentVariable("OpenCV_DIR");
        string[] folders = windows is null
            ? DataFolders
            : [Path.Combine(windows, "etc"), Path.GetFullPath(Path.Combine(windows, "../../etc")), .. DataFolders];
        string own = ModelFolder.PathOf(name);
        return folders.Select(folder => Path.Combine(folder, name)).Prepend(own).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException(
                $"{Path.GetFileName(name)} is in none of {string.Join(", ", folders.Prepend(ModelFolder.Path))}: run 'Detector models download' for the Haar cascade, install OpenCV's data (Debian's package opencv-data) for both, or name the file with '--face-model'.",
                name);
    }
}
