using System.ComponentModel;
using System.Globalization;

namespace MlNetEmotion.Detector.Sources;

/// <summary>The ffmpeg program on the PATH.</summary>
internal static class Ffmpeg
{
    /// <summary>The time to wait for a signal that ended ffmpeg to reach this process too, if it was sent to both: Ctrl+C, or any signal to the process
    /// group.</summary>
    public static readonly TimeSpan SignalDelay = TimeSpan.FromSeconds(2);

    // .NET's exit codes of processes ended by a signal, and ffmpeg's own exit code after SIGINT and SIGTERM, which it handles.
    private const int FirstSignal = 129;
    private const int LastSignal = 159;
    private const int Stopped = 255;

    /// <summary>Whether an exit code means that ffmpeg was ended by a signal, from the user or another program.</summary>
    public static bool WasSignalled(int exitCode) => exitCode is Stopped or (>= FirstSignal and <= LastSignal);

    /// <summary>The command that installs ffmpeg on this system.</summary>
    public static string Installation { get; } =
        OperatingSystem.IsWindows() ? "winget install Gyan.FFmpeg"
        : OperatingSystem.IsMacOS() ? "brew install ffmpeg"
        : "Debian, Ubuntu: apt-get install ffmpeg";

    /// <summary>Finds ffmpeg, or another of its programs, on the PATH. .NET and Windows would search the working folder first, where a file downloaded along
    /// with the videos may have the same name.</summary>
    /// <returns>The full path; null if no folder of the PATH has it.</returns>
    public static string? Find(string program = "ffmpeg")
    {
        string name = OperatingSystem.IsWindows() ? $"{program}.exe" : program;
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Where(Path.IsPathFullyQualified).Select(folder => Path.Combine(folder, name)).FirstOrDefault(IsProgram);
    }

    /// <summary>Starts ffmpeg, or another of its programs, with standard output and error redirected.</summary>
    /// <param name="takesInput">Whether standard input is redirected too, rather than this process's own.</param>
    /// <exception cref="Win32Exception">The program is not on the PATH.</exception>
    public static Process Start(IEnumerable<string> arguments, string program = "ffmpeg", bool takesInput = false) => Process.Start(
        new ProcessStartInfo(Find(program) ?? throw new Win32Exception($"no {program} on the PATH"), arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = takesInput,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;

    /// <summary>A file or URL as an argument of ffmpeg. Without <c>file:</c>, a file name with a colon would be read as another protocol.</summary>
    public static string Input(string pathOrUrl) => FrameSources.IsUrl(pathOrUrl) ? pathOrUrl : "file:" + Path.GetFullPath(pathOrUrl);

    /// <summary>The time of a file's last packet in any stream, by the container's clock; null if ffprobe is missing or finds none. Reads the whole file
    /// without decoding it.</summary>
    public static TimeSpan? LastTime(string path)
    {
        double last = double.NegativeInfinity;
        try
        {
            using Process process = Start(["-v", "quiet", "-show_entries", "packet=pts_time", "-of", "csv=p=0", Input(path)], "ffprobe");
            process.StandardError.Close();
            while (process.StandardOutput.ReadLine() is { } line)
            {
                // A packet's side data follow after a comma.
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
}
