using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Spectre.Console;

namespace MlNetEmotion.Programs.Archive;

/// <summary>A shard's progress, as written by <c>--progress</c>.</summary>
/// <param name="State"><c>running</c>, <c>done</c>, <c>failed</c> or <c>stopped</c>.</param>
/// <param name="Inputs">The number of the shard's inputs.</param>
/// <param name="Done">The number of inputs processed by this run, including failed ones.</param>
/// <param name="DoneBefore">The number of inputs whose results existed before.</param>
/// <param name="Failed">The number of inputs that failed.</param>
/// <param name="Seconds">The time since the start.</param>
/// <param name="RemainingSeconds">An estimate from the rate so far; null before the first input is done.</param>
internal sealed record ShardProgress(
    string Shard, string State, long Inputs, long Done, long DoneBefore, long Failed, long Frames, long Faces, double Seconds, double InputsPerSecond, double FramesPerSecond,
    double? RemainingSeconds, DateTimeOffset Updated);

/// <summary>Counts a shard's progress and publishes it: as a bar on a terminal or a line per minute, as a JSON file, and as counters for OpenTelemetry.
/// Thread-safe.</summary>
internal sealed class ArchiveProgress : IDisposable
{
    public const string MeterName = "MlNetEmotion.Archive";

    /// <summary>The placeholder for the shard's index in the file's name, since all tasks of a job array have the same command line.</summary>
    public const string Placeholder = "{shard}";

    private static readonly TimeSpan BetweenFiles = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan BetweenLines = TimeSpan.FromMinutes(1);

    private readonly Meter meter = new(MeterName);
    private readonly Counter<long> inputsCounter;
    private readonly Counter<long> framesCounter;
    private readonly Counter<long> facesCounter;
    private readonly ProgressDisplay display;
    private readonly Shard shard;
    private readonly long inputs;
    private readonly string? file;
    private readonly long start = Stopwatch.GetTimestamp();
    private readonly Lock gate = new();
    private readonly Timer timer;
    private long lastLineAt = Stopwatch.GetTimestamp();
    private long done;
    private long doneBefore;
    private long failed;
    private long frames;
    private long faces;

    /// <param name="file">The JSON file, in whose name the shard's index replaces <see cref="Placeholder"/>; null for none.</param>
    public ArchiveProgress(Shard shard, long inputs, string? file)
    {
        (this.shard, this.inputs, this.file) = (shard, inputs, file?.Replace(Placeholder, $"{shard.Index}", StringComparison.Ordinal));
        display = new ProgressDisplay(AnsiConsole.Console, Console.Out, Console.Error);
        inputsCounter = meter.CreateCounter<long>("mlnetemotion.archive.inputs", "{input}", "Inputs processed, including failed ones.");
        framesCounter = meter.CreateCounter<long>("mlnetemotion.archive.frames", "{frame}", "Frames and pictures processed.");
        facesCounter = meter.CreateCounter<long>("mlnetemotion.archive.faces", "{face}", "Faces found.");
        timer = new Timer(_ => Update(), state: null, TimeSpan.Zero, BetweenFiles);
    }

    public ShardProgress Snapshot(string state)
    {
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        (long now, long before) = (Interlocked.Read(ref done), Interlocked.Read(ref doneBefore));
        return new ShardProgress(
            $"{shard}", state, inputs, now, before, Interlocked.Read(ref failed), Interlocked.Read(ref frames), Interlocked.Read(ref faces), Math.Round(seconds, 1),
            Math.Round(now / seconds, 2), Math.Round(Interlocked.Read(ref frames) / seconds, 2), now == 0 ? null : Math.Round((inputs - before - now) * seconds / now), DateTimeOffset.UtcNow);
    }

    public T Show<T>(Func<T> run) => display.Show("inputs", run);

    public void WriteLine(string line) => display.WriteLine(UrlRedactor.Redact(line));

    public void Warn(string line) => display.Warn(UrlRedactor.Redact(line));

    public void DoneBefore(int count) => Interlocked.Add(ref doneBefore, count);

    /// <summary>Counts an input and reports its error or remark.</summary>
    public void Done(InputRecord input)
    {
        Interlocked.Increment(ref done);
        inputsCounter.Add(1, new KeyValuePair<string, object?>("outcome", input.Error is null ? "done" : "failed"));
        if (input.Remark is { } remark)
        {
            Warn($"{input.Source}: {remark}");
        }

        if (input.Error is not null)
        {
            Interlocked.Increment(ref failed);
            Warn(input.Error.Contains(input.Source, StringComparison.Ordinal) ? input.Error : $"{input.Source}: {input.Error}");
        }
    }

    /// <summary>Counts a frame, also of a video in progress.</summary>
    public void Frame(int found)
    {
        Interlocked.Increment(ref frames);
        Interlocked.Add(ref faces, found);
        framesCounter.Add(1);
        facesCounter.Add(found);
    }

    /// <summary>Writes the final figures.</summary>
    public void End(string state)
    {
        timer.Dispose();
        lock (gate)
        {
            WriteFile(Snapshot(state));
        }
    }

    public void Dispose()
    {
        timer.Dispose();
        meter.Dispose();
    }

    private void Update()
    {
        lock (gate)
        {
            ShardProgress now = Snapshot("running");
            string line = $"{now.Done + now.DoneBefore} of {Quantity.Pluralize(inputs, "input")}";
            display.Advance(now.Done + now.DoneBefore, inputs, line);
            if (!display.IsShown && Stopwatch.GetElapsedTime(lastLineAt) >= BetweenLines)
            {
                lastLineAt = Stopwatch.GetTimestamp();
                WriteLine($"{line}, {now.Failed} failed, {Quantity.Pluralize(now.Frames, "frame")}, {now.FramesPerSecond:0.0} frames/s, {now.RemainingSeconds:0} s to go");
            }

            WriteFile(now);
        }
    }

    // Errors are ignored: the shard must not fail because of its progress file.
    private void WriteFile(ShardProgress progress)
    {
        try
        {
            if (file is not null)
            {
                AtomicFile.WriteText(file, JsonSerializer.Serialize(progress, FaceTable.Json));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }
}
