using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace MlNetEmotion.Programs.Archive;

/// <summary>
/// Processes a shard's parts, each into its own result file, written atomically. Parts with an existing result are skipped, unless it is damaged or some of
/// its inputs could not be read. Two processes with the same part write the same result; the later file replaces the earlier one.
/// </summary>
internal sealed class ArchiveRun(string folder, string settings, ArchiveProgress progress)
{
    // Younger temporary files may still be in use by another machine.
    private static readonly TimeSpan LeftoverAge = TimeSpan.FromDays(1);

    private const int MaxFilesChecked = 100;

    private readonly ConcurrentBag<string> failedParts = [];
    private long recoverable;

    /// <summary>Processes one part: writes its rows and each input's outcome; throws if the whole part failed.</summary>
    public delegate void Work(ArchivePart part, FaceTableWriter table, CancellationToken stop);

    /// <summary>Processes parts in parallel.</summary>
    public void ProcessAll(IEnumerable<ArchivePart> parts, int jobs, Work work, CancellationToken stop) => Parallel.ForEach(
        Partitioner.Create(parts, EnumerablePartitionerOptions.NoBuffering),
        new ParallelOptions { MaxDegreeOfParallelism = jobs },
        part =>
        {
            if (!stop.IsCancellationRequested)
            {
                ProcessPart(part, work, stop);
            }
        });

    /// <summary>Reports the outcome and returns the exit code: 0 only if all parts are done and all inputs could be read.</summary>
    public int End(CancellationToken stop)
    {
        ShardProgress all = progress.Snapshot("");
        long left = all.Inputs - all.Done - all.DoneBefore;
        bool isWhole = !stop.IsCancellationRequested && failedParts.IsEmpty && recoverable == 0;
        progress.End(isWhole ? "done" : stop.IsCancellationRequested ? "stopped" : "failed");
        progress.WriteLine(
            $"shard {all.Shard}: {Quantity.Pluralize(all.Inputs, "input")}: {all.Done - all.Failed} done, {all.DoneBefore} done before, {all.Failed} failed; "
            + $"{Quantity.Pluralize(all.Frames, "frame")}, {Quantity.Pluralize(all.Faces, "face")}, {all.Seconds:0.0} s, {all.FramesPerSecond:0.0} frames/s");
        if (!isWhole)
        {
            progress.Warn($"{Quantity.Pluralize(left + recoverable, "input")} to do{(recoverable > 0 ? $", {recoverable} of which could not be read" : "")}; run the same command again to continue.");
        }

        // Not 0 for a stopped shard: a scheduler would take the job for completed.
        return isWhole ? ExitCodes.Success : ExitCodes.Failure;
    }

    /// <summary>A hash of a model file's content, which identifies it in the settings independently of its path; null for none.</summary>
    public static string? HashOf(byte[]? content) => content is null ? null : Shortened(SHA256.HashData(content));

    /// <summary>A hash of an emotion model file's content; null for the default model.</summary>
    public static string HashOfModel(string? file)
    {
        using Stream stream = file is null ? EmotionClassifier.OpenDefaultModel() : File.OpenRead(file);
        return Shortened(SHA256.HashData(stream));
    }

    /// <summary>Creates the folder, and removes temporary files that killed runs left in it long ago.</summary>
    public void Prepare()
    {
        OutputFiles.CreateFolderOf(Path.Combine(folder, "part"));
        foreach (string leftover in Directory.EnumerateFiles(folder, $"*{FaceTable.Ending}.*.tmp").Where(path => DateTime.UtcNow - File.GetLastWriteTimeUtc(path) > LeftoverAge))
        {
            TryDelete(leftover);
        }
    }

    /// <summary>Warns of results in the folder from another model or other settings: this run does not use them, and a merge uses the results of one setting
    /// only.</summary>
    public void ReportOthers()
    {
        // Names are hashes, so the first files are a random sample.
        if (Directory.EnumerateFiles(folder, "*" + FaceTable.Ending).Order(StringComparer.Ordinal).Take(MaxFilesChecked).FirstOrDefault(IsOther) is { } other)
        {
            progress.Warn(
                $"{other}: made by another version, model or settings than this run ({settings}), which does not use them. A merge uses the settings with the most inputs only: remove the other results, or use another folder.");
        }

        bool IsOther(string file)
        {
            try
            {
                using var table = new FaceTableReader(file);
                return table.Settings != settings;
            }
            catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                return false;    // a merge reports damaged files; another process may have the file open
            }
        }
    }

    private static string Shortened(byte[] hash) => Convert.ToHexStringLower(hash[..8]);

    private void ProcessPart(ArchivePart part, Work work, CancellationToken stop)
    {
        string path = Path.Combine(folder, part.FileName);
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        bool isFinished = false;
        try
        {
            if (IsDone(path))
            {
                progress.DoneBefore(part.Inputs.Count);
                return;
            }

            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.Read))
            using (var table = new FaceTableWriter(file, settings))
            {
                work(part, table, stop);
                stop.ThrowIfCancellationRequested();
                table.Finish();
                file.Flush(flushToDisk: true);
                Interlocked.Add(ref recoverable, table.Inputs.Count(input => input.MayRecover));
            }

            isFinished = true;
            AtomicFile.Replace(temporary, path);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            TryDelete(temporary);
        }
        catch (Exception e)
        {
            // Any error, such as a full disk or a bug in a decoder, fails this part only.
            failedParts.Add(part.FileName);
            progress.Warn($"{path}: could not be written: {e.Message}");
            if (!isFinished)
            {
                TryDelete(temporary);
            }
        }
    }

    private static bool IsDone(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        try
        {
            using var table = new FaceTableReader(path);
            return !table.Inputs.Any(input => input.MayRecover);
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }
}
