using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using MlNetEmotion.Onnx;

namespace MlNetEmotion.Detector.Frames;

/// <summary>OpenCV's native library: what it must be told before it is loaded, and what to do where it can't
/// be.</summary>
internal static partial class OpenCvLibrary
{
    /// <summary>/// OpenCV and FFmpeg report failures by status; their own copies on standard error would only break up
    /// the programs' output. Whoever wants them sets these variables. Must come before the library's first use, and
    /// .NET's own way of setting variables does not reach it.</summary>
    public static void Configure()
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = OnnxSession.SetNativeVariable("OPENCV_LOG_LEVEL", "SILENT", overwrite: 0);
            _ = OnnxSession.SetNativeVariable("OPENCV_FFMPEG_LOGLEVEL", "-8", overwrite: 0);
        }
    }

    public static void Load()
    {
        Configure();
        try
        {
            NativeLibrary.Load("OpenCvSharpExtern", typeof(Cv2).Assembly, searchPath: null);
        }
        catch (DllNotFoundException e)
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
