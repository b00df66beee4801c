using System.Reflection;
using MlNetEmotion.Detector.Faces;
using Xunit;
using Xunit.v3;

namespace MlNetEmotion.Tests;

/// <summary>The trait <c>Needs=Linux</c> of a test or class, by which <c>dotnet test --filter Needs!=Linux</c> leaves it out; without the filter it is skipped
/// on other systems, with the reason.</summary>
/// <param name="what">The part of Linux that the test is about or works with.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class NeedsLinuxAttribute(string what) : BeforeAfterTestAttribute, ITraitAttribute
{
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Needs", "Linux")];

    public override void Before(MethodInfo methodUnderTest, IXunitTest test) => Assert.SkipUnless(OperatingSystem.IsLinux(), $"needs Linux: {what}");
}

/// <summary>Differences between operating systems that tests meet.</summary>
internal static class Platform
{
    /// <summary>The device that takes everything and keeps nothing.</summary>
    public static string NullDevice { get; } = OperatingSystem.IsWindows() ? "NUL" : "/dev/null";

    /// <summary>A path with '/' in place of the system's separator: what a test expects is written so.</summary>
    public static string WithSlashes(string path) => path.Replace(Path.DirectorySeparatorChar, '/');

    /// <summary>Makes a symbolic link to a file or folder. Skips the test where that needs a right that its user lacks, as on Windows.</summary>
    /// <param name="target">Absolute, or relative to the link's folder; need not exist.</param>
    /// <returns>The link's path.</returns>
    public static string Link(string path, string target)
    {
        try
        {
            FileSystemInfo link = Directory.Exists(Path.Combine(Path.GetDirectoryName(path)!, target)) ? Directory.CreateSymbolicLink(path, target) : File.CreateSymbolicLink(path, target);
            Assert.SkipUnless(link.LinkTarget == target, "this system makes no symbolic links");
        }
        catch (IOException e) when (OperatingSystem.IsWindows())
        {
            Assert.Skip($"symbolic links need Windows' developer mode or an administrator: {e.Message}");
        }

        return path;
    }

    /// <summary>Skips the test where OpenCV's cascades are not installed: they do not come with the program.</summary>
    public static void NeedsCascades()
    {
        foreach (string name in new[] { CascadeFiles.Haar, CascadeFiles.Lbp })
        {
            Assert.SkipWhen(CascadeFiles.FindOrNull(name) is null, $"needs OpenCV's {name}: Debian's opencv-data, or 'Detector models download'");
        }
    }
}
