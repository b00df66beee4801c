using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Running;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Programs.Images;

namespace MlNetEmotion.Detector.Archive;

/// <summary>One input of an archive.</summary>
/// <param name="Name">The input's name, the same on every machine: its relative path if the only argument is a folder, else the path or URL as given,
/// without passwords.</param>
internal sealed record ArchiveInput(string Name, string Path, bool IsStill);

/// <summary>The unit of work, with one result file: a video, or some hundred images.</summary>
/// <param name="FileName">The result file's name, a hash of the inputs' names and the settings.</param>
internal sealed record ArchivePart(string FileName, IReadOnlyList<ArchiveInput> Inputs)
{
    public bool IsStills => Inputs[0].IsStill;
}

/// <summary>Splits an archive into parts and assigns them to shards, by names alone or by sizes too, so that all machines compute the same plan. Parts do not
/// depend on the number of shards, so finished parts stay valid if it changes.</summary>
internal static class ArchivePlan
{
    // Images per part, less if there were too few parts. The number of parts is a power of two, so that it rarely changes when images are added.
    private const int MaxImagesPerPart = 1000;
    private const int MinImagesPerPart = 100;
    private const int TargetParts = 64;

    /// <summary>Lists all inputs: the images and videos in folders, other paths and URLs as given.</summary>
    /// <param name="areCropped">Whether the images are cropped faces. Data sets often name these by a hash alone, so a file without an extension is an
    /// image too.</param>
    /// <param name="report">Receives a line for each input left out.</param>
    public static IReadOnlyList<ArchiveInput> Inputs(IReadOnlyList<string> named, bool areCropped, Action<string> report)
    {
        var seen = new HashSet<string>();
        var inputs = new List<ArchiveInput>();
        foreach (string input in named)
        {
            // A path with a file's extension is not checked to be a folder: a million checks on a network drive would take longer than the rest.
            bool isFolder = !VideoReader.IsVideo(input) && !FrameSources.IsStill(input) && Directory.Exists(input);
            string[] paths = isFolder
                ? [.. ImageFiles.Files(input, (path, reason) => report($"skipped {path}: {reason}")).Where(path => VideoReader.IsVideo(path) || ImageFiles.IsImage(path))]
                : [input];
            foreach (string path in paths)
            {
                string name = isFolder && named.Count == 1 ? Path.GetRelativePath(input, path).Replace('\\', '/') : UrlRedactor.Redact(path);
                if (seen.Add(name))
                {
                    inputs.Add(new ArchiveInput(name, path, FrameSources.IsStill(path) || (areCropped && !Path.HasExtension(path) && !FrameSources.IsUrl(path))));
                }
                else
                {
                    report($"{name}: duplicate input, processed once");
                }
            }
        }

        return inputs;
    }

    /// <summary>The parts of a shard.</summary>
    /// <param name="bySize">Whether to balance the shards by bytes, rather than assign parts by their hash.</param>
    public static IReadOnlyList<ArchivePart> PartsOf(Shard shard, IReadOnlyList<ArchiveInput> inputs, string settings, bool bySize)
    {
        ArchiveInput[] images = [.. inputs.Where(input => input.IsStill)];
        ulong count = BitOperations.RoundUpToPowerOf2((ulong)Math.Max(images.Length / MaxImagesPerPart, Math.Clamp(images.Length / MinImagesPerPart, 1, TargetParts)));
        (ulong Hash, ArchivePart Part)[] parts =
        [
            .. inputs.Where(input => !input.IsStill).Select(input => (HashOf(input.Name), Part([input]))),
            .. images.GroupBy(input => HashOf(input.Name) % count).Select(group => (group.Key, Part([.. group.OrderBy(input => input.Name, StringComparer.Ordinal)]))),
        ];
        IEnumerable<ArchivePart> own = bySize
            ? BySize(shard, [.. parts.Select(part => part.Part)])
            : parts.Where(part => part.Hash % (ulong)shard.Count == (ulong)shard.Index).Select(part => part.Part);
        return [.. own.OrderBy(part => part.FileName, StringComparer.Ordinal)];

        ArchivePart Part(ArchiveInput[] members) => new(
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', members.Select(input => input.Name).Prepend(settings))))[..16]) + FaceTable.Ending,
            members);
    }

    // Greedy: the largest part first, each to the shard with the fewest bytes so far.
    private static IEnumerable<ArchivePart> BySize(Shard shard, ArchivePart[] parts)
    {
        var loads = new PriorityQueue<int, (long Bytes, int Index)>(Enumerable.Range(0, shard.Count).Select(index => (index, (0L, index))));
        foreach ((ArchivePart part, long bytes) in parts.Select(part => (part, part.Inputs.Sum(SizeOf))).OrderByDescending(pair => pair.Item2).ThenBy(pair => pair.part.FileName, StringComparer.Ordinal))
        {
            loads.TryDequeue(out int index, out (long Bytes, int Index) load);
            loads.Enqueue(index, (load.Bytes + bytes, index));
            if (index == shard.Index)
            {
                yield return part;
            }
        }
    }

    // Missing files, empty files and URLs count as one byte.
    private static long SizeOf(ArchiveInput input) => new FileInfo(input.Path) is { Exists: true, Length: > 0 } file ? file.Length : 1;

    private static ulong HashOf(string name) => BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
}
