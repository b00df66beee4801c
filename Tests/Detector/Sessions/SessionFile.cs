using System.IO.Compression;
using MlNetEmotion.Detector.Sessions;
using MlNetEmotion.Tests.Trainer.Data;

namespace MlNetEmotion.Tests.Detector.Sessions;

/// <summary>A session's zip, made by a test: 2 s of one face at 25 frames per second that the model finds sad, corrected to neutral.</summary>
internal sealed record SessionFile
{
    public const string Video = "video.avi";

    public string Meta { get; init; } = Metadata();
    public string? Events { get; init; } = EventsOf(50);
    public string? Corrections { get; init; } = Correction(1, 0, 2000, "Neutral");
    public byte[]? VideoContent { get; init; }
    public string? Extra { get; init; }

    public static string Metadata(string version = "1", string video = $"\"{Video}\"", string names = "{}") =>
        $$"""{"format":"mlnetemotion-session","version":{{version}},"model":{"name":"emotion.onnx","sha256":"00"},"versions":{"detector":"0.1.0"},"settings":{},"start":"2026-01-02T03:04:05+01:00","durationMs":2000,"video":{{video}},"names":{{names}}}""";

    public static string EventsOf(int frames, int track = 1, string box = """{"x":48,"y":140,"width":144,"height":144}""", string source = "clip") =>
        string.Concat(Enumerable.Range(0, frames).Select(frame => Event(frame, 40 * frame, track, box, source)));

    public static string Event(int frame, int timeMs, int track = 1, string box = """{"x":0,"y":0,"width":48,"height":48}""", string source = "clip") =>
        $$$"""{"source":"{{{source}}}","frame":{{{frame}}},"timestampMs":{{{timeMs}}},"trackId":{{{track}}},"box":{{{box}}},"emotion":"Sad","shown":"Sad","confidence":0.9,"probabilities":{"Sad":0.9}}""" + "\n";

    public static string Correction(int face, int startMs, int endMs, string? emotion, bool exclude = false) =>
        $$"""{"coder":"a","face":{{face}},"startMs":{{startMs}},"endMs":{{endMs}},"emotion":{{(emotion is null ? "null" : $"\"{emotion}\"")}},"exclude":{{(exclude ? "true" : "false")}},"at":"2026-01-02T03:04:05Z"}""" + "\n";

    public string Write(TemporaryFolder folder, string name = "session.zip")
    {
        using ZipArchive zip = ZipFile.Open(folder.At(name), ZipArchiveMode.Create);
        Add("events.jsonl", Events);
        Add("meta.json", Meta);
        Add("corrections.jsonl", Corrections);
        if (VideoContent is { } video)
        {
            using Stream entry = zip.CreateEntry(Video).Open();
            entry.Write(video);
        }

        if (Extra is not null)
        {
            Add(Extra, "x");
        }

        return folder.At(name);

        void Add(string entry, string? text)
        {
            if (text is not null)
            {
                using var writer = new StreamWriter(zip.CreateEntry(entry).Open());
                writer.Write(text);
            }
        }
    }

    public static Session Read(string hash, string names) => new(hash, hash, null, names.Split(',').Select((name, i) => (name, i)).ToDictionary(item => item.i, item => item.name), [], MlNetEmotion.Detector.Sessions.Corrections.Read([], "", new HashSet<int>()));
}
