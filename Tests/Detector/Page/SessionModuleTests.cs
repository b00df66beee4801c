using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Microsoft.Playwright;
using MlNetEmotion.Detector.Segments;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Page;

/// <summary>The rules of sessions on the page: files, events, segments, corrections and agreement. Each test evaluates modules in one shared browser page.</summary>
[Collection(nameof(PageFixture))]
public sealed class SessionModuleTests(PageFixture fixture)
{
    private const string Names = "['Angry', 'Disgust', 'Fear', 'Happy', 'Sad', 'Surprise', 'Neutral']";

    // Reads events in chunks of some characters. Returns the segments of each face, or the rows, or what is said.
    private const string Read = $$"""
        async ([text, size, what, prefer]) => {
          const names = {{Names}};
          const { EventsReader } = await import('/sessions/events-table.js');
          const { segmentsOf } = await import('/sessions/segments.js');
          const reader = new EventsReader('events.jsonl', names);
          try {
            for (let at = 0; at < text.length; at += Number(size)) reader.push(text.slice(at, at + Number(size)));
            const table = reader.finish(prefer || null);
            const [min, gap] = what.split(' ').map(Number);
            return what === 'words' ? table.words.join('|')
              : what === 'rows' ? [...table.track].map((id, i) => `${id}:${table.shown[i]}`).join(' ') + ' at ' + [...table.times].join(' ') + ' of ' + table.source
              : [...segmentsOf(table, min, gap)].map(([id, spans]) => spans.map(({ emotion, startMs, endMs }) => `${id} ${names[emotion]} ${startMs.toFixed(3)} ${endMs.toFixed(3)}`).join('\n')).join('\n');
          } catch (error) {
            return error.message;
          }
        }
        """;

    // An hour's file must not depend on where its chunks end.
    [Theory]
    [InlineData(0.5, 0.2)]
    [InlineData(0, 0)]
    public async Task Segments_OfEvents_AreThoseOfTheDetector(double minSeconds, double gapSeconds)
    {
        var random = new Random(1);
        var faces = new List<ShownFace>();
        string[] shown = ["Happy", "Happy", "Happy", "Sad", "Uncertain"];
        decimal time = 0;
        for (int frame = 0; frame < 400; frame += random.Next(10) == 0 ? random.Next(2, 9) : 1)
        {
            time += random.Next(20) == 0 ? 1500 : random.Next(20, 120);
            string emotion = shown[frame / 8 * 7 % shown.Length];
            faces.AddRange(Enumerable.Range(1, 2).Where(id => id == 1 || frame % 50 < 30)
                .Select(id => new ShownFace("clip.mp4", frame, time, id, random.Next(9) == 0 ? "Uncertain" : emotion, 0.7m)));
        }

        var builder = new SegmentBuilder(new SegmentOptions { MinSeconds = minSeconds, GapSeconds = gapSeconds });
        faces.ForEach(face => builder.Add(face));
        string[] expected = [.. builder.Build().Faces.SelectMany(face => face.Segments.Select(segment => string.Create(CultureInfo.InvariantCulture, $"{face.TrackId} {segment.Emotion} {segment.StartMs:F3} {segment.EndMs:F3}")))];
        string text = string.Concat(faces.Select(face => Event((int)face.Frame, (double)face.TimeMs, face.TrackId, face.Shown)));

        string found = await Evaluate(Read, text, "1000", string.Create(CultureInfo.InvariantCulture, $"{1000 * minSeconds} {1000 * gapSeconds}"), "");

        Assert.True(expected.Length > 8);
        Assert.Equal(expected, found.Split('\n'));
        Assert.Equal(found, await Evaluate(Read, text, "77777", string.Create(CultureInfo.InvariantCulture, $"{1000 * minSeconds} {1000 * gapSeconds}"), ""));
    }

    [Fact]
    public async Task Events_ThatAreDamaged_AreSaidInOneLine()
    {
        string first = Event(0, 0, 1, "Happy"), second = Event(1, 40, 1, "Uncertain");

        Assert.Equal("events.jsonl: line 2, the last one, is cut off and left out.", await Evaluate(Read, first + second[..50], "13", "words", ""));
        Assert.Equal("events.jsonl: line 2 is not an event as '--events' writes it.", await Evaluate(Read, first + "hello\n" + second, "13", "words", ""));
        Assert.Equal("events.jsonl: line 2 is not an event as '--events' writes it.", await Evaluate(Read, first + second.Replace("\"width\"", "\"wide\"", StringComparison.Ordinal), "13", "words", ""));
        Assert.Equal("events.jsonl: line 1: the emotion is 'Bored', expected one of Angry, Disgust, Fear, Happy, Sad, Surprise, Neutral.", await Evaluate(Read, first.Replace("\"emotion\":\"Happy\"", "\"emotion\":\"Bored\"", StringComparison.Ordinal), "13", "words", ""));
        Assert.Equal("events.jsonl: line 2: face 1 is in frame 0 twice: the events are of two runs. Open those of one run.", await Evaluate(Read, first + first, "13", "words", ""));
        Assert.Equal("1:3 1:7 at 0 40 of clip.mp4", await Evaluate(Read, first + "\n" + second.TrimEnd('\n'), "1", "rows", ""));    // a last line without its end is whole
    }

    [Fact]
    public async Task Clock_ThatJumps_IsSaidAndEveryEventKept()
    {
        string back = Event(0, 5000, 1, "Happy") + Event(1, 5040, 1, "Sad") + Event(2, 1000, 2, "Fear") + Event(3, 1040, 2, "Fear");
        string ahead = Event(0, 0, 1, "Happy") + Event(1, 7_200_000, 1, "Sad");
        string absent = Event(0, 0, 1, "Happy") + Event(180_000, 7_200_000, 1, "Sad");    // two hours without a face

        Assert.Equal("events.jsonl: line 3: the clock goes back from 5.0 s to 1.0 s. All events are shown in the order of their times.", await Evaluate(Read, back, "99", "words", ""));
        Assert.Equal("1:3 1:4 2:2 2:2 at 1000 1040 5000 5040 of clip.mp4", await Evaluate(Read, back, "99", "rows", ""));
        Assert.Equal("1 Happy 5000.000 5040.000\n1 Sad 5040.000 5080.000\n2 Fear 1000.000 1080.000", await Evaluate(Read, back, "99", "0 0", ""));
        Assert.Equal("events.jsonl: line 2: the clock jumps from 0.0 s to 7200.0 s between two frames. All events are shown at their times.", await Evaluate(Read, ahead, "99", "words", ""));
        Assert.Equal("", await Evaluate(Read, absent, "99", "words", ""));
    }

    [Fact]
    public async Task Events_OfSeveralSources_AreThoseOfTheVideo()
    {
        string text = Event(0, 0, 1, "Happy", "clips/a.mp4") + Event(0, 0, 1, "Sad", "clips/b.mp4") + Event(1, 40, 1, "Sad", "clips/b.mp4");

        Assert.Equal("1:4 1:4 at 0 40 of clips/b.mp4", await Evaluate(Read, text, "99", "rows", "b.mp4"));
        Assert.Equal("1:3 at 0 of clips/a.mp4", await Evaluate(Read, text, "99", "rows", ""));
        Assert.Equal("events.jsonl has 2 sources; shown is a.mp4. Open one of the others (b.mp4) with its video.", await Evaluate(Read, text, "99", "words", ""));
    }

    // Three spans on [0, 100) ms; at 10 pixels a pixel is 10 ms, and the one from 10 to 20 ms has 4 ms of Sad and 6 ms of Fear.
    [Fact]
    public async Task Timeline_OfSpans_HasThePixelsAndChangesByHand()
    {
        string found = await Evaluate("""
            async () => {
              const { pixelsOf, neighbourOf, nextChange, spanAt } = await import('/sessions/segments.js');
              const { ticksOf } = await import('/sessions/ruler.js');
              const spans = [{ emotion: 4, startMs: 0, endMs: 14 }, { emotion: 2, startMs: 14, endMs: 30 }, { emotion: 3, startMs: 71, endMs: 72 }];
              const tick = ({ timeMs, label }) => `${timeMs}=${label}`;
              return JSON.stringify([
                [...pixelsOf(spans, 0, 100, 10)].join(), [...pixelsOf(spans, 10, 20, 5)].join(),
                [nextChange([spans], 0, 1), nextChange([spans], 14, 1), nextChange([spans], 14, -1), nextChange([spans], 50, -1), nextChange([spans], 72, 1), nextChange([spans], 0, -1)].join(),
                [neighbourOf(spans, 14, 1).startMs, neighbourOf(spans, 14, -1).startMs, neighbourOf(spans, 0, -1)].join(), [spanAt(spans, 13.9).emotion, spanAt(spans, 14).emotion, spanAt(spans, 30)].join(),
                ticksOf(0, 1000, 320).map(tick).join(' '), ticksOf(61_000, 121_000, 640).map(tick).join(' '),
              ]);
            }
            """);

        Assert.Equal(
            ["4,2,2,255,255,255,255,3,255,255", "4,4,2,2,2", "14,30,0,30,,", "71,0,", "4,2,", "0=0:00.0 200=0:00.2 400=0:00.4 600=0:00.6 800=0:00.8 1000=0:01.0", "70000=1:10 80000=1:20 90000=1:30 100000=1:40 110000=1:50 120000=2:00"],
            JsonSerializer.Deserialize<string[]>(found)!);
    }

    [Fact]
    public async Task Corrections_ThatOverlap_TheLaterRowWins()
    {
        string found = await Evaluate($$"""
            async () => {
              const { Corrections, parseCorrections } = await import('/sessions/corrections.js');
              const names = {{Names}};
              const file = [{ coder: 'A', face: 1, startMs: 0, endMs: 1000, emotion: 'Sad', exclude: false, at: '2026-01-01T00:00:00Z' }];
              const corrections = new Corrections(names, file);
              const spans = () => corrections.spansOf('A', 1).map(({ startMs, endMs, emotion, exclude }) => `${startMs}-${endMs} ${exclude ? 'x' : names[emotion]}`).join(', ');
              const seen = [spans(), corrections.isUnsaved, corrections.canUndo];
              corrections.add('A', 1, 400.00049, 600, 'Happy');
              corrections.add('A', 1, 900, 1200, null);
              corrections.add('B', 1, 0, 1200, 'Fear');
              corrections.add('A', 2, 0, 1200, 'Fear');
              seen.push(spans(), corrections.isUnsaved, corrections.coders.join());
              const text = corrections.toJsonLines();
              corrections.markSaved();
              seen.push(corrections.isUnsaved);
              [1, 2, 3].forEach(() => corrections.undo());
              seen.push(spans(), corrections.isUnsaved);
              corrections.undo();
              seen.push(spans(), corrections.undo(), spans());
              const read = new Corrections(names, parseCorrections(text + '{"coder":"A","face":1,"startMs":100,"endMs":450,"emotion":null,"exclude":false,"at":""}\n', names, 'a.jsonl'));
              seen.push(read.spansOf('A', 1).map(({ startMs, endMs }) => `${startMs}-${endMs}`).join(' '));
              for (const bad of ['hello', '{"coder":"A","face":1,"startMs":5,"endMs":5,"emotion":"Sad","exclude":false}', '{"coder":"A","face":1,"startMs":5,"endMs":6,"emotion":"Bored","exclude":false}'])
                try { parseCorrections(`${text}${bad}`, names, 'a.jsonl'); } catch (error) { seen.push(error.message.slice(0, 43)); }
              return seen.join('|');
            }
            """);

        Assert.Equal(
            [
                "0-1000 Sad", "false", "false",
                "0-400 Sad, 400-600 Happy, 600-900 Sad, 900-1200 x", "true", "A,B",
                "false",
                "0-400 Sad, 400-600 Happy, 600-1000 Sad", "true",
                "0-1000 Sad", "", "0-1000 Sad",    // the file's row stays
                "0-100 450-600 600-900 900-1200",    // an empty row withdraws
                "a.jsonl: line 6 of the corrections is none:", "a.jsonl: line 6 of the corrections is none:", "a.jsonl: line 6 of the corrections is none:",
            ],
            found.Split('|'));
    }

    // Cohen's example of two raters with 20, 5, 10 and 15 cases: observed 0.7, by chance 0.5, kappa 0.4. With a third class that both gave 10 times:
    // observed 45/60, by chance (25*30 + 25*20 + 10*10)/3600 = 0.375, kappa 0.6; the third against the others agrees always, kappa 1.
    [Fact]
    public async Task Kappa_ByHand_IsExact()
    {
        string found = await Evaluate("""
            async () => {
              const { compare, kappaOf } = await import('/sessions/kappa.js');
              const show = ({ n, agreement, kappa }) => [n, agreement?.toFixed(4), kappa?.toFixed(4)].join(' ');
              const two = [[20, 5], [10, 15]], three = [[20, 5, 0], [10, 15, 0], [0, 0, 10]];
              const span = (startMs, endMs, emotion) => ({ startMs, endMs, emotion, exclude: emotion === null });
              const faces = [
                { times: [0, 10, 20, 30, 40, 50], a: [span(0, 20, 0), span(20, 45, 1), span(45, 60, null)], b: [span(10, 30, 0), span(30, 60, 1)] },
                { times: [0, 10], a: [span(0, 20, 2)], b: [] },
              ];
              const { counts, onlyOne } = compare(faces, 3);
              return [show(kappaOf(two)), show(kappaOf(two, 0)), show(kappaOf(three)), show(kappaOf(three, 2)), show(kappaOf([[7, 0], [0, 0]])), show(kappaOf([[0, 0], [0, 0]])),
                JSON.stringify(counts), onlyOne].join('|');
            }
            """);

        // Frames 10, 20, 30 and 40 of the first face are coded by both: 0 and 0, 1 and 0, 1 and 1, 1 and 1.
        Assert.Equal("50 0.7000 0.4000|50 0.7000 0.4000|60 0.7500 0.6000|60 1.0000 1.0000|7 1.0000 |0  |[[1,0,0],[1,2,0],[0,0,0]]|4", found);
    }

    [Theory]
    [InlineData("a.zip: a session of version 2; this page reads version 1. Open it with the program that made it.", "version")]
    [InlineData("a.zip: the zip is cut off or damaged: its directory, at its end, cannot be read. Copy or save it again.", "cut")]
    [InlineData("a.zip: its entry '../evil.txt' leaves the zip, so this page did not make it; nothing of it was read.", "parent")]
    [InlineData("a.zip: its entry '/evil.txt' leaves the zip, so this page did not make it; nothing of it was read.", "absolute")]
    [InlineData("a.zip: its entry 'C:\\evil.txt' leaves the zip, so this page did not make it; nothing of it was read.", "drive")]
    [InlineData("a.zip: its entry 'meta.json' is there twice; expected a session as this page saves it.", "twice")]
    [InlineData("a.zip: a zip, but no session: expected meta.json with the format 'mlnetemotion-session'.", "foreign")]
    [InlineData("a.zip: meta.json is no JSON.", "text")]
    [InlineData("a.zip: the zip has no events.jsonl, so it is no session.", "empty")]
    [InlineData("a.zip: meta.json names the picture '../video.webm', expected video.webm or video.mp4.", "video")]
    [InlineData("a.zip: events.jsonl is damaged in the zip (Invalid CRC32).", "bits")]
    [InlineData("a.zip names the picture video.mp4, which is not in it; the events are shown without it.", "missing")]
    [InlineData("a.zip also has notes.txt, no part of a session: it will not be in a file that is saved here.", "notes")]
    public async Task File_ThatIsNoSession_IsSaidInOneLine(string expected, string fault)
    {
        string meta = fault switch
        {
            "version" => Meta(2),
            "foreign" => """{"format":"another"}""",
            "text" => "hello",
            "video" => Meta(1, "../video.webm"),
            "missing" => Meta(1, "video.mp4"),
            _ => Meta(1),
        };
        List<(string, string)> entries = [("meta.json", meta)];
        entries.AddRange(fault switch
        {
            "empty" => [],
            "parent" => [("../evil.txt", "x")],
            "absolute" => [("/evil.txt", "x")],
            "drive" => [("C:\\evil.txt", "x")],
            "twice" => [("events.jsonl", ""), ("meta.json", meta)],
            "notes" => [("events.jsonl", ""), ("notes.txt", "x")],
            _ => [("events.jsonl", Event(0, 0, 1, "Happy"))],
        });
        byte[] zip = Zip(entries, fault == "bits" ? CompressionLevel.NoCompression : CompressionLevel.Optimal);
        if (fault == "bits")
        {
            zip[zip.AsSpan().IndexOf("Happy"u8)] = (byte)'h';
        }

        string found = await Evaluate("""
            async zip => {
              const { openSession } = await import('/sessions/session-file.js');
              try {
                const session = await openSession(new File([Uint8Array.from(atob(zip), letter => letter.charCodeAt(0))], 'a.zip'));
                await session.readEvents(new WritableStream());
                return session.words.join('|');
              } catch (error) {
                return error.message;
              }
            }
            """, Convert.ToBase64String(fault == "cut" ? zip[..(zip.Length * 2 / 3)] : zip));

        Assert.Equal(expected, found);
    }

    // Written by the page and read by .NET; read by the page again, where the picture is a part of the file. The zone is that of India, and one with a negative sign.
    [Fact]
    public async Task File_Saved_IsReadByOthersAndByThePage()
    {
        string found = await Evaluate("""
            async () => {
              const { makeSession, openSession, eventsOf } = await import('/sessions/session-file.js');
              const { withZone, asPicture } = await import('/sessions/record-controls.js');
              const at = minutes => withZone({ getTimezoneOffset: () => -minutes, getTime: () => Date.UTC(2026, 0, 2, 15, 4, 5, 678) });
              const video = asPicture(new File([Uint8Array.from([1, 2, 3, 4])], 'clip.MP4', { type: 'video/mp4' }));
              const meta = { model: { name: 'emotion.onnx', sha256: 'ab' }, versions: { detector: '1' }, settings: {}, start: at(330), durationMs: 40, names: { 1: 'Änne' } };
              const zip = await makeSession({ events: new Blob(['one\n']), video, meta, corrections: 'two\n' });
              const file = new File([zip], 'a.zip');
              const session = await openSession(file);
              const bytes = new Uint8Array(await zip.arrayBuffer());
              return JSON.stringify([btoa(String.fromCharCode(...bytes)), session.meta.names[1], session.video.name + session.video.type, [...new Uint8Array(await session.video.arrayBuffer())].join(),
                session.corrections, await (await eventsOf(file)).text(), at(330), at(-210), String(asPicture(new File([], 'clip.mov', { type: 'video/quicktime' })))]);
            }
            """);

        string[] parts = JsonSerializer.Deserialize<string[]>(found)!;
        Assert.Equal(["Änne", "video.mp4video/mp4", "1,2,3,4", "two\n", "one\n", "2026-01-02T20:34:05.678+05:30", "2026-01-02T11:34:05.678-03:30", "null"], parts[1..]);
        using var archive = new ZipArchive(new MemoryStream(Convert.FromBase64String(parts[0])));
        Assert.Equal(["corrections.jsonl", "events.jsonl", "meta.json", "video.mp4"], archive.Entries.Select(entry => entry.FullName).Order(StringComparer.Ordinal));
        Assert.Equal(("one\n", "two\n"), (Text(archive, "events.jsonl"), Text(archive, "corrections.jsonl")));
        JsonElement meta = JsonDocument.Parse(Text(archive, "meta.json")).RootElement;
        Assert.Equal(("mlnetemotion-session", 1, "video.mp4", "Änne"), (meta.GetProperty("format").GetString(), meta.GetProperty("version").GetInt32(), meta.GetProperty("video").GetString(), meta.GetProperty("names").GetProperty("1").GetString()));
        Assert.Equal(archive.GetEntry("video.mp4")!.Length, archive.GetEntry("video.mp4")!.CompressedLength);    // stored, so that it can be played from the file
    }

    private static string Meta(int version, string? video = null) =>
        JsonSerializer.Serialize(new { format = "mlnetemotion-session", version, model = new { name = "emotion.onnx" }, start = "2026-01-02T15:04:05.678+01:00", durationMs = 40, video, names = new { } });

    internal static string Event(int frame, double timeMs, int track, string shown, string source = "clip.mp4")
    {
        string emotion = shown == "Uncertain" ? "Neutral" : shown;
        var probabilities = Emotions.Labels.ToDictionary(label => label, label => label == emotion ? 0.7 : 0.05);
        return JsonSerializer.Serialize(new
        {
            source, frame, timestampMs = timeMs, trackId = track, box = new { x = 60 * track, y = 20, width = 50, height = 50 }, emotion, shown, confidence = 0.7, probabilities,
        }) + "\n";
    }

    internal static byte[] Zip(IEnumerable<(string Name, string Text)> entries, CompressionLevel level = CompressionLevel.Optimal)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, string text) in entries)
            {
                using Stream entry = archive.CreateEntry(name, level).Open();
                entry.Write(Encoding.UTF8.GetBytes(text));
            }
        }

        return stream.ToArray();
    }

    private static string Text(ZipArchive archive, string name)
    {
        using var reader = new StreamReader(archive.GetEntry(name)!.Open());
        return reader.ReadToEnd();
    }

    private async Task<string> Evaluate(string script, params string[] arguments)
    {
        IPage page = await fixture.QuietPageAsync();
        return await page.EvaluateAsync<string>(script, arguments.Length == 1 ? arguments[0] : arguments);
    }
}
