using System.Diagnostics;
using System.Text.RegularExpressions;
using MlNetEmotion.Programs.Samples;
using SkiaSharp;
using Xunit;

namespace MlNetEmotion.Tests.Packages;

/// <summary>The C# of the READMEs, as it stands there, in a stranger's project: compiled with warnings as errors, and run.</summary>
[Trait("Speed", "slow")]
[Collection(nameof(PackedPackages))]
public sealed partial class ReadmeTests(PackedPackages packages)
{
    private const int TimeoutMs = 30_000, FacesAClass = 2;

    private static readonly string[] Pages = ["README.md", "Shared/README.md", "Shared/ML/README.md", "Trainer/README.md"];

    // Variables that the pages assume: declared before a program that uses the name and does not declare it.
    private static readonly (string Name, string Declaration)[] Given =
    [
        ("pixels", """byte[] pixels = File.ReadAllBytes("photo.bgr");"""),
        ("width", "int width = 320;"),
        ("height", "int height = 240;"),
        ("x", "int x = 10;"),
        ("y", "int y = 20;"),
        ("faceWidth", "int faceWidth = 48;"),
        ("faceHeight", "int faceHeight = 48;"),
        ("rows", """var rows = new MLContext().Data.LoadFromEnumerable(new[] { new { ImagePath = "a.jpg", Name = "happy" }, new { ImagePath = "b.jpg", Name = "sad" } });"""),
    ];

    private static readonly Stranger[] All = [.. Pages.SelectMany(Programs)];

    public static TheoryData<string> Names => [.. All.Select(program => program.Name)];

    [Fact]
    public void Pages_HaveTheirPrograms() => Assert.Equal(
        [("MlNetEmotion", 2), ("MlNetEmotion.ML", 2), ("MlNetEmotion.Training", 2)],
        All.GroupBy(program => program.Package).Select(group => (group.Key, group.Count())).OrderBy(pair => pair.Key, StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Program_CopiedFromAPage_CompilesAndRuns(string name)
    {
        Stranger program = All.Single(program => program.Name == name);
        string assembly = await packages.Build("readmes", All, program, program.Frameworks);
        GiveFiles(program);

        using var run = new ProgramProcess(new ProcessStartInfo("dotnet", [assembly]) { WorkingDirectory = packages.FolderOf(program) });
        (int exitCode, string output, string error) = await run.Exit(PackedPackages.Patience);

        Assert.True(exitCode == 0, output + error);
        Assert.Empty(error);
        Assert.Equal(program.Program.Contains("SaveAsOnnx(\"emotion.onnx\")", StringComparison.Ordinal), File.Exists(Path.Combine(packages.FolderOf(program), "emotion.onnx")));
    }

    // A block with usings begins a program; one without continues the program before it on the page.
    private static IEnumerable<Stranger> Programs(string page)
    {
        var programs = new List<string>();
        foreach (string code in CSharpBlock().Matches(File.ReadAllText(Path.Combine(PackedPackages.Repository, page))).Select(match => match.Groups["code"].Value))
        {
            if (UsingDirective().IsMatch(code))
            {
                programs.Add(code);
            }
            else
            {
                programs[^1] += code;
            }
        }

        return programs.Select((code, index) => new Stranger($"{page.Replace('/', '-').Replace(".md", "", StringComparison.Ordinal)}-{index + 1}", "net10.0", PackageFor(code), WithGiven(code)));
    }

    private static string PackageFor(string code) =>
        code.Contains("using MlNetEmotion.Trainer;", StringComparison.Ordinal) ? "MlNetEmotion.Training"
        : code.Contains("using Microsoft.ML;", StringComparison.Ordinal) ? "MlNetEmotion.ML"
        : "MlNetEmotion";

    private static string WithGiven(string code)
    {
        Match lastUsing = UsingDirective().Matches(code)[^1];
        int start = lastUsing.Index + lastUsing.Length;
        IEnumerable<string> given = Given
            .Where(given => Regex.IsMatch(code, $@"\b{given.Name}\b", RegexOptions.None, TimeSpan.FromMilliseconds(TimeoutMs))
                && !Regex.IsMatch(code, $@"\b(?:var|\w+(?:\[\])?) {given.Name} =", RegexOptions.None, TimeSpan.FromMilliseconds(TimeoutMs)))
            .Select(given => given.Declaration);
        return $"{code[..start]}\n{string.Join('\n', given)}\n{code[start..]}";
    }

    // The files that the pages' programs read, under the names that they have there.
    private void GiveFiles(Stranger program)
    {
        packages.Write(program, "photo.bgr", new byte[320 * 240 * 3]);
        packages.Write(program, "photos/a.jpg", Image(SampleFaces.Draw(1, (int)Emotion.Happy), SKEncodedImageFormat.Jpeg));
        packages.Write(program, "photos/b.jpg", Image(SampleFaces.Draw(1, (int)Emotion.Sad), SKEncodedImageFormat.Jpeg));
        if (program.Program.Contains("fer2013", StringComparison.Ordinal))
        {
            for (int i = 0; i < 2 * FacesAClass * Emotions.Count; i++)
            {
                string split = i < FacesAClass * Emotions.Count ? "train" : "validation";
                packages.Write(program, $"fer2013/{split}/{SampleFaces.LabelOf(i)}/{i}.png", Image(SampleFaces.Draw(1, i), SKEncodedImageFormat.Png));
            }
        }

        if (FaceModel().Match(program.Program) is { Success: true } model)
        {
            packages.Write(program, model.Groups["name"].Value, File.ReadAllBytes(Shared.Faces.Photograph.YuNet));
        }
    }

    private static byte[] Image(byte[] face, SKEncodedImageFormat format)
    {
        using SKImage image = SKImage.FromPixelCopy(new SKImageInfo(48, 48, SKColorType.Gray8), face);
        return image.Encode(format, quality: 95).ToArray();
    }

    [GeneratedRegex(@"^```csharp\n(?<code>.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline | RegexOptions.ExplicitCapture, TimeoutMs)]
    private static partial Regex CSharpBlock();

    [GeneratedRegex(@"^using [\w.]+;$", RegexOptions.Multiline, TimeoutMs)]
    private static partial Regex UsingDirective();

    [GeneratedRegex("\"(?<name>[^\"/]*yunet[^\"/]*\\.onnx)\"", RegexOptions.ExplicitCapture, TimeoutMs)]
    private static partial Regex FaceModel();
}
