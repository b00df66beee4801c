using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using MlNetEmotion.Programs.Pictures;

namespace MlNetEmotion.Programs.Archive;

/// <summary>One of very many inputs.</summary>
/// <param name="Name">What every machine calls it: its way within the one folder that was named, or the path or address as it was given, without
/// passwords.</param>
internal sealed record ArchiveInput(string Name, string Path, bool IsStill);

/// <summary>What is done at a time and has one result file: a video, or some hundred pictures.</summary>
/// <param name="FileName">The result's: it follows from the inputs' names and the settings.</param>
internal sealed record ArchivePart(string FileName, IReadOnlyList<ArchiveInput> Inputs)
{
    public bool IsStills => Inputs[0].IsStill;
}

/// <summary>How an archive is cut into parts, and which of them fall on a shard. It follows from the names alone, or from the sizes too, so that
/// all machines come to the same. How many shards there are changes no part: what is done stays done, whoever goes on.</summary>
internal sealed class ArchivePlan(Func<string, bool> isVideo, Func<string, bool> isStill)
{
    // So many pictures are a part at most, and fewer where that would make few parts: half as many for a power of two, which seldom changes.
    private const int MaxPicturesPerPart = 1000;
    private const int MinPicturesPerPart = 100;
    private const int TargetParts = 64;

    /// <summary>All inputs that are meant: a folder's pictures and videos, other paths and addresses as they are.</summary>
    /// <param name="named">Folders, files, addresses.</param>
    /// <param name="report">Told what is left out.</param>
    public IReadOnlyList<ArchiveInput> Inputs(IReadOnlyList<string> named, Action<string> report)
    {
        var seen = new HashSet<string>();
        var inputs = new List<ArchiveInput>();
        foreach (string input in named)
        {
            // What ends as a file does is one: asking a network's disk a million times would take longer than all else.
            bool isFolder = !isVideo(input) && !isStill(input) && Directory.Exists(input);
            string[] paths = isFolder
                ? [.. PictureFolder.Files(input, (path, reason) => report($"skipped {path}: {reason}")).Where(path => isVideo(path) || PictureFolder.IsPicture(path))]
                : [input];
            foreach (string path in paths)
            {
                string name = isFolder && named.Count == 1 ? Path.GetRelativePath(input, path).Replace('\\', '/') : UrlRedactor.Redact(path);
                if (seen.Add(name))
                {
                    inputs.Add(new ArchiveInput(name, path, isStill(path)));
                }
                else
                {
                    report($"{name}: named twice; it is done once");
                }
            }
        }

        return inputs;
    }

    /// <summary>The parts that fall on a shard.</summary>
    /// <param name="bySize">Whether shards get the same amount of bytes, rather than what the hash says.</param>
    public static IReadOnlyList<ArchivePart> PartsOf(Shard shard, IReadOnlyList<ArchiveInput> inputs, string settings, bool bySize)
    {
        ArchiveInput[] pictures = [.. inputs.Where(input => input.IsStill)];
        ulong count = BitOperations.RoundUpToPowerOf2((ulong)Math.Max(pictures.Length / MaxPicturesPerPart, Math.Clamp(pictures.Length / MinPicturesPerPart, 1, TargetParts)));
        (ulong Hash, ArchivePart Part)[] parts =
        [
            .. inputs.Where(input => !input.IsStill).Select(input => (HashOf(input.Name), Part([input]))),
            .. pictures.GroupBy(input => HashOf(input.Name) % count).Select(group => (group.Key, Part([.. group.OrderBy(input => input.Name, StringComparer.Ordinal)]))),
        ];
        IEnumerable<ArchivePart> own = bySize
            ? BySize(shard, [.. parts.Select(part => part.Part)])
            : parts.Where(part => part.Hash % (ulong)shard.Count == (ulong)shard.Index).Select(part => part.Part);
        return [.. own.OrderBy(part => part.FileName, StringComparer.Ordinal)];

        ArchivePart Part(ArchiveInput[] members) => new(
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', members.Select(input => input.Name).Prepend(settings))))[..16]) + FaceTable.Ending,
            members);
    }

    // The largest first, each to the shard that has least so far.
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

    // What is not there, or elsewhere, counts as something still.
    private static long SizeOf(ArchiveInput input) => new FileInfo(input.Path) is { Exists: true, Length: > 0 } file ? file.Length : 1;

    private static ulong HashOf(string name) => BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
}
