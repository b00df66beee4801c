#:project ../../Shared/Programs/Programs.csproj
#:property AssemblyName=MlNetEmotion.Tests
// Run by corrections.sh; the assembly's name gives it the internals of the generated faces.
//   people FOLDER COUNT    a clip of each of some generated people, N.mp4, whose faces at rest frown and let the mouth's corners hang; and N.spans, what they show when
//   misread FOLDER COUNT   the same of other people, whose face at rest the shipped model does not find neutral
//   pack FOLDER COUNT      N.zip: the session of each clip with its N.jsonl of events, in which a coder has named what is shown in every span
using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json.Nodes;
using MlNetEmotion;
using MlNetEmotion.Programs;
using MlNetEmotion.Programs.Samples;

const int FramesPerSecond = 5;
const int Side = 224;
const int SpanFrames = 20;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Emotion[] shown = [Emotion.Neutral, Emotion.Happy, Emotion.Neutral, Emotion.Sad, Emotion.Neutral, Emotion.Surprise, Emotion.Neutral, Emotion.Angry];
string folder = args[1];
int count = int.Parse(args[2]);
if (args[0] is "people" or "misread")
{
    using var shipped = EmotionClassifier.LoadDefault();
    int[] seeds = [.. args[0] == "people" ? Enumerable.Range(1, count) : Enumerable.Range(101, 1000).Where(seed => IsMisread(seed, shipped)).Take(count)];
    Parallel.For(0, count, i => Draw(i + 1, seeds[i]));
}
else
{
    Enumerable.Range(1, count).ToList().ForEach(Pack);
}

static bool IsMisread(int seed, EmotionClassifier shipped)
{
    FaceParameters face = Person(seed, out _);
    return shipped.Classify(new ImageView(FaceRenderer.Render(face, FacePreprocessor.Size), FacePreprocessor.Size, FacePreprocessor.Size, PixelFormat.Gray8)).Top != Emotion.Neutral;
}

static FaceParameters Person(int seed, out SplitMix64 random)
{
    random = new SplitMix64((ulong)seed);
    var appearance = Appearance.Random(ref random);
    var photograph = Photograph.Random(ref random) with { Blur = 0 };
    var rest = new Expression { LipCornerDepress = random.NextDouble(0.7, 0.95), BrowLower = random.NextDouble(0.3, 0.5), InnerBrowRaise = random.NextDouble(0.3, 0.5), ChinRaise = random.NextDouble(0.1, 0.4) };
    return new FaceParameters(rest, appearance, new Pose(), photograph);
}

void Draw(int person, int seed)
{
    FaceParameters rest = Person(seed, out SplitMix64 random);
    using Process ffmpeg = Process.Start(new ProcessStartInfo("ffmpeg", $"-v error -nostdin -y -f rawvideo -pixel_format gray -video_size {Side}x{Side} -framerate {FramesPerSecond} -i pipe:0 -pix_fmt yuv420p -crf 20 {folder}/{person}.mp4".Split(' '))
    { RedirectStandardInput = true, UseShellExecute = false })!;
    using (StreamWriter spans = File.CreateText($"{folder}/{person}.spans"))
    {
        for (int span = 0; span < shown.Length; span++)
        {
            spans.WriteLine($"{span * SpanFrames * 1000 / FramesPerSecond} {(span + 1) * SpanFrames * 1000 / FramesPerSecond} {shown[span]}");
            Expression full = shown[span] == Emotion.Neutral ? rest.Expression : Expression.Random(shown[span], ref random);
            for (int frame = 0; frame < SpanFrames; frame++)
            {
                var pose = new Pose { YawRadians = random.NextAround(0, 0.3), PitchRadians = random.NextAround(0, 0.15), RollRadians = random.NextAround(0, 0.1) };
                FaceParameters face = rest with { Expression = full, Pose = pose, Photograph = rest.Photograph with { Seed = frame } };
                ffmpeg.StandardInput.BaseStream.Write(FaceRenderer.Render(face, Side, Side, new Box(52, 52, 120, 120)));
            }
        }
    }

    ffmpeg.StandardInput.Close();
    ffmpeg.WaitForExit();
}

void Pack(int person)
{
    string[] events = File.ReadAllLines($"{folder}/{person}.jsonl");
    int[] tracks = [.. events.Select(line => (int)JsonNode.Parse(line)!["trackId"]!).Distinct()];
    File.Delete($"{folder}/{person}.zip");
    using ZipArchive zip = ZipFile.Open($"{folder}/{person}.zip", ZipArchiveMode.Create);
    zip.CreateEntryFromFile($"{folder}/{person}.jsonl", "events.jsonl");
    zip.CreateEntryFromFile($"{folder}/{person}.mp4", "video.mp4", CompressionLevel.NoCompression);
    Add("meta.json", [new JsonObject
    {
        ["format"] = "mlnetemotion-session", ["version"] = 1, ["video"] = "video.mp4", ["start"] = "2026-01-02T03:04:05+00:00", ["durationMs"] = shown.Length * SpanFrames * 1000 / FramesPerSecond,
        ["model"] = new JsonObject { ["name"] = "emotion.onnx", ["sha256"] = "" }, ["versions"] = new JsonObject { ["detector"] = "" }, ["settings"] = new JsonObject(),
        ["names"] = new JsonObject(tracks.Select(track => KeyValuePair.Create($"{track}", (JsonNode?)$"Person {person}"))),
    }]);
    Add("corrections.jsonl", from line in File.ReadLines($"{folder}/{person}.spans") let span = line.Split(' ') from track in tracks select new JsonObject
    {
        ["coder"] = "benchmark", ["face"] = track, ["startMs"] = int.Parse(span[0]), ["endMs"] = int.Parse(span[1]), ["emotion"] = span[2], ["exclude"] = false, ["at"] = "2026-01-02T03:04:05Z",
    });

    void Add(string name, IEnumerable<JsonObject> lines)
    {
        using var writer = new StreamWriter(zip.CreateEntry(name).Open());
        lines.ToList().ForEach(line => writer.WriteLine(line.ToJsonString()));
    }
}
