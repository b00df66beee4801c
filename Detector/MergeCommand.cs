using System.CommandLine;
using MlNetEmotion.Detector.Archive;
using MlNetEmotion.Detector.Output;

namespace MlNetEmotion.Detector;

/// <summary><c>Detector merge</c>: merges the results of shards into one table.</summary>
internal static class MergeCommand
{
    public static Command Create()
    {
        var results = new Argument<string[]>("results") { Description = "The shards' folders or Parquet files.", HelpName = "FOLDER|FILE.parquet", Arity = ArgumentArity.OneOrMore };
        var manifest = new Option<string[]>("--manifest")
        {
            Description = "The inputs of the shards, as they were given to them: inputs without results are reported as missing.",
            HelpName = "FOLDER|@LIST",
            AllowMultipleArgumentsPerToken = true,
        };
        Option<string?> output = DetectorCommand.Text("--output", "FILE.parquet", "Write all faces, one row per face and frame.", "-o");
        Option<string?> inputs = DetectorCommand.Text("--inputs", "FILE.parquet", "Write one row per input: its frames, faces, and its error if it failed.");
        Option<string?> report = DetectorCommand.Text("--report", "FILE.html", "Write an HTML report: the shares of emotions by source, and what failed or is missing.");
        var timelines = new Option<string[]>("--timeline") { Description = "Show each face of this source over time in the report. May be given several times.", HelpName = "SOURCE" };
        Option<bool> force = OutputFiles.ForceOption();
        var command = new Command("merge", "Merge the results of shards, and report what is missing, damaged or failed; the exit code is 1 if anything is.")
        {
            results, manifest, output, inputs, report, timelines, force,
        };
        command.SetAction((parsed, stop) =>
        {
            var request = new MergeRequest(
                parsed.GetValue(results)!, InputList.Expand(parsed.GetValue(manifest) ?? [], stop),
                parsed.GetValue(output), parsed.GetValue(inputs), parsed.GetValue(report), parsed.GetValue(timelines) ?? []);
            OutputFiles.CheckEnding(request.Output, FaceTable.Ending);
            OutputFiles.CheckEnding(request.Inputs, FaceTable.Ending);
            OutputFiles.CheckEnding(request.Report, ".html", ".htm");
            if (request.Timelines.Count > 0 && request.Report is null)
            {
                throw new UsageException("--timeline is shown in the report: add '--report FILE.html'.");
            }

            if (request.Results.Where(Directory.Exists).FirstOrDefault(folder => new[] { request.Output, request.Inputs }.OfType<string>().Any(file => OutputFiles.IsWithin(folder, file))) is { } within)
            {
                throw new UsageException($"{within}: a table in it would be taken for a shard's result at the next merge. Name another folder.");
            }

            OutputFiles.Check(parsed.GetValue(force), request.Results, request.Output, request.Inputs, request.Report);
            return Task.FromResult(new Merge(request, Console.Out.WriteLine, Console.Error.WriteLine).Run(stop));
        });
        return command;
    }
}
