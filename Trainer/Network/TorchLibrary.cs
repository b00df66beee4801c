using System.Reflection;
using System.Runtime.InteropServices;
using MlNetEmotion.Onnx;
using TorchSharp;

namespace MlNetEmotion.Trainer.Network;

/// <summary>
/// The native libraries for training: libtorch and TorchSharp's own library. They are loaded here first, because TorchSharp reports every failure as a
/// missing package, after copying all of libtorch for a second attempt.
/// </summary>
internal static class TorchLibrary
{
    private const string Binding = "LibTorchSharp", RequiredVersion = "GLIBCXX_3.4.32";

    private static readonly string[] Systems = ["linux-x64", "win-x64", "osx-arm64"];
    private static readonly Lazy<bool> Loaded = new(LoadOnce);

    /// <summary>Loads the libraries once; later calls do nothing.</summary>
    /// <exception cref="DllNotFoundException">A library is missing or not for this system; the message says which one and what to do.</exception>
    public static void Load() => _ = Loaded.Value;

    /// <summary>Returns the error message for a library that could not be loaded.</summary>
    /// <param name="library">The library that failed: torch_cpu or LibTorchSharp.</param>
    /// <param name="cause">The system's own message.</param>
    /// <param name="system">The system's runtime identifier, such as linux-x64.</param>
    internal static string Explain(string library, string cause, string system) =>
        cause.Contains(RequiredVersion, StringComparison.Ordinal)
            ? $"TorchSharp's library needs {RequiredVersion}, which this system's libstdc++ does not have (Debian 12, Ubuntu 22.04, RHEL 9). A build with the package MlNetEmotion.Training, "
                + "or with Trainer/TorchSharp.targets imported, makes a copy that does without; scripts (#r) need a newer system"
        : Array.IndexOf(Systems, system) < 0 && !system.Contains("musl", StringComparison.Ordinal)
            ? $"there is no libtorch for {system}: training runs on {string.Join(", ", Systems)}. {cause.ReplaceLineEndings(" ").Trim()}"
        : library == Binding
            ? NativeLibraryError.Explain("TorchSharp's library", "TorchSharp", cause, system)
            : NativeLibraryError.Explain("libtorch", $"libtorch-cpu-{system}", cause, system);

    private static bool LoadOnce()
    {
        Assembly torchSharp = typeof(torch).Assembly;
        if (!NativeLibrary.TryLoad(Binding, torchSharp, null, out _))
        {
            Load("torch_cpu", torchSharp);
            Load("torch", torchSharp);

            // A project that references the Trainer as a project imports no targets, so it gets the copy that the Trainer's build made.
            if (!NativeLibrary.TryLoad(Path.Combine(AppContext.BaseDirectory, "torch", $"lib{Binding}.so"), out _))
            {
                Load(Binding, torchSharp);
            }
        }

        return true;
    }

    private static void Load(string library, Assembly torchSharp)
    {
        try
        {
            _ = NativeLibrary.Load(library, torchSharp, null);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new DllNotFoundException(Explain(library, Reason(e.Message), System()), e);
        }
    }

    // .NET's message has a line for each place that it searched; the reason is the line of a file that exists but fails.
    private static string Reason(string message)
    {
        string[] lines = [.. message.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
        return lines.Length > 1 && lines.Skip(1).All(line => line.Contains("No such file", StringComparison.Ordinal))
            ? "No such file is beside the program."
            : lines.Skip(1).FirstOrDefault(line => !line.Contains("No such file", StringComparison.Ordinal)) ?? lines[0];
    }

    // The .NET of a Linux distribution has a runtime identifier such as ubuntu.24.04-x64.
    private static string System()
    {
        string architecture = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
        bool musl = RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal) || RuntimeInformation.RuntimeIdentifier.StartsWith("alpine", StringComparison.Ordinal);
        return OperatingSystem.IsWindows() ? $"win-{architecture}" : OperatingSystem.IsMacOS() ? $"osx-{architecture}" : $"linux-{(musl ? "musl-" : "")}{architecture}";
    }
}
