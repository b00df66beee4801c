using System.Globalization;

namespace MlNetEmotion.Detector.Running;

/// <summary>The assignment of inputs to shards.</summary>
internal enum ShardBy
{
    /// <summary>By a hash of the name.</summary>
    Hash,

    /// <summary>Balanced by bytes.</summary>
    Size,
}

/// <summary>The options of sharded work.</summary>
internal sealed record ShardOptions
{
    [Setting("Process one of N shards of the inputs, numbered from 0, such as 3/8; or auto, from the variables of a Slurm array. A hash of each path selects its shard, so any machine can process any shard.", Value = "I/N|auto")]
    public string? Shard { get; init; }
    [Setting("The number of shards, with the index from JOB_COMPLETION_INDEX (Kubernetes) or SLURM_ARRAY_TASK_ID.", Min = 1)] public int? Shards { get; init; }
    [Setting("How inputs are assigned to shards: by a hash of the path, or by size, so that all shards get about as many bytes even if file sizes differ much. [default: hash]", Name = "--shard-by", Value = "hash|size")]
    public ShardBy By { get; init; }
    [Setting($"Write the shard's progress to a file; {RunProgress.Placeholder} in its name is replaced by the shard's index.", Value = "FILE.json")] public string? Progress { get; init; }
}

/// <summary>This process's share of the work: shard <paramref name="Index"/>, from 0, of <paramref name="Count"/>.</summary>
internal readonly record struct Shard(int Index, int Count)
{
    public override string ToString() => $"{Index}/{Count}";

    /// <summary>The shard from the options and the scheduler's variables; null without an option. The variables alone have no effect, since the tasks of a job
    /// array may each name their own inputs.</summary>
    public static Shard? Read(string? shard, int? shards, Func<string, string?> variable)
    {
        if (shard is not null && shards is not null)
        {
            throw new UsageException("--shard and --shards cannot be combined: give one of them.");
        }

        return shards is { } count ? OfScheduler(count, variable) : shard switch { null => null, "auto" => OfSlurm(variable), _ => Parse(shard) };
    }

    private static Shard Parse(string text) =>
        text.Split('/') is [var first, var second] && Number(first) is { } index && Number(second) is { } count && index < count
            ? new Shard(index, count)
            : throw new UsageException($"--shard is '{text}', but must be I/N, with I from 0 to N-1, such as 0/8; or auto.");

    private static Shard OfScheduler(int count, Func<string, string?> variable)
    {
        string name = variable("JOB_COMPLETION_INDEX") is null ? "SLURM_ARRAY_TASK_ID" : "JOB_COMPLETION_INDEX";
        return variable(name) is not { } text
            ? throw new UsageException("--shards takes the index from JOB_COMPLETION_INDEX or SLURM_ARRAY_TASK_ID, and neither is set. Outside of a scheduler give '--shard 0/8'.")
            : Number(text) is { } index && index < count
                ? new Shard(index, count)
                : throw new UsageException($"{name} is {text}, but must be 0 to {count - 1} for '--shards {count}': number the tasks from 0.");
    }

    // An array may start at 1 and have a step. Gaps mean that it is a part of a larger array of unknown size.
    private static Shard OfSlurm(Func<string, string?> variable)
    {
        if ((Value("ID"), Value("COUNT"), Value("MIN"), Value("MAX"), Value("STEP")) is not ({ } id, { } count, { } min, { } max, { } step and > 0))
        {
            throw new UsageException("--shard auto needs the variables of a Slurm array (SLURM_ARRAY_TASK_ID, …_COUNT, …_MIN, …_MAX, …_STEP). Elsewhere give '--shard 0/8', or '--shards 8'.");
        }

        return ((max - min) / step) + 1 == count
            ? new Shard((id - min) / step, count)
            : throw new UsageException($"--shard auto: the array has gaps ({count} tasks from {min} to {max}). Give '--shards N' with the total number of shards.");

        int? Value(string name) => Number(variable($"SLURM_ARRAY_TASK_{name}") ?? "");
    }

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;
}
