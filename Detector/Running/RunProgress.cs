using System.Diagnostics.Metrics;
using System.Text.Json;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Output;

namespace MlNetEmotion.Detector.Running;

/// <summary>The figures of a run, as a shard writes them for <c>--progress</c>.</summary>
/// <param name="Shard">The shard; empty for a run that is none.</param>
/// <param name="State"><c>running</c>, <c>done</c>, <c>failed</c> or <c>stopped</c>.</param>
/// <param name="Done">The number of inputs processed by this run, including failed ones.</param>
/// <param name="DoneBefore">The number of inputs whose results existed before.</param>
/// <param name="RemainingSeconds">An estimate from the rate so far; null before the first input is done.</param>
internal sealed record RunFigures(
    string Shard, string State, long Inputs, long Done, long DoneBefore, long Failed, long Frames, long Faces, double Seconds, double InputsPerSecond, double FramesPerSecond,
    double? RemainingSeconds, DateTimeOffset Updated)
{
    /// <summary>Counts the inputs by their outcome, for messages.</summary>
    public override string ToString() => $"{Quantity.Pluralize(Inputs, "input")}: {Done - Failed} done, {DoneBefore} done before, {Failed} failed";
}

/// <summary>Counts a run's progress and publishes it: as a bar on a terminal with messages above it, otherwise as messages and, for a shard or a single
/// input, a line per minute; and for a shard also as a JSON file and as counters for OpenTelemetry. Passwords in URLs are redacted. Thread-safe.</summary>
internal sealed class RunProgress : IDisposable
{
    public const string MeterName = "MlNetEmotion.Archive";

    /// <summary>The placeholder for the shard's index in the file's name, since all tasks of a job array have the same command line.</summary>
    public const string Placeholder = "{shard}";

    private const string Running = "running";
    private static readonly TimeSpan BetweenRepaints = TimeSpan.FromSeconds(0.1);
    private static readonly TimeSpan BetweenFiles = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan BetweenLines = TimeSpan.FromMinutes(1);

    private readonly Meter meter = new(MeterName);
    private readonly ProgressDisplay display;
    private readonly long inputs;
    private readonly Shard? shard;
    private readonly string? file;
    private readonly TimeProvider clock;
    private readonly long start;
    private readonly Lock gate = new();
    private readonly List<InputProgress> active = [];
    private string state = Running;
    private long lineAt;
    private long? fileAt;
    private long done;
    private long doneBefore;
    private long failed;
    private long frames;
    private long faces;

    /// <param name="file">The shard's JSON file, in whose name the shard's index replaces <see cref="Placeholder"/>; null for none.</param>
    public RunProgress(ProgressDisplay display, long inputs, Shard? shard = null, string? file = null, TimeProvider? clock = null)
    {
        (this.display, this.inputs, this.shard, this.clock) = (display, inputs, shard, clock ?? TimeProvider.System);
        this.file = file?.Replace(Placeholder, $"{shard?.Index}", StringComparison.Ordinal);
        start = lineAt = this.clock.GetTimestamp();
        meter.CreateObservableCounter("mlnetemotion.archive.inputs", () => new[] { Outcome("done", done - failed), Outcome("failed", failed) }, "{input}", "Inputs processed, including failed ones.");
        meter.CreateObservableCounter("mlnetemotion.archive.frames", () => frames, "{frame}", "Frames and images processed.");
        meter.CreateObservableCounter("mlnetemotion.archive.faces", () => faces, "{face}", "Faces found.");

        static Measurement<long> Outcome(string name, long count) => new(count, new KeyValuePair<string, object?>("outcome", name));
    }

    public RunFigures Figures
    {
        get
        {
            double seconds = Math.Max(clock.GetElapsedTime(start).TotalSeconds, 0.001);    // JSON has no infinity
            return new RunFigures(
                $"{shard}", state, inputs, done, doneBefore, failed, frames, faces, Math.Round(seconds, 1), Math.Round(done / seconds, 2), Math.Round(frames / seconds, 2),
                done == 0 ? null : Math.Round((inputs - doneBefore - done) * seconds / done), DateTimeOffset.UtcNow);
        }
    }

    // A single input's bar counts its frames, and is cleared at the end.
    private bool IsSingle => inputs == 1 && shard is null;

    /// <summary>Runs a function with the progress on screen and in the file.</summary>
    public T Show<T>(Func<T> run) => display.Show(
        IsSingle ? "starting" : "inputs",
        () =>
        {
            using ITimer timer = clock.CreateTimer(_ => Update(), state: null, TimeSpan.Zero, BetweenRepaints);
            T result = run();
            Update();
            return result;
        },
        clears: IsSingle);

    public void WriteLine(string line) => display.WriteLine(UrlRedactor.Redact(line));

    public void Warn(string line) => display.Warn(UrlRedactor.Redact(line));

    public void DoneBefore(int count) => Interlocked.Add(ref doneBefore, count);

    /// <summary>Begins an input, whose frames the result counts.</summary>
    /// <param name="expected">The input's total number of frames; null if unknown.</param>
    public InputProgress Begin(long? expected)
    {
        var input = new InputProgress(this, expected);
        lock (gate)
        {
            active.Add(input);
        }

        return input;
    }

    /// <summary>Counts an input and reports its error or remark.</summary>
    public void Done(InputRecord input)
    {
        Interlocked.Increment(ref done);
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
    }

    /// <summary>Sets the final state and writes the final figures.</summary>
    public void End(string state)
    {
        lock (gate)
        {
            this.state = state;
            WriteFile();
        }
    }

    public void Dispose() => meter.Dispose();

    private void Update()
    {
        lock (gate)
        {
            RunFigures now = Figures;
            InputProgress? single = IsSingle ? active.FirstOrDefault() : null;
            string line = single is not null ? $"{single}" : $"{now.Done + now.DoneBefore} of {Quantity.Pluralize(inputs, "input")}";
            display.Advance(now.Done + now.DoneBefore + active.Sum(input => input.Share ?? 0), single is { Share: null } ? null : inputs, line);
            if (!display.IsShown && state == Running && clock.GetElapsedTime(lineAt) >= BetweenLines)
            {
                lineAt = clock.GetTimestamp();
                if (shard is not null)
                {
                    WriteLine($"{line}, {now.Failed} failed, {Quantity.Pluralize(now.Frames, "frame")}, {now.FramesPerSecond:0.0} frames/s, {now.RemainingSeconds:0} s to go");
                }
                else if (single is not null)
                {
                    Warn(line);
                }
            }

            if (fileAt is not { } at || clock.GetElapsedTime(at) >= BetweenFiles)
            {
                fileAt = clock.GetTimestamp();
                WriteFile();
            }
        }
    }

    // Errors are ignored: the shard must not fail because of its progress file.
    private void WriteFile()
    {
        try
        {
            if (file is not null)
            {
                AtomicFile.WriteText(file, JsonSerializer.Serialize(Figures, FaceTable.Json));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    /// <summary>An input's progress by its frames, shown until it is disposed.</summary>
    internal sealed class InputProgress(RunProgress run, long? expected) : IDisposable
    {
        private long written;

        /// <summary>The share that is done, in [0, 1]; null if unknown.</summary>
        public double? Share => expected is > 0 ? Math.Min((double)written / expected.Value, 1) : null;

        public override string ToString() => $"{written}{(expected is null ? "" : $" of {expected}")} frames";

        public void Count(FrameResult frame)
        {
            written++;
            run.Frame(frame.Faces.Count);
        }

        public void Dispose()
        {
            lock (run.gate)
            {
                run.active.Remove(this);
            }
        }
    }
}
