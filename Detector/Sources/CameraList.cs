using System.ComponentModel;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace MlNetEmotion.Detector.Sources;

/// <summary>A camera of this machine.</summary>
/// <param name="Number">The number for <c>--input</c>.</param>
internal sealed record Camera(int Number, string Name);

/// <summary>Lists the cameras: from Video4Linux on Linux, elsewhere from ffmpeg's lists of devices.</summary>
internal static partial class CameraList
{
    private const string LinuxDevices = "/sys/class/video4linux";
    private const int TimeoutMs = 1000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <exception cref="UsageException">The list needs ffmpeg, which is not on the PATH.</exception>
    /// <exception cref="IOException">ffmpeg did not end.</exception>
    public static IReadOnlyList<Camera> Read() =>
        OperatingSystem.IsLinux() ? OfLinux(LinuxDevices)
        : OperatingSystem.IsWindows() ? OfDirectShow(DevicesOfFfmpeg("dshow", "dummy"))
        : OfAvFoundation(DevicesOfFfmpeg("avfoundation", ""));

    /// <summary>Returns the camera that has a text in its name, whatever its case. A name that equals the text precedes those that contain it.</summary>
    /// <exception cref="UsageException">No camera has it, or several have; the message lists the cameras.</exception>
    internal static Camera Find(string text, IReadOnlyList<Camera> cameras)
    {
        Camera[] found = [.. cameras.Where(camera => camera.Name.Contains(text, StringComparison.OrdinalIgnoreCase))];
        Camera[] equal = [.. found.Where(camera => camera.Name.Equals(text, StringComparison.OrdinalIgnoreCase))];
        return equal.Length == 1 ? equal[0]
            : found.Length == 1 ? found[0]
            : found.Length > 1 ? throw new UsageException($"{text}: {found.Length} cameras have this in their names: {List(found)}. Give '--input' more of the name, or the number.")
            : throw new UsageException($"{text}: no such file or folder{(cameras.Count == 0 ? "" : $", nor a camera of this name; there are {List(cameras)}")}. {FrameSources.InputKinds}");

        static string List(IEnumerable<Camera> cameras) => string.Join(", ", cameras.Select(camera => $"{camera.Number} ({camera.Name})"));
    }

    /// <summary>Finds a camera of this machine by a part of its name.</summary>
    /// <exception cref="UsageException">No camera has it, several have, or the list needs ffmpeg.</exception>
    public static Camera Find(string text)
    {
        try
        {
            return Find(text, Read());
        }
        catch (Exception e) when (e is IOException || e.InnerException is Win32Exception)
        {
            throw new UsageException($"{text}: no such file or folder. {FrameSources.InputKinds} As for a camera: {e.Message}", e);
        }
    }

    /// <summary>Reads Video4Linux' folder of devices. Nodes with an index from 1 have a camera's metadata or other streams, not its image.</summary>
    internal static IReadOnlyList<Camera> OfLinux(string folder) => !Directory.Exists(folder) ? [] :
    [
        .. Directory.EnumerateDirectories(folder, "video*")
            .Where(device => int.TryParse(Path.GetFileName(device)["video".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out _) && (Text(device, "index") ?? "0") == "0")
            .Select(device => new Camera(int.Parse(Path.GetFileName(device)["video".Length..], CultureInfo.InvariantCulture), Text(device, "name") ?? "?"))
            .OrderBy(camera => camera.Number),
    ];

    /// <summary>Parses ffmpeg's list of DirectShow devices. Until version 4 the kind is a heading, since version 5 it follows the name.</summary>
    internal static IReadOnlyList<Camera> OfDirectShow(string text)
    {
        bool areVideo = true;
        var names = new List<string>();
        foreach (string line in text.Split('\n'))
        {
            areVideo = line.Contains("DirectShow audio devices", StringComparison.Ordinal) ? false : areVideo || line.Contains("DirectShow video devices", StringComparison.Ordinal);
            if (DirectShowDevice().Match(line) is { Success: true } device && (device.Groups["kind"] is { Success: true } kind ? kind.Value.Contains("video", StringComparison.Ordinal) : areVideo))
            {
                names.Add(device.Groups["name"].Value);
            }
        }

        return [.. names.Select((name, number) => new Camera(number, name))];
    }

    /// <summary>Parses ffmpeg's list of AVFoundation's devices, without screens.</summary>
    internal static IReadOnlyList<Camera> OfAvFoundation(string text) =>
    [
        .. text.Split("AVFoundation audio devices", 2)[0].Split('\n').Select(line => AvFoundationDevice().Match(line)).Where(device => device.Success)
            .Select(device => new Camera(int.Parse(device.Groups["number"].ValueSpan, CultureInfo.InvariantCulture), device.Groups["name"].Value.TrimEnd()))
            .Where(camera => !camera.Name.StartsWith("Capture screen", StringComparison.Ordinal)),
    ];

    private static string? Text(string device, string attribute)
    {
        try
        {
            return File.ReadAllText(Path.Combine(device, attribute)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // ffmpeg writes the list to standard error and then fails, since it opens no device.
    private static string DevicesOfFfmpeg(string format, string input)
    {
        try
        {
            using Process ffmpeg = Ffmpeg.Start(["-hide_banner", "-f", format, "-list_devices", "true", "-i", input], takesInput: true);
            ffmpeg.StandardInput.Close();
            Task<string> list = new StreamReader(ffmpeg.StandardError.BaseStream, Encoding.UTF8).ReadToEndAsync();
            if (!list.Wait(Patience))
            {
                ffmpeg.Kill();
                throw new IOException($"ffmpeg did not list the cameras within {Patience.TotalSeconds} s. Their numbers work without a list: '--input 0'.");
            }

            return list.Result;
        }
        catch (Win32Exception e)
        {
            throw new UsageException($"the names of cameras need ffmpeg on the PATH ({Ffmpeg.Installation}). Their numbers work without it: '--input 0', '--input 1'.", e);
        }
    }

    [GeneratedRegex("""^\[dshow @ [^\]]*\]\s+"(?<name>.*)"(?:\s+\((?<kind>[a-z, ]+)\))?\s*$""", RegexOptions.ExplicitCapture, TimeoutMs)]
    private static partial Regex DirectShowDevice();

    [GeneratedRegex(@"^\[AVFoundation [^\]]*\] \[(?<number>\d+)\] (?<name>.+)$", RegexOptions.ExplicitCapture, TimeoutMs)]
    private static partial Regex AvFoundationDevice();
}
