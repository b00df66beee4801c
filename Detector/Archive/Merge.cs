using MlNetEmotion.Detector.Output;
using Parquet.Serialization;

namespace MlNetEmotion.Detector.Archive;

/// <summary>The options of <c>Detector merge</c>.</summary>
internal sealed record MergeOptions
{
    [Setting("The shards' folders or Parquet files.", Name = "results", Value = "FOLDER|FILE.parquet", Required = true)] public string[] Results { get; init; } = [];

    /// <summary>The inputs of the shards, to find missing ones; if empty, no input counts as missing.</summary>
    [Setting("The inputs of the shards, as they were given to them: inputs without results are reported as missing.", Value = "FOLDER|@LIST", TakesSeveral = true)]
    public string[] Manifest { get; init; } = [];
    [Setting("Write all faces, one row per face and frame.", Alias = "-o", Value = "FILE.parquet")] public string? Output { get; init; }
    [Setting("Write one row per input: its frames, faces, and its error if it failed.", Value = "FILE.parquet")] public string? Inputs { get; init; }
    [Setting("Write an HTML report: the shares of emotions by source, and what failed or is missing.", Value = "FILE.html")] public string? Report { get; init; }
    [Setting("Show each face of this source over time in the report. May be given several times.", Name = "--timeline", Value = "SOURCE")] public string[] Timelines { get; init; } = [];
    [Setting(OutputFiles.ForceHelp)] public bool Force { get; init; }
}

/// <summary>Merges the results of shards one row group at a time, so that memory grows with the number of inputs, not of faces.</summary>
internal sealed class Merge(MergeOptions options, Action<string> writeLine, Action<string> warn)
{
    public int Run(CancellationToken stop)
    {
        var seen = new PathSet();
        string[] files = [.. options.Results.SelectMany(FilesOf).Where(seen.Add)];
        string[]? manifest = options.Manifest.Length == 0 ? null : [.. ArchivePlan.Inputs(options.Manifest, areCropped: false, warn).Select(input => input.Name)];
        var reported = new HashSet<string>();    // a retry would repeat the warnings
        while (true)
        {
            var plan = new MergePlan(files, manifest, line =>
            {
                if (reported.Add(line))
                {
                    warn(line);
                }
            });
            var summary = new ArchiveSummary(options.Timelines, keepsSources: options.Report is not null);
            try
            {
                WriteFaces(plan, summary, stop);
            }
            catch (DamagedResultException e)
            {
                warn($"{e.Message} It is left out; if it is a shard's result, remove it and run that shard again.");
                files = [.. files.Where(file => file != e.File)];
                continue;
            }

            return End(plan, summary);
        }
    }

    private static IEnumerable<string> FilesOf(string result) =>
        Directory.Exists(result) ? Directory.EnumerateFiles(result, "*" + FaceTable.Ending, SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        : File.Exists(result) ? [result]
        : throw new UsageException($"{result}: no such file or folder. Name the folder that '--events' named for the shards.");

    private int End(MergePlan plan, ArchiveSummary summary)
    {
        InputRecord[] inputs = [.. plan.Inputs];
        InputRecord[] failed = [.. inputs.Where(input => input.Error is not null)];
        if (options.Inputs is { } path)
        {
            AtomicFile.Write(path, stream => ParquetSerializer.SerializeAsync(
                inputs.Select(input => new { source = input.Source, frames = input.Frames, faces = input.Faces, lastMs = input.LastMs, error = input.Error, mayRecover = input.MayRecover, remark = input.Remark }),
                stream).GetAwaiter().GetResult());
        }

        if (options.Report is { } report)
        {
            AtomicFile.WriteText(report, ArchivePage.ToHtml(inputs, plan.Missing, summary));
        }

        string[] remarks = [.. inputs.Where(input => input.Remark is not null).Select(input => $"{input.Source}: {input.Remark}")];
        if (remarks.Length > 0)
        {
            warn($"{Quantity.Pluralize(remarks.Length, "input")} with a remark: {MergePlan.Some(remarks)}");
        }

        foreach (InputRecord input in failed)
        {
            warn($"failed: {input.Source}: {input.Error}");
        }

        if (plan.Missing.Count > 0)
        {
            warn($"missing: {Quantity.Pluralize(plan.Missing.Count, "input")}: {MergePlan.Some(plan.Missing)}. Run their shards again.");
        }

        writeLine($"{Quantity.Pluralize(inputs.Length, "input")} of {plan.Files.Count} files: {inputs.Length - failed.Length} done, {failed.Length} failed, {plan.Missing.Count} missing"
            + $"{(options.Manifest.Length == 0 ? " as far as one can know without '--manifest'" : "")}; {Quantity.Pluralize(inputs.Sum(input => input.Frames), "frame")}, {Quantity.Pluralize(summary.Faces, "face")}");
        return failed.Length + plan.Missing.Count == 0 ? ExitCodes.Success : ExitCodes.Failure;
    }

    private void WriteFaces(MergePlan plan, ArchiveSummary summary, CancellationToken stop)
    {
        if (options.Output is null)
        {
            Copy(plan, summary, table: null, stop);
            return;
        }

        AtomicFile.Write(options.Output, stream =>
        {
            using var table = new FaceTableWriter(stream, settings: "");
            Copy(plan, summary, table, stop);
            table.Finish();
        });
    }

    private static void Copy(MergePlan plan, ArchiveSummary summary, FaceTableWriter? table, CancellationToken stop)
    {
        foreach (string file in plan.Files)
        {
            var rows = new Dictionary<string, long>();
            try
            {
                using var reader = new FaceTableReader(file);
                foreach (FaceRow row in reader.Groups().SelectMany(group => group).Where(row => plan.Takes(file, row.Source)))
                {
                    rows[row.Source] = rows.GetValueOrDefault(row.Source) + 1;
                    summary.Add(row);
                    table?.Add(row);
                }
            }
            catch (InvalidDataException e)
            {
                throw new DamagedResultException(file, e.Message, e);
            }

            if (plan.From(file).FirstOrDefault(input => rows.GetValueOrDefault(input.Source) != input.Faces) is { } wrong)
            {
                throw new DamagedResultException(file, $"{file}: damaged: {rows.GetValueOrDefault(wrong.Source)} rows of {wrong.Source}, expected {wrong.Faces}.");
            }

            stop.ThrowIfCancellationRequested();
        }
    }

    private sealed class DamagedResultException(string file, string message, Exception? inner = null) : Exception(message, inner)
    {
        public string File => file;
    }
}
