using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Xunit;

namespace MlNetEmotion.Tests;

/// <summary>The floors that a project's folders form. Sources are read, because a constant leaves no trace in an assembly.</summary>
public sealed partial class RoomTests
{
    private const int TimeoutMs = 30_000;

    // Floors from the top, each of which may use those below it; the project's own files are 'root'.
    [Theory]
    [InlineData("Shared", "MlNetEmotion", "Smoothing Tracking | root | Faces | Imaging Onnx")]
    [InlineData("Shared/ML", "MlNetEmotion", "root | Images")]
    [InlineData("Shared/Programs", "MlNetEmotion.Programs", "Reports Images Samples | root")]
    [InlineData("Trainer", "MlNetEmotion.Trainer", "Commands | root Reports | Training | Export | Evaluation Network | Data | Augmentation")]
    [InlineData("Detector", "MlNetEmotion.Detector", "root | Batch Serving Archive | Running | Reports Sessions | Segments | Output | Pipeline Display | Faces Sources | Frames Scoring")]
    public void Folders_UseOnlyFloorsBelow(string project, string rootNamespace, string floors)
    {
        Room[] rooms = [.. Rooms(project)];
        string[][] order = [.. floors.Split(" | ").Select(floor => floor.Split(' '))];
        int FloorOf(Room room) => Array.FindIndex(order, floor => floor.Contains(room.Name.Length > 0 ? room.Name : "root"));
        var uses = rooms.SelectMany(room => rooms.Where(other => other != room && room.Uses(other, rootNamespace)).Select(other => (From: room, To: other))).ToArray();

        Assert.Equal(order.SelectMany(floor => floor).Order(StringComparer.Ordinal), rooms.Select(room => room.Name.Length > 0 ? room.Name : "root").Order(StringComparer.Ordinal));
        Assert.NotEmpty(uses);
        Assert.Empty(uses.Where(use => FloorOf(use.From) >= FloorOf(use.To)).Select(use => $"{use.From.Name} uses {use.To.Name}"));
    }

    // A progress bar overwrites text that is written to the console beside it.
    [Fact]
    public void Console_IsUsedOnlyWhereAProgramBeginsAndWhereProgressIsShown()
    {
        string[] allowed =
        [
            "Detector/Archive/ShardRun.cs", "Detector/CamerasCommand.cs", "Detector/CollectCommand.cs", "Detector/DetectorProgram.cs", "Detector/MergeCommand.cs", "Detector/ModelsCommand.cs", "Detector/SegmentsCommand.cs", "Detector/Serving/Server.cs", "Detector/Serving/VideoJobs.cs",
            "Shared/Programs/CommandLineApplication.cs", "Trainer/Commands/EvaluateCommand.cs", "Trainer/Commands/TrainPipeline.cs",
        ];
        string root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(SourceFile())!, ".."));
        IEnumerable<string> users = new[] { "Shared", "Trainer", "Detector" }
            .SelectMany(project => Directory.EnumerateFiles(Path.Combine(root, project), "*.cs", SearchOption.AllDirectories))
            .Where(path => ConsoleUse().IsMatch(NotCode().Replace(File.ReadAllText(path), " ")))
            .Select(path => Path.GetRelativePath(root, path).Replace('\\', '/'))
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal));

        Assert.Equal(allowed, users.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<Room> Rooms(string project)
    {
        string root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(SourceFile())!, "..", project));
        return Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Select(path => (Folder: Path.GetRelativePath(root, path).Split('/', '\\')[..^1].FirstOrDefault(""), Text: NotCode().Replace(File.ReadAllText(path), " ")))
            .Where(file => file.Folder is not ("bin" or "obj" or "DependencyInjection" or "ML" or "Programs"))
            .GroupBy(file => file.Folder, file => file.Text)
            .Select(folder => new Room(folder.Key, [.. folder]));
    }

    private static string SourceFile([CallerFilePath] string path = "") => path;

    [GeneratedRegex("""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*" """, RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace, TimeoutMs)]
    private static partial Regex NotCode();

    [GeneratedRegex(@"(?<!private[\w ]*)\b(?:class|struct|interface|enum|record|delegate\s+\S+)\s+(?!struct\b|class\b)(?<name>\w+)", RegexOptions.ExplicitCapture, TimeoutMs)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"\b(?:Ansi)?Console\.(?:Error|Out|Write|WriteLine|Console|Create|Progress|Status)\b", RegexOptions.None, TimeoutMs)]
    private static partial Regex ConsoleUse();

    /// <summary>A folder right below a project, with all below it; the project's own files are the room without a name.</summary>
    private sealed record Room(string Name, string[] Texts)
    {
        private readonly string[] types = [.. Texts.SelectMany(text => Declaration().Matches(text)).Select(match => match.Groups["name"].Value).Distinct()];

        // Another folder's types are in sight by its namespace alone. The project's own always are, so their names tell.
        public bool Uses(Room other, string rootNamespace)
        {
            string known = string.Join('|', other.types);
            var use = new Regex(other.Name.Length > 0
                ? $@"\b{Regex.Escape(rootNamespace)}\.{other.Name}\b|(?<![\w.]){other.Name}\.({known})\b"
                : $@"(?<![\w.])({known})(?=[\s.<>?\[\](),;{{}}])", RegexOptions.None, TimeSpan.FromMilliseconds(TimeoutMs));
            return other.types.Length > 0 && Texts.Any(use.IsMatch);
        }
    }
}
