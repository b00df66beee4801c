using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace MlNetEmotion.Programs.Archive;

/// <summary>
/// Does a shard's parts, each into a file of its own that is whole or not there. What is there already is not done again, unless it is damaged or
/// holds inputs that could not be read. Two processes that do the same part write the same; the later one's file takes the other's place.
/// </summary>
internal sealed class ArchiveRun(string folder, string settings, ArchiveProgress progress)
{
    // A younger one may still be written, by whatever machine.
    private static readonly TimeSpan LeftoverAge = TimeSpan.FromDays(1);

    private const int MaxFilesChecked = 100;

    private readonly ConcurrentBag<string> failedParts = [];
    private long recoverable;

    /// <summary>What does a part: writes its rows and what became of each input; throws where all of it is in vain.</summary>
    public delegate void Work(ArchivePart part, FaceTableWriter table, CancellationToken stop);

    /// <summary>Does parts, so many at a time.</summary>
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

    /// <summary>Tells how it went.</summary>
    public int End(CancellationToken stop)
    {
        ArchiveFigures all = progress.Figures("");
        long left = all.Inputs - all.Done - all.DoneBefore;
        bool isWhole = !stop.IsCancellationRequested && failedParts.IsEmpty && recoverable == 0;
        progress.End(isWhole ? "done" : stop.IsCancellationRequested ? "stopped" : "failed");
        progress.WriteLine(
            $"shard {all.Shard}: {Quantity.Pluralize(all.Inputs, "input")}: {all.Done - all.Failed} done, {all.DoneBefore} done before, {all.Failed} failed; "
            + $"{Quantity.Pluralize(all.Frames, "frame")}, {Quantity.Pluralize(all.Faces, "face")}, {all.Seconds:0.0} s, {all.FramesPerSecond:0.0} frames/s");
        if (!isWhole)
        {
            progress.Warn($"{Quantity.Pluralize(left + recoverable, "input")} to do{(recoverable > 0 ? $", {recoverable} of which could not be read" : "")}: the same command goes on with them.");
        }

        // A scheduler takes 0 for all done, so a shard that was stopped must not say so.
        return isWhole ? ExitCodes.Success : ExitCodes.Failure;
    }

    /// <summary>A model file by its content, as the settings name it: each machine may keep it elsewhere. Null for none.</summary>
    public static string? HashOf(byte[]? content) => content is null ? null : Shortened(SHA256.HashData(content));

    /// <summary>An emotion model by what is in it; null for the one that comes with the program.</summary>
    public static string HashOfModel(string? file)
    {
        using Stream stream = file is null ? EmotionClassifier.OpenDefaultModel() : File.OpenRead(file);
        return Shortened(SHA256.HashData(stream));
    }

    /// <summary>Makes the folder, and removes what runs that were killed long ago have left in it.</summary>
    public void Prepare()
    {
        OutputFiles.CreateFolderOf(Path.Combine(folder, "part"));
        foreach (string leftover in Directory.EnumerateFiles(folder, $"*{FaceTable.Ending}.*.tmp").Where(path => DateTime.UtcNow - File.GetLastWriteTimeUtc(path) > LeftoverAge))
        {
            TryDelete(leftover);
        }
    }

    /// <summary>Reports results in the folder of another model or other settings: they count as not done, and a merge takes one kind alone.</summary>
    public void ReportOthers()
    {
        // Names are hashes, so that some are as good as all.
        if (Directory.EnumerateFiles(folder, "*" + FaceTable.Ending).Order(StringComparer.Ordinal).Take(MaxFilesChecked).FirstOrDefault(IsOther) is { } other)
        {
            progress.Warn(
                $"{other}: made by another version, model or settings than this run ({settings}): such results count as not done. A merge takes the kind of most inputs: remove the others, or name another folder.");
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
                return false;    // a merge reports damaged ones; another process may be at one
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
            // Whatever it is, a full disk or a decoder's fault, the other parts have their own chance.
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
