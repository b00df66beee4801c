using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using MlNetEmotion.Onnx;

namespace MlNetEmotion.Detector.Frames;

/// <summary>Loads OpenCV's native library, needed for videos, cameras, windows, drawing and cascades, but not for the faces of still images.</summary>
internal static partial class OpenCvLibrary
{
    private static readonly Lock Gate = new();
    private static int threads;
    private static bool isLoaded;

    /// <summary>Sets the number of threads of each OpenCV operation; by default, one per core.</summary>
    public static void SetThreads(int count)
    {
        lock (Gate)
        {
            threads = count;
            if (isLoaded)
            {
                Cv2.SetNumThreads(count);
            }
        }
    }

    /// <summary>Loads the library if it is not loaded yet.</summary>
    /// <exception cref="UsageException">It cannot be loaded; the message says what to install.</exception>
    public static void Load()
    {
        lock (Gate)
        {
            if (isLoaded)
            {
                return;
            }

            // Unless the user has set these variables: no error messages on standard error, which would mix with the programs' output, and no hardware
            // transforms in Media Foundation, with which opening a camera takes up to a minute.
            Set("OPENCV_LOG_LEVEL", "SILENT");
            Set("OPENCV_FFMPEG_LOGLEVEL", "-8");
            Set("OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS", "0");
            try
            {
                NativeLibrary.Load("OpenCvSharpExtern", typeof(Cv2).Assembly, searchPath: null);
            }
            catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
            {
                throw new UsageException(Explain(e.Message), e);
            }

            isLoaded = true;
            if (threads > 0)
            {
                Cv2.SetNumThreads(threads);
            }
        }
    }

    /// <summary>Loads the library and creates an empty matrix.</summary>
    /// <exception cref="UsageException">The library cannot be loaded; the message says what to install.</exception>
    public static Mat CreateMat()
    {
        Load();
        return new Mat();
    }

    // On Unix .NET's variables do not reach native libraries; on Windows this library copies them when it is loaded.
    private static void Set(string name, string value)
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = OnnxSession.SetNativeVariable(name, value, overwrite: 0);
        }
        else if (Environment.GetEnvironmentVariable(name) is null)
        {
            Environment.SetEnvironmentVariable(name, value);
        }
    }

    /// <summary>Explains a failure to load the library, and what to install, from the system's message.</summary>
    internal static string Explain(string message, string? runtime = null)
    {
        string missing = MissingLibrary().Matches(message).Select(match => match.Value).FirstOrDefault(name => !name.Contains("OpenCvSharp", StringComparison.Ordinal), "");
        string package = missing.StartsWith("libdrm", StringComparison.Ordinal) ? "libdrm2"
            : missing.StartsWith("libatomic", StringComparison.Ordinal) ? "libatomic1"
            : "libgtk-3-0";    // depends on all others
        runtime ??= RuntimeInformation.RuntimeIdentifier;
        string cause = runtime.StartsWith("win", StringComparison.Ordinal)
            ? $"Windows N and Windows Server need the Media Feature Pack (Media Foundation), too. {message}"
            : message;
        return missing.Length == 0
            ? NativeLibraryError.Explain("OpenCV", "OpenCvSharp4", cause, runtime)
            : $"OpenCV needs {missing}, which is not installed: install the package {package} (Debian, Ubuntu: apt-get install {package}).";
    }

    [GeneratedRegex(@"lib[\w+.-]+?\.so[\d.]*(?=: cannot open)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MissingLibrary();
}
