using System.ComponentModel;
using System.Globalization;

namespace MlNetEmotion.Detector.Sources;

/// <summary>The ffmpeg program on the PATH.</summary>
internal static class Ffmpeg
{
    /// <summary>The time within which a signal that ended it reaches this process as well, where it was meant for both: Ctrl+C, and whatever
    /// ends a group of processes.</summary>
    public static readonly TimeSpan SignalDelay = TimeSpan.FromSeconds(2);

    // .NET's exit codes of a process that a signal ended, and ffmpeg's own after SIGINT and SIGTERM, which it handles.
    private const int FirstSignal = 129;
    private const int LastSignal = 159;
    private const int Stopped = 255;

    /// <summary>Whether an exit code says that a signal ended it, from the user or another program.</summary>
    public static bool WasSignalled(int exitCode) => exitCode is Stopped or (>= FirstSignal and <= LastSignal);

    /// <summary>The way to install it, by the system.</summary>
    public static string Installation { get; } =
        OperatingSystem.IsWindows() ? "winget install Gyan.FFmpeg"
        : OperatingSystem.IsMacOS() ? "brew install ffmpeg"
        : "Debian, Ubuntu: apt-get install ffmpeg";

    /// <summary>Finds it, or a program that comes with it. .NET and Windows would look in the working folder first, where a file that was downloaded
    /// with the videos may have its name.</summary>
    /// <returns>The full path; null where it is in no folder of the PATH.</returns>
    public static string? Find(string program = "ffmpeg")
    {
        string name = OperatingSystem.IsWindows() ? $"{program}.exe" : program;
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Where(Path.IsPathFullyQualified).Select(folder => Path.Combine(folder, name)).FirstOrDefault(IsProgram);
    }

    /// <summary>Starts it with its output and its log redirected.</summary>
    /// <exception cref="Win32Exception">There is no such program.</exception>
    public static Process Start(params string[] arguments) => Start("ffmpeg", arguments);

    /// <summary>A file or URL as ffmpeg's argument. Without <c>file:</c>, a name with a colon in it would be another protocol's.</summary>
    public static string Input(string pathOrUrl) => FrameSources.IsUrl(pathOrUrl) ? pathOrUrl : "file:" + Path.GetFullPath(pathOrUrl);

    /// <summary>The time of a file's last packet, of whichever stream, by the container's clock; null where ffprobe is missing or finds none.
    /// Reads the whole file, and decodes nothing.</summary>
    public static TimeSpan? LastTime(string path)
    {
        double last = double.NegativeInfinity;
        try
        {
            using Process process = Start("ffprobe", "-v", "quiet", "-show_entries", "packet=pts_time", "-of", "csv=p=0", Input(path));
            process.StandardError.Close();
            while (process.StandardOutput.ReadLine() is { } line)
            {
                // Side data, if a packet has some, follow after a comma.
                ReadOnlySpan<char> time = line.AsSpan(0, line.IndexOf(',') is >= 0 and var end ? end : line.Length);
                last = double.TryParse(time, CultureInfo.InvariantCulture, out double seconds) ? Math.Max(last, seconds) : last;
            }
        }
        catch (Win32Exception)
        {
            return null;
        }

        return double.IsFinite(last) ? TimeSpan.FromSeconds(last) : null;
    }

    private static bool IsProgram(string path) =>
        File.Exists(path) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != UnixFileMode.None);

    private static Process Start(string program, params string[] arguments) => Process.Start(
        new ProcessStartInfo(Find(program) ?? throw new Win32Exception($"no {program} on the PATH"), arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
}
