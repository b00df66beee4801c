using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MlNetEmotion.Detector.Segments;

namespace MlNetEmotion.Detector.Sessions;

/// <summary>A recorded session, as the page saves it: a zip with <c>events.jsonl</c>, <c>meta.json</c>, and optionally a video and
/// <c>corrections.jsonl</c>.</summary>
/// <param name="Hash">The SHA-256 of its events, in hexadecimal: corrections do not change it.</param>
/// <param name="Video">The name of the video in the zip; null if it has none.</param>
/// <param name="Names">The names of faces, by track.</param>
/// <param name="Faces">The faces, in the order of their frames.</param>
internal sealed record Session(string Path, string Hash, string? Video, IReadOnlyDictionary<int, string> Names, IReadOnlyList<ShownFace> Faces, Corrections Corrections)
{
    private const string Format = "mlnetemotion-session";
    private const int Version = 1;
    private const string EventsEntry = "events.jsonl";
    private const string MetaEntry = "meta.json";
    private const string CorrectionsEntry = "corrections.jsonl";

    /// <summary>Reads a session, but not its video.</summary>
    /// <exception cref="UsageException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is cut, unsafe, of another version or contradictory; the message has the place.</exception>
    public static Session Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new UsageException($"{path}: no such file. Name a session that the page saved.");
        }

        try
        {
            using ZipArchive zip = ZipFile.OpenRead(path);
            CheckNames(zip, path);
            (string? video, IReadOnlyDictionary<int, string> names) = ReadMeta(zip, path);
            (IReadOnlyList<ShownFace> faces, string hash) = ReadEvents(zip, path);
            IEnumerable<string> rows = zip.GetEntry(CorrectionsEntry) is { } entry ? Lines(entry.Open()).ToList() : [];
            return new Session(path, hash, video, names, faces, Corrections.Read(rows, $"{path}: {CorrectionsEntry}", faces.Select(face => face.TrackId).ToHashSet()));
        }
        catch (InvalidDataException e) when (!e.Message.StartsWith(path, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{path}: the zip is cut off or damaged ({e.Message.TrimEnd('.')}). Save or copy the session again.", e);
        }
    }

    /// <summary>Extracts the video.</summary>
    /// <param name="folder">The folder that receives it under its own name.</param>
    /// <returns>The video's path.</returns>
    public string ExtractVideo(string folder)
    {
        using ZipArchive zip = ZipFile.OpenRead(Path);
        string file = System.IO.Path.Combine(folder, Video!);
        try
        {
            zip.GetEntry(Video!)!.ExtractToFile(file);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{Path}: its {Video} is damaged ({e.Message.TrimEnd('.')}). Save or copy the session again.", e);
        }

        return file;
    }

    // A session has files only, no folders.
    private static void CheckNames(ZipArchive zip, string path)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (string name in zip.Entries.Select(entry => entry.FullName))
        {
            if (name.AsSpan().IndexOfAny("/\\:") >= 0 || name is "." or ".." or "")
            {
                throw new InvalidDataException($"{path}: has an entry '{name}', but a session's files are not in folders. It is not a session that the page saved; nothing was extracted.");
            }

            if (!seen.Add(name))
            {
                throw new InvalidDataException($"{path}: has '{name}' twice, expected once. Save the session again.");
            }
        }
    }

    private static (string? Video, IReadOnlyDictionary<int, string> Names) ReadMeta(ZipArchive zip, string path)
    {
        ZipArchiveEntry entry = zip.GetEntry(MetaEntry) ?? throw new InvalidDataException($"{path}: has no {MetaEntry}, so it is not a session that the page saved.");
        try
        {
            using JsonDocument document = JsonDocument.Parse(entry.Open());
            JsonElement meta = document.RootElement;
            if (meta.GetProperty("format").GetString() != Format)
            {
                throw new InvalidDataException($"{path}: {MetaEntry}: format is '{meta.GetProperty("format")}', expected '{Format}'.");
            }

            if (meta.GetProperty("version").GetRawText() != $"{Version}")
            {
                throw new InvalidDataException($"{path}: a session of version {meta.GetProperty("version")}, expected {Version}. Use the version of this program that saved it, or save it again with this one.");
            }

            string? video = meta.GetProperty("video").GetString();
            if (video is not null && zip.GetEntry(video) is null)
            {
                throw new InvalidDataException($"{path}: {MetaEntry} names the video '{video}', which the zip lacks. Save the session again.");
            }

            Dictionary<int, string> names = meta.TryGetProperty("names", out JsonElement named) && named.ValueKind != JsonValueKind.Null ? named.Deserialize<Dictionary<int, string>>()! : [];
            return (video, names);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException($"{path}: {MetaEntry} is not that of a session ({e.Message.TrimEnd('.')}). Save the session again.", e);
        }
    }

    private static (IReadOnlyList<ShownFace> Faces, string Hash) ReadEvents(ZipArchive zip, string path)
    {
        ZipArchiveEntry entry = zip.GetEntry(EventsEntry) ?? throw new InvalidDataException($"{path}: has no {EventsEntry}, so it is not a session that the page saved.");
        using var hash = SHA256.Create();
        var hashed = new CryptoStream(entry.Open(), hash, CryptoStreamMode.Read);
        List<ShownFace> faces = [.. new EventReader().Read(Lines(hashed), $"{path}: {EventsEntry}")];
        return faces.FirstOrDefault(face => face.Box.Width < 1 || face.Box.Height < 1) is { Source: not null } boxless
                ? throw new InvalidDataException($"{path}: {EventsEntry}: face {boxless.TrackId} of frame {boxless.Frame} has no box: expected events as '--events' writes them.")
            : faces.Select(face => face.Source).Distinct().Count() > 1
                ? throw new InvalidDataException($"{path}: {EventsEntry} has events of several sources, expected those of one recording.")
            : (faces, Convert.ToHexStringLower(hash.Hash!));
    }

    private static IEnumerable<string> Lines(Stream stream)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }
}
