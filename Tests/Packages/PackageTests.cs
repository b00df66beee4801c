using System.IO.Compression;
using System.Text.Json;
using System.Xml.Linq;
using Xunit;

namespace MlNetEmotion.Tests.Packages;

/// <summary>The packages' content and dependencies.</summary>
[Trait("Speed", "slow")]
[Collection(nameof(PackedPackages))]
public sealed class PackageTests(PackedPackages packages)
{
    [Fact]
    public void MlNetEmotion_IsTheModelAndLittleElse()
    {
        string file = packages.Package("MlNetEmotion");
        using ZipArchive package = ZipFile.OpenRead(file);

        long model = new FileInfo(Path.Combine(PackedPackages.Repository, "onnx", "emotion.onnx")).Length;
        Assert.InRange(new FileInfo(file).Length, 0, model + (1 << 20));
        Assert.DoesNotContain(package.Entries, entry => entry.FullName.StartsWith("runtimes/", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("MlNetEmotion", "lib/net8.0/MlNetEmotion.dll")]
    [InlineData("MlNetEmotion.DependencyInjection", "lib/net8.0/MlNetEmotion.DependencyInjection.dll")]
    [InlineData("MlNetEmotion.ML", "lib/net8.0/MlNetEmotion.ML.dll")]
    [InlineData("MlNetEmotion.Training", "lib/net10.0/MlNetEmotion.Programs.dll", "lib/net10.0/MlNetEmotion.Trainer.dll")]
    public void Package_HasItsAssembliesTheirDocumentationAReadmeAndTheNotices(string id, params string[] assemblies)
    {
        using ZipArchive package = ZipFile.OpenRead(packages.Package(id));
        string[] files = [.. package.Entries.Select(entry => entry.FullName)];

        Assert.Equal(assemblies, files.Where(file => file.EndsWith(".dll", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal(assemblies.Select(file => Path.ChangeExtension(file, "xml")), files.Where(file => file.StartsWith("lib/", StringComparison.Ordinal) && file.EndsWith(".xml", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Contains("README.md", files);
        Assert.Contains("THIRD-PARTY-NOTICES.md", files);
        Assert.Equal("README.md", Metadata(id, "readme"));
    }

    [Theory]
    [InlineData("MlNetEmotion")]
    [InlineData("MlNetEmotion.DependencyInjection")]
    [InlineData("MlNetEmotion.ML")]
    [InlineData("MlNetEmotion.Training")]
    public void Package_HasTheIconTheChangelogAndReleaseNotesThatNameIt(string id)
    {
        using ZipArchive package = ZipFile.OpenRead(packages.Package(id));
        using Stream icon = package.GetEntry("icon.png")!.Open();
        using var png = SkiaSharp.SKBitmap.Decode(icon);
        using var changelog = new StreamReader(package.GetEntry("CHANGELOG.md")!.Open());

        Assert.Equal((128, 128), (png.Width, png.Height));
        Assert.Equal(0, png.GetPixel(0, 0).Alpha);    // its corners are round
        Assert.Equal(new SkiaSharp.SKColor(0xff, 0xd8, 0x4d), png.GetPixel(64, 64));    // the bar in the middle of Detector/Page/icon.svg
        Assert.Equal(File.ReadAllText(Path.Combine(PackedPackages.Repository, "CHANGELOG.md")), changelog.ReadToEnd());
        Assert.Equal("icon.png", Metadata(id, "icon"));
        Assert.StartsWith("CHANGELOG.md ", Metadata(id, "releaseNotes"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MlNetEmotion", "lib/net8.0/MlNetEmotion.pdb")]
    [InlineData("MlNetEmotion.DependencyInjection", "lib/net8.0/MlNetEmotion.DependencyInjection.pdb")]
    [InlineData("MlNetEmotion.ML", "lib/net8.0/MlNetEmotion.ML.pdb")]
    [InlineData("MlNetEmotion.Training", "lib/net10.0/MlNetEmotion.Trainer.pdb")]
    public void SymbolPackage_HasThePortableSymbols(string id, params string[] symbols)
    {
        using ZipArchive package = ZipFile.OpenRead(Path.ChangeExtension(packages.Package(id), "snupkg"));

        Assert.Equal(symbols, package.Entries.Select(entry => entry.FullName).Where(file => file.EndsWith(".pdb", StringComparison.Ordinal)));
        using Stream stream = package.GetEntry(symbols[0])!.Open();
        var signature = new byte[4];
        stream.ReadExactly(signature);
        Assert.Equal("BSJB"u8, signature);
    }

    // They use each other's internals.
    [Theory]
    [InlineData("MlNetEmotion")]
    [InlineData("MlNetEmotion.DependencyInjection", "MlNetEmotion")]
    [InlineData("MlNetEmotion.ML", "MlNetEmotion")]
    [InlineData("MlNetEmotion.Training", "MlNetEmotion", "MlNetEmotion.ML")]
    public void Package_AsksForTheVeryVersionOfTheOthers(string id, params string[] others) => Assert.Equal(
        others.Select(other => (other, $"[{packages.Version}]")),
        Dependencies(id).Where(dependency => dependency.Id.StartsWith("MlNetEmotion", StringComparison.Ordinal)).OrderBy(dependency => dependency.Id, StringComparer.Ordinal));

    [Fact]
    public void Training_DependsOnLibtorchOfAllSystemsAndOnWhatThePartsInsideNeed()
    {
        (string Id, string Version)[] dependencies = Dependencies("MlNetEmotion.Training");

        Assert.Equal(
            ["TorchSharp [0.107.0]", "libtorch-cpu-linux-x64 [2.10.0]", "libtorch-cpu-osx-arm64 [2.10.0]", "libtorch-cpu-win-x64 [2.10.0]"],
            dependencies.Where(dependency => dependency.Id.Contains("torch", StringComparison.OrdinalIgnoreCase)).Select(dependency => $"{dependency.Id} {dependency.Version}").Order(StringComparer.Ordinal));
        string[] programs = [.. XDocument.Load(Path.Combine(PackedPackages.Repository, "Shared", "Programs", "Programs.csproj")).Descendants("PackageReference").Select(reference => (string)reference.Attribute("Include")!)];
        Assert.NotEmpty(programs);
        Assert.Empty(programs.Except(dependencies.Select(dependency => dependency.Id)));
    }

    [Fact]
    public async Task Project_ThatOnlyClassifies_BringsOnnxRuntimeAndNothingElse()
    {
        // No project that another test publishes: that adds the trimmer and the compiler to its packages.
        Stranger project = Stranger.ThatClassify.Single(project => project.Name == "console-vb");
        await packages.Build(nameof(Stranger.ThatClassify), Stranger.ThatClassify, project, "net10.0");

        string list = await PackedPackages.Dotnet(packages.FolderOf(project), "list", "package", "--include-transitive", "--no-restore", "--format", "json");

        using JsonDocument json = JsonDocument.Parse(list);
        foreach (JsonElement framework in json.RootElement.GetProperty("projects")[0].GetProperty("frameworks").EnumerateArray())
        {
            Assert.Equal(["MlNetEmotion"], Ids(framework, "topLevelPackages"));

            // The last one is what ONNX Runtime's own Managed asks for.
            Assert.Equal(["Microsoft.ML.OnnxRuntime", "Microsoft.ML.OnnxRuntime.Managed", "System.Numerics.Tensors"], Ids(framework, "transitivePackages").Order(StringComparer.Ordinal));
        }

        static IEnumerable<string> Ids(JsonElement framework, string kind) =>
            framework.GetProperty(kind).EnumerateArray().Select(package => package.GetProperty("id").GetString()!);
    }

    private (string Id, string Version)[] Dependencies(string id) =>
    [
        .. Nuspec(id).Descendants().Where(element => element.Name.LocalName == "dependency")
            .Select(element => ((string)element.Attribute("id")!, (string)element.Attribute("version")!)),
    ];

    private string Metadata(string id, string name) => Nuspec(id).Descendants().Single(element => element.Name.LocalName == name).Value;

    private XDocument Nuspec(string id)
    {
        using ZipArchive package = ZipFile.OpenRead(packages.Package(id));
        using Stream nuspec = package.GetEntry($"{id}.nuspec")!.Open();
        return XDocument.Load(nuspec);
    }
}
