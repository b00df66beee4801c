using System.CommandLine;
using System.Globalization;

namespace MlNetEmotion.Programs.Archive;

/// <summary>How inputs fall on shards.</summary>
internal enum ShardBy
{
    /// <summary>By a hash of the name.</summary>
    Hash,

    /// <summary>So that all get as many bytes.</summary>
    Size,
}

/// <summary>Which part of the work is this process's: all that falls on an index, from 0, of so many.</summary>
internal readonly record struct Shard(int Index, int Count)
{
    /// <summary>What both programs call the options.</summary>
    public static Option<string?> Option() => new("--shard")
    {
        Description = "Do one of N parts of the inputs, from 0: 3/8; or auto, by the variables that Slurm sets in an array. A hash of each path says what falls where, so that any machine may do any part.",
        HelpName = "I/N|auto",
    };

    public static Option<int?> CountOption()
    {
        var option = new Option<int?>("--shards")
        {
            Description = "The same, with the index from JOB_COMPLETION_INDEX (Kubernetes) or SLURM_ARRAY_TASK_ID.",
            HelpName = "N",
        };
        option.MustBe(1);
        return option;
    }

    public override string ToString() => $"{Index}/{Count}";

    /// <summary>What the options and the scheduler's variables say; null where no option asks for a part. The variables alone ask for none: a job
    /// of an array may well name an input of its own.</summary>
    public static Shard? Read(string? shard, int? shards, Func<string, string?> variable)
    {
        if (shard is not null && shards is not null)
        {
            throw new UsageException("--shard and --shards say the same: give one of them.");
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

    // An array may start at 1, and count in steps. One with gaps is a part of another: which, nobody says.
    private static Shard OfSlurm(Func<string, string?> variable)
    {
        if ((Value("ID"), Value("COUNT"), Value("MIN"), Value("MAX"), Value("STEP")) is not ({ } id, { } count, { } min, { } max, { } step and > 0))
        {
            throw new UsageException("--shard auto needs the variables of a Slurm array (SLURM_ARRAY_TASK_ID, …_COUNT, …_MIN, …_MAX, …_STEP). Elsewhere give '--shard 0/8', or '--shards 8'.");
        }

        return ((max - min) / step) + 1 == count
            ? new Shard((id - min) / step, count)
            : throw new UsageException($"--shard auto: the array has gaps ({count} tasks from {min} to {max}). Give '--shards N' with the number of all parts.");

        int? Value(string name) => Number(variable($"SLURM_ARRAY_TASK_{name}") ?? "");
    }

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;
}
