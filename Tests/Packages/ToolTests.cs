using System.Diagnostics;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using MlNetEmotion.Tests.Detector.Serving;
using Xunit;

namespace MlNetEmotion.Tests.Packages;

/// <summary>The Detector as a .NET tool: packed for this system, installed for a user with an empty home, and run outside of the repository.</summary>
[Trait("Speed", "slow")]
[Collection(nameof(PackedPackages))]
public sealed class ToolTests(PackedPackages packages)
{
    private static readonly string System = RuntimeInformation.RuntimeIdentifier;

    [Fact]
    public void Solution_Packed_IsTheLibrariesAloneAndTheirSymbols() => Assert.Equal(
        ["MlNetEmotion", "MlNetEmotion.DependencyInjection", "MlNetEmotion.DependencyInjection.symbols", "MlNetEmotion.ML", "MlNetEmotion.ML.symbols", "MlNetEmotion.Training", "MlNetEmotion.Training.symbols", "MlNetEmotion.symbols"],
        Directory.EnumerateFiles(Path.GetDirectoryName(packages.Package("MlNetEmotion"))!)
            .Select(file => Path.GetFileName(file)
                .Replace($".{packages.Version}.nupkg", "", StringComparison.Ordinal).Replace($".{packages.Version}.snupkg", ".symbols", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

    [Fact]
    public async Task Package_NamesItsSystemsAndHasNothingForDevelopers()
    {
        string folder = await packages.PackTool();

        Assert.Equal([$"MlNetEmotion.Detector.{packages.Version}.nupkg", $"MlNetEmotion.Detector.{System}.{packages.Version}.nupkg"], Directory.EnumerateFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        using ZipArchive named = ZipFile.OpenRead(Path.Combine(folder, $"MlNetEmotion.Detector.{packages.Version}.nupkg"));
        XElement settings = Xml(named, "tools/any/any/DotnetToolSettings.xml");
        Assert.Equal("mlnetemotion", (string?)settings.Descendants("Command").Single().Attribute("Name"));
        Assert.Equal((System, $"MlNetEmotion.Detector.{System}"), settings.Descendants("RuntimeIdentifierPackage").Select(package => ((string?)package.Attribute("RuntimeIdentifier"), (string?)package.Attribute("Id"))).Single());

        using ZipArchive package = ZipFile.OpenRead(Path.Combine(folder, $"MlNetEmotion.Detector.{System}.{packages.Version}.nupkg"));
        string[] files = [.. package.Entries.Select(entry => entry.FullName)];
        string program = $"tools/net10.0/{System}/";
        foreach (string expected in (string[])["README.md", "THIRD-PARTY-NOTICES.md", $"{program}LICENSE", $"{program}licenses/opencvsharp4/opencvsharp4.nuspec.xml", $"{program}licenses/microsoft.ml.onnxruntime/ThirdPartyNotices.txt", $"{program}wwwroot/index.html"])
        {
            Assert.Contains(expected, files);
        }

        Assert.DoesNotContain(files, file => file.StartsWith($"{program}runtimes/", StringComparison.Ordinal) || (file.StartsWith(program, StringComparison.Ordinal) && Path.GetExtension(file) is ".dbg" or ".lib"));
        Assert.Equal([$"{program}DotnetToolSettings.xml"], files.Where(file => file.StartsWith(program, StringComparison.Ordinal) && file.EndsWith(".xml", StringComparison.Ordinal) && !file.StartsWith($"{program}licenses/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Package_ForASystemWithoutOpenCv_IsRefused()
    {
        (int exitCode, string output) = await packages.TryPackTool("linux-musl-x64");

        Assert.Equal(1, exitCode);
        Assert.Contains("error : There is no OpenCV for linux-musl-x64: the Detector is built for win-x64, linux-x64, linux-arm64 (glibc) and osx-arm64.", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tool_InstalledForAnEmptyHome_AnswersAsTheBuildDoes()
    {
        string source = await packages.PackTool();
        string folder = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(source)!, "user")).FullName;
        string home = Directory.CreateDirectory(Path.Combine(folder, "home")).FullName;
        File.WriteAllBytes(Path.Combine(folder, "faces.png"), Upload.ThreeFaces(".png"));

        (int exitCode, string output, string error) = await Run(folder, home, "dotnet", "tool", "install", "MlNetEmotion.Detector", "--version", packages.Version, "--tool-path", "tools", "--source", source);
        Assert.True(exitCode == 0, output + error);

        string tool = Path.Combine(folder, "tools", OperatingSystem.IsWindows() ? "mlnetemotion.exe" : "mlnetemotion");
        Assert.StartsWith(packages.Version, (await Run(folder, home, tool, "--version")).Output, StringComparison.Ordinal);
        Assert.Contains("  mlnetemotion [<input>...] [command] [options]\n", (await Run(folder, home, tool, "--help")).Output.ReplaceLineEndings("\n"), StringComparison.Ordinal);

        string[] photo = ["faces.png", "--headless", "--events", "-"];
        string built = Path.Combine(AppContext.BaseDirectory, "MlNetEmotion.Detector");
        (int ExitCode, string Output, string Error) expected = await Run(folder, home, "dotnet", [$"{built}.dll", .. photo]);
        (int ExitCode, string Output, string Error) answer = await Run(folder, home, tool, photo);
        Assert.Equal((0, expected.Output), (answer.ExitCode, answer.Output));
        Assert.Equal(3, answer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.StartsWith("faces.png: 1 image, 3 faces, ", answer.Error, StringComparison.Ordinal);

        string installed = Path.GetDirectoryName(Directory.EnumerateFiles(Path.Combine(folder, "tools"), "MlNetEmotion.Detector.dll", SearchOption.AllDirectories).Single())!;
        Assert.Equal(Settings($"{built}.runtimeconfig.json"), Settings(Path.Combine(installed, "MlNetEmotion.Detector.runtimeconfig.json")));
        Assert.Equal(Names(Path.Combine(AppContext.BaseDirectory, "wwwroot")), Names(Path.Combine(installed, "wwwroot")));
    }

    private static async Task<(int ExitCode, string Output, string Error)> Run(string folder, string home, string program, params string[] args)
    {
        using var run = new ProgramProcess(new ProcessStartInfo(program, args)
        {
            WorkingDirectory = folder,
            Environment = { ["HOME"] = home, ["DOTNET_CLI_HOME"] = home, ["NUGET_PACKAGES"] = null },
        });
        return await run.Exit(PackedPackages.Patience);
    }

    private static XElement Xml(ZipArchive package, string entry)
    {
        using Stream stream = package.GetEntry(entry)!.Open();
        return XElement.Load(stream);
    }

    // Without the one that follows from the configuration: tests may be built as Debug.
    private static string Settings(string runtimeConfig)
    {
        JsonNode options = JsonNode.Parse(File.ReadAllText(runtimeConfig))!["runtimeOptions"]!;
        options["configProperties"]!.AsObject().Remove("System.Reflection.Metadata.MetadataUpdater.IsSupported");
        return options.ToJsonString();
    }

    private static IEnumerable<string> Names(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file)).Order(StringComparer.Ordinal);
}
