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

    /// <summary>Starts it with its output and its log redirected.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">There is no such program.</exception>
    public static Process Start(params string[] arguments) => Process.Start(
        new ProcessStartInfo("ffmpeg", arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;

    /// <summary>A file or URL as ffmpeg's argument. Without <c>file:</c>, a name with a colon in it would be another protocol's.</summary>
    public static string Input(string pathOrUrl) => FrameSources.IsUrl(pathOrUrl) ? pathOrUrl : "file:" + Path.GetFullPath(pathOrUrl);

    /// <summary>The end of a file's last packet, of whichever stream, by the container's clock; null where it cannot be read. Reads the whole
    /// file, and decodes nothing.</summary>
    public static TimeSpan? LastTime(string path)
    {
        using Process process = Start("-v", "error", "-nostdin", "-copyts", "-progress", "pipe:1", "-i", Input(path), "-map", "0", "-c", "copy", "-copy_unknown", "-f", "null", "-");
        Task<string> errors = process.StandardError.ReadToEndAsync();
        TimeSpan? last = null;
        while (process.StandardOutput.ReadLine() is { } line)
        {
            const string Label = "out_time_us=";
            if (line.StartsWith(Label, StringComparison.Ordinal) && long.TryParse(line.AsSpan(Label.Length), CultureInfo.InvariantCulture, out long microseconds))
            {
                last = TimeSpan.FromMicroseconds(microseconds);
            }
        }

        process.WaitForExit();
        errors.Wait();
        return process.ExitCode == 0 ? last : null;
    }
}
