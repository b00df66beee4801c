using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using MlNetEmotion.Onnx;

namespace MlNetEmotion.Detector.Frames;

/// <summary>OpenCV's native library: what it must be told before it is loaded, and what to do where it can't
/// be.</summary>
internal static partial class OpenCvLibrary
{
    /// <summary>Sets OpenCV's own variables where the user has not: no copies of errors on standard error, which break up the programs' output, and no
    /// hardware transforms in Media Foundation, with which opening a camera takes up to a minute. Must come before the library's first use.</summary>
    public static void Configure()
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

    public static void Load()
    {
        Configure();
        try
        {
            NativeLibrary.Load("OpenCvSharpExtern", typeof(Cv2).Assembly, searchPath: null);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new UsageException(Explain(e.Message), e);
        }
    }

    /// <summary>The remedy, by the system's own message.</summary>
    internal static string Explain(string message, string? runtime = null)
    {
        string missing = MissingLibrary().Match(message).Value;
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
