using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Running;

namespace MlNetEmotion.Detector.Archive;

/// <summary>
/// Processes a shard's parts, each into its own result file, written atomically. Parts with an existing result are skipped, unless it is damaged or some of
/// its inputs could not be read. Two processes with the same part write the same result; the later file replaces the earlier one.
/// </summary>
internal sealed class ArchiveRun(string folder, string settings, VideoWork videos, PictureWork pictures, RunProgress progress) : WorkRun<ArchivePart>
{
    // Younger temporary files may still be in use by another machine.
    private static readonly TimeSpan LeftoverAge = TimeSpan.FromDays(1);

    private const int MaxFilesChecked = 100;

    private long recoverable;
    private int failedParts;

    /// <summary>Creates the folder, and removes temporary files that killed runs left in it long ago. Warns of results in the folder from another model or
    /// other settings: this run does not use them, and a merge uses the results of one setting only.</summary>
    public void Prepare()
    {
        OutputFiles.CreateFolderOf(Path.Combine(folder, "part"));
        foreach (string leftover in Directory.EnumerateFiles(folder, $"*{FaceTable.Ending}.*.tmp").Where(path => DateTime.UtcNow - File.GetLastWriteTimeUtc(path) > LeftoverAge))
        {
            TryDelete(leftover);
        }

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

    /// <summary>Processes the videos in parallel, then the pictures, whose parts are parallel in themselves. Reports the outcome and returns the exit code: 0
    /// only if all parts are done and all inputs could be read.</summary>
    public int Run(IReadOnlyList<ArchivePart> parts, int jobs, CancellationToken stop)
    {
        ProcessAll(parts.Where(part => !part.IsStills), jobs, stop);
        ProcessAll(parts.Where(part => part.IsStills), jobs: 1, stop);
        RunFigures all = progress.Figures;
        bool isWhole = !stop.IsCancellationRequested && failedParts == 0 && recoverable == 0;
        progress.End(isWhole ? "done" : stop.IsCancellationRequested ? "stopped" : "failed");
        progress.WriteLine(
            $"shard {all.Shard}: {all}; {Quantity.Pluralize(all.Frames, "frame")}, {Quantity.Pluralize(all.Faces, "face")}, {all.Seconds:0.0} s, {all.FramesPerSecond:0.0} frames/s");
        if (!isWhole)
        {
            long left = all.Inputs - all.Done - all.DoneBefore + recoverable;
            progress.Warn($"{Quantity.Pluralize(left, "input")} to do{(recoverable > 0 ? $", {recoverable} of which could not be read" : "")}; run the same command again to continue.");
        }

        // Not 0 for a stopped shard: a scheduler would take the job for completed.
        return isWhole ? ExitCodes.Success : ExitCodes.Failure;
    }

    protected override bool TrySkip(ArchivePart part)
    {
        if (!File.Exists(PathOf(part)))
        {
            return false;
        }

        try
        {
            using var table = new FaceTableReader(PathOf(part));
            if (table.Inputs.Any(input => input.MayRecover))
            {
                return false;
            }
        }
        catch (InvalidDataException)
        {
            return false;
        }

        progress.DoneBefore(part.Inputs.Count);
        return true;
    }

    protected override void Process(ArchivePart part, CancellationToken stop)
    {
        string temporary = $"{PathOf(part)}.{Guid.NewGuid():N}.tmp";
        try
        {
            using var file = new FileStream(temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.Read);
            using var table = new FaceTableWriter(file, settings);
            if (part.IsStills)
            {
                pictures.Do(part, table, stop);
            }
            else
            {
                videos.Do(part, table, stop);
            }

            stop.ThrowIfCancellationRequested();
            table.Finish();
            file.Flush(flushToDisk: true);
            Interlocked.Add(ref recoverable, table.Inputs.Count(input => input.MayRecover));
        }
        catch
        {
            TryDelete(temporary);
            throw;
        }

        AtomicFile.Replace(temporary, PathOf(part));
    }

    protected override void Fail(ArchivePart part, Exception e)
    {
        Interlocked.Increment(ref failedParts);
        progress.Warn($"{PathOf(part)}: could not be written: {e.Message}");
    }

    private string PathOf(ArchivePart part) => Path.Combine(folder, part.FileName);

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
