using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Xunit;

namespace MlNetEmotion.Tests;

/// <summary>Which of a project's folders use which: never two each other. Sources are read, since a constant leaves no trace in an assembly.</summary>
public sealed partial class RoomTests
{
    private const int TimeoutMs = 30_000;

    [Theory]
    [InlineData("Shared", "MlNetEmotion")]
    [InlineData("Shared/ML", "MlNetEmotion")]
    [InlineData("Shared/Programs", "MlNetEmotion.Programs")]
    [InlineData("Trainer", "MlNetEmotion.Trainer")]
    [InlineData("Detector", "MlNetEmotion.Detector")]
    public void Folders_DoNotUseEachOther(string project, string rootNamespace)
    {
        Room[] rooms = [.. Rooms(project)];
        var uses = rooms.SelectMany(room => rooms.Where(other => other != room && room.Uses(other, rootNamespace)).Select(other => (room.Name, other.Name))).ToHashSet();

        Assert.NotEmpty(uses);
        Assert.Empty(uses.Where(pair => uses.Contains((pair.Item2, pair.Item1))).Select(pair => $"{pair.Item1} uses {pair.Item2}"));
    }

    // What is written to the console past a progress bar, the bar wipes out.
    [Fact]
    public void Console_IsUsedOnlyWhereAProgramBeginsAndWhereProgressIsShown()
    {
        string[] allowed =
        [
            "Detector/Archive/ShardRun.cs", "Detector/DetectorProgram.cs", "Detector/MergeCommand.cs", "Detector/ModelsCommand.cs", "Detector/Serving/Server.cs", "Detector/Serving/VideoJobs.cs",
            "Shared/Programs/Archive/ArchiveProgress.cs", "Shared/Programs/CommandLineApplication.cs",
            "Trainer/Commands/EvaluateCommand.cs", "Trainer/Commands/ScoreCommand.cs", "Trainer/Commands/TrainPipeline.cs",
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
            .Where(file => file.Folder is not ("bin" or "obj" or "ML" or "Programs"))
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
