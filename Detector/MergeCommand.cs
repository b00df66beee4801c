using System.CommandLine;
using MlNetEmotion.Detector.Archive;
using MlNetEmotion.Detector.Output;

namespace MlNetEmotion.Detector;

/// <summary><c>Detector merge</c>: merges the results of shards into one table.</summary>
internal static class MergeCommand
{
    public static Command Create() => new CommandOptions<MergeOptions>().AddTo(
        new Command("merge", "Merge the results of shards, and report what is missing, damaged or failed; the exit code is 1 if anything is."),
        (options, _, stop) => Run(options with { Manifest = InputList.Expand(options.Manifest, stop) }, stop));

    private static int Run(MergeOptions options, CancellationToken stop)
    {
        OutputFiles.CheckEnding(options.Output, FaceTable.Ending);
        OutputFiles.CheckEnding(options.Inputs, FaceTable.Ending);
        OutputFiles.CheckEnding(options.Report, ".html", ".htm");
        if (options.Timelines.Length > 0 && options.Report is null)
        {
            throw new UsageException("--timeline is shown in the report: add '--report FILE.html'.");
        }

        if (options.Results.Where(Directory.Exists).FirstOrDefault(folder => new[] { options.Output, options.Inputs }.OfType<string>().Any(file => OutputFiles.IsWithin(folder, file))) is { } within)
        {
            throw new UsageException($"{within}: a table in it would be taken for a shard's result at the next merge. Name another folder.");
        }

        OutputFiles.Check(options.Force, options.Results, options.Output, options.Inputs, options.Report);
        return new Merge(options, Console.Out.WriteLine, Console.Error.WriteLine).Run(stop);
    }
}
