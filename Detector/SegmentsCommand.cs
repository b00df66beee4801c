using System.CommandLine;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Running;
using MlNetEmotion.Detector.Segments;
using MlNetEmotion.Programs.Images;

namespace MlNetEmotion.Detector;

/// <summary>The options of <c>Detector segments</c>.</summary>
internal sealed record SegmentsOptions
{
    [Setting("Events as '--events' wrote them, or a table that 'Detector merge' made.", Name = "events", Value = "FILE.jsonl|FILE.csv|FILE.parquet", Required = true)] public string[] Events { get; init; } = [];
    [Setting($"Write the segments. With {DetectorOptions.NamePlaceholder} in the name each source gets its own file.", Alias = "-o", Value = DetectorOptions.SegmentsValue, Required = true)] public string Output { get; init; } = "";
    [Setting(DetectorOptions.SummaryHelp, Value = "FILE.csv")] public string? Summary { get; init; }
    [Setting("The video that an .eaf file links, if it is not where the events say.", Value = "VIDEO")] public string? Media { get; init; }
    [Settings] public SegmentOptions Segments { get; init; } = new();
    [Setting(DetectorOptions.CsvExcelHelp, Value = "point|comma", OneOf = ["point", "comma"])] public string? CsvExcel { get; init; }
    [Setting(OutputFiles.ForceHelp)] public bool Force { get; init; }
}

/// <summary><c>Detector segments</c>: makes segments of events that exist.</summary>
internal static class SegmentsCommand
{
    public static Command Create() => new CommandOptions<SegmentsOptions>().AddTo(
        new Command("segments", "Make segments of events: from when to when each face showed an emotion, as a table, for ELAN, Praat or BORIS, or as subtitles."),
        (options, _, _) => Run(options, Console.Out.WriteLine, Console.Error.WriteLine));

    private static int Run(SegmentsOptions options, Action<string> writeLine, Action<string> warn)
    {
        Check(options);
        SegmentTable table = Read(options);
        (string Path, SegmentTable Table)[] results = Results(options, table);
        string[] written = [.. results.Select(result => result.Path), .. new[] { options.Summary }.OfType<string>()];
        OutputFiles.Check(options.Force, [.. options.Events, options.Media], written);
        foreach (string source in table.AssumedFrames)
        {
            warn($"{source}: the duration of its only frame is not known; {SegmentBuilder.UnknownFrameMs} ms are assumed.");
        }

        foreach (string source in table.EndMs.Keys.Where(source => options.Media is null && SegmentFile.LinksMedia(options.Output) && !File.Exists(source)))
        {
            warn($"{source}: not found here, so ELAN will not find it either. Name the video with '--media'.");
        }

        EventFormat csv = DetectorOptions.CsvOf(options.CsvExcel);
        Array.ForEach(results, result => SegmentFile.Write(result.Path, result.Table, csv, options.Media));
        if (options.Summary is { } summary)
        {
            SegmentFile.WriteSummary(summary, table, csv);
        }

        writeLine($"{Quantity.Pluralize(table.Count, "segment")} of {Quantity.Pluralize(table.Shown.Count(), "face")} in {Quantity.Pluralize(table.EndMs.Count, "source")}"
            + $"{(table.Count == 0 ? FormattableString.Invariant($", since none lasts {options.Segments.MinSeconds} s ('--segment-min')") : "")}; wrote {string.Join(", ", written)}");
        return ExitCodes.Success;
    }

    // All that can be checked before the events are read.
    private static void Check(SegmentsOptions options)
    {
        SegmentFile.CheckEnding(options.Output, options.Summary);
        foreach (string path in options.Events)
        {
            OutputFiles.CheckEnding(path, EventLog.Endings);
            if (!File.Exists(path))
            {
                throw new UsageException($"{path}: no such file. Name the file that '--events' wrote.");
            }
        }

        if (options.Media is { } media && !File.Exists(media))
        {
            throw new UsageException($"{media}: no such file. Name the video of the events with '--media', or leave it out.");
        }

        if (options.Media is not null && !SegmentFile.LinksMedia(options.Output))
        {
            throw new UsageException($"{options.Output}: only ELAN's files link a video. Leave out '--media', or name a file that ends in .eaf.");
        }

        DetectorOptions.CheckCsvExcel(options.CsvExcel, options.Output, options.Summary);
    }

    private static SegmentTable Read(SegmentsOptions options)
    {
        var builder = new SegmentBuilder(options.Segments);
        var reader = new EventReader();
        foreach (ShownFace face in options.Events.SelectMany(reader.Read))
        {
            builder.Add(face);
        }

        SegmentTable table = builder.Build();
        string events = string.Join(", ", options.Events);
        return table.EndMs.Count == 0 ? throw new UsageException($"{events}: no events. Name the events of a run that found a face.")
            : table.EndMs.Keys.FirstOrDefault(ImageFiles.IsImage) is { } still
                ? throw new UsageException($"{events}: has events of {still}, a still image, which has no duration. Name the events of videos alone.")
            : table.EndMs.Count > 1 && options.Media is not null
                ? throw new UsageException($"--media names one video, but the events are of {table.EndMs.Count} sources. Leave it out, or name one video's events.")
            : table;
    }

    private static (string Path, SegmentTable Table)[] Results(SegmentsOptions options, SegmentTable table)
    {
        if (options.Output.Contains(DetectorOptions.NamePlaceholder, StringComparison.Ordinal))
        {
            return [.. table.EndMs.Keys.Select(source => (options.Output.Replace(DetectorOptions.NamePlaceholder, Path.GetFileNameWithoutExtension(source), StringComparison.Ordinal), table.Of(source)))];
        }

        return table.EndMs.Count > 1 && SegmentFile.IsOfOneSource(options.Output)
            ? throw new UsageException($"{options.Output}: subtitles of {table.EndMs.Count} sources. Give each its own file by a name such as '{DetectorOptions.NamePlaceholder}{Path.GetExtension(options.Output)}'.")
            : [(options.Output, table)];
    }
}
