using System.Runtime.InteropServices;

namespace MlNetEmotion.Onnx;

/// <summary>Error messages for native libraries that cannot be loaded, with the usual cause on the system and the remedy.</summary>
internal static class NativeLibraryError
{
    /// <summary>Explains why a library was not loaded.</summary>
    /// <param name="library">The library's display name.</param>
    /// <param name="package">The NuGet package that contains it.</param>
    /// <param name="cause">The system's error message.</param>
    /// <param name="runtime">The system's runtime identifier, such as linux-x64; null for this one.</param>
    public static string Explain(string library, string package, string cause, string? runtime = null)
    {
        runtime ??= RuntimeInformation.RuntimeIdentifier;
        string remedy =
            IsMusl(runtime) ? "it is built for glibc, and this system has musl, as Alpine does. Use a system or container image with glibc, such as Debian or Ubuntu"
            : runtime.StartsWith("win", StringComparison.Ordinal) ? $"it comes with the NuGet package {package}, and needs the Microsoft Visual C++ 2015-2022 Redistributable (winget install Microsoft.VCRedist.2015+.{Architecture(runtime)})"
            : $"it comes with the NuGet package {package}";
        return $"{library} cannot be loaded on {runtime}: {remedy}. {cause.ReplaceLineEndings(" ").Trim()}";
    }

    private static bool IsMusl(string runtime) => runtime.Contains("musl", StringComparison.Ordinal) || runtime.StartsWith("alpine", StringComparison.Ordinal);

    private static string Architecture(string runtime) => runtime[(runtime.LastIndexOf('-') + 1)..];
}
