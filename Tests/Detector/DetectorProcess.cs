using System.Diagnostics;
using MlNetEmotion.Detector;

namespace MlNetEmotion.Tests.Detector;

/// <summary>Runs the Detector as a user does.</summary>
internal sealed class DetectorProcess(string? display, params string[] args) : ProgramProcess(Start(display, dataFolder: null, args))
{
    /// <summary>Runs it to completion without a display.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> Run(params string[] args)
    {
        using var detector = new DetectorProcess(display: null, args);
        return await detector.Exit();
    }

    /// <summary>Runs a command line that ends before any work, in this process if that is possible.</summary>
    public static Task<(int ExitCode, string Output, string Error)> RunInProcess(params string[] args) =>
        InProcess.IsPossible ? InProcess.Run(DetectorCommand.Create, args) : Run(args);

    /// <summary>Runs it to completion without a display, with a given folder of user data.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunFor(string dataFolder, params string[] args)
    {
        using var detector = new ProgramProcess(Start(display: null, dataFolder, args));
        return await detector.Exit();
    }

    /// <summary>Runs it to completion without a display and without programs on the PATH.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAlone(params string[] args)
    {
        ProcessStartInfo start = Start(display: null, dataFolder: null, args);
        start.Environment["PATH"] = "/nonexistent";
        using var detector = new ProgramProcess(start);
        return await detector.Exit();
    }

    /// <summary>The command that starts it as on a fresh machine: with an empty home and without OpenCV's data. Linux only, by a mount namespace.</summary>
    internal static ProcessStartInfo StartFresh(string home, params string[] args) => StartFresh(home, hasOpenCv: true, args);

    /// <summary>The same command, with or without a loadable OpenCV library.</summary>
    internal static ProcessStartInfo StartFresh(string home, bool hasOpenCv, params string[] args)
    {
        ProcessStartInfo start = Start(display: null, dataFolder: null, args);
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("XDG_", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }

        start.Environment["HOME"] = home;
        start.Environment["HTTP_PROXY"] = start.Environment["HTTPS_PROXY"];
        string library = hasOpenCv ? "" : $"mount --bind /dev/null '{AppContext.BaseDirectory}runtimes/linux-x64/native/libOpenCvSharpExtern.so' || exit 99;";
        string hideAndRun = $$"""{{library}} for data in /usr/share/opencv* /usr/local/share/opencv*; do if [ -d "$data" ]; then mount -t tmpfs none "$data" || exit 99; fi; done; exec "$@" """;
        string[] command = [start.FileName, .. start.ArgumentList];
        start.FileName = "unshare";
        start.ArgumentList.Clear();
        Array.ForEach(["--map-root-user", "--mount", "sh", "-c", hideAndRun, "sh", .. command], start.ArgumentList.Add);
        return start;
    }

    /// <summary>The start information, without this user's and machine's settings.</summary>
    internal static ProcessStartInfo Start(string? display, string? dataFolder, string[] args)
    {
        ProcessStartInfo start = Beside("Detector", args);
        start.Environment.Remove("WAYLAND_DISPLAY");
        start.Environment["DISPLAY"] = display ?? "";
        start.Environment["XDG_DATA_HOME"] = dataFolder ?? "/nonexistent"; // hides this user's models, on Linux
        start.Environment["HTTPS_PROXY"] = "http://127.0.0.1:1"; // blocks other machines
        return start;
    }
}
