using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using MlNetEmotion.Onnx;

namespace MlNetEmotion.Detector.Frames;

/// <summary>Loads OpenCV's native library. Videos, cameras, windows, drawing and cascades need it; the faces of still pictures don't.</summary>
internal static partial class OpenCvLibrary
{
    private static readonly Lock Gate = new();
    private static int threads;
    private static bool isLoaded;

    /// <summary>The number of threads that an operation of OpenCV's may use; 0 for OpenCV's default, a thread for each core.</summary>
    public static int Threads
    {
        get => threads;
        set
        {
            lock (Gate)
            {
                threads = value;
                if (isLoaded)
                {
                    Cv2.SetNumThreads(value);
                }
            }
        }
    }

    /// <summary>Loads the library, unless it is loaded already.</summary>
    /// <exception cref="UsageException">It cannot be loaded; the message says what to install.</exception>
    public static void Load()
    {
        lock (Gate)
        {
            if (isLoaded)
            {
                return;
            }

            Configure();
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

    // OpenCV's own variables, where the user has not set them, before the library is loaded: no copies of errors on standard error, which break up the
    // programs' output, and no hardware transforms in Media Foundation, with which opening a camera takes up to a minute.
    private static void Configure()
    {
        Set("OPENCV_LOG_LEVEL", "SILENT");
        Set("OPENCV_FFMPEG_LOGLEVEL", "-8");
        Set("OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS", "0");
    }

    // On Unix .NET's own variables do not reach a library; on Windows this one has its own copy of them, made when it is loaded.
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

    /// <summary>The remedy, by the system's own message.</summary>
    internal static string Explain(string message, string? runtime = null)
    {
        string missing = MissingLibrary().Matches(message).Select(match => match.Value).FirstOrDefault(name => !name.Contains("OpenCvSharp", StringComparison.Ordinal), "");
        string package = missing.StartsWith("libdrm", StringComparison.Ordinal) ? "libdrm2"
            : missing.StartsWith("libatomic", StringComparison.Ordinal) ? "libatomic1"
            : "libgtk-3-0";    // it brings along all others
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
