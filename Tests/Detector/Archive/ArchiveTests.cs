using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Programs;
using MlNetEmotion.Programs.Samples;
using MlNetEmotion.Tests.Detector.Sources;
using MlNetEmotion.Tests.Shared;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Archive;

/// <summary>An archive processed in shards, from the inputs to the merged table, as a user runs it.</summary>
public sealed class ArchiveTests : IDisposable
{
    private static readonly string Model = Fixture.Model("tiny");

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    [Trait("Speed", "slow")]
    public async Task Images_InOneAndInManyShards_MergeToTheSameBytes()
    {
        string input = Faces(400);

        Assert.Equal(("", 0), await Run(input, "one", "--shard", "0/1", "--jobs", "2"));
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(("", 0), await Run(input, "three", "--shard", $"{i}/3", "--jobs", "1"));
        }

        Assert.Equal(Names("one"), Names("three"));
        (int exitCode, string output, string error) = await Merge("one", "one.parquet", "--manifest", input);
        Assert.Equal(("", 0), (error, exitCode));
        Assert.Equal($"400 inputs of {Names("one").Length} files: 400 done, 0 failed, 0 missing; 400 frames, 400 faces\n", output);
        Assert.Equal(0, (await Merge("three", "three.parquet", "--manifest", input)).ExitCode);
        Assert.Equal(File.ReadAllBytes(At("one.parquet")), File.ReadAllBytes(At("three.parquet")));
    }

    [Fact]
    public async Task Images_WithPeople_GetWhatTheDetectorFindsInAFolder()
    {
        string input = People(3);
        Assert.Equal(0, (await DetectorProcess.Run("--headless", "--model", Model, "--input", input, "--events", At("folder.parquet"))).ExitCode);
        Assert.Equal(("", 0), await RunPlain(input, "shard", "--shard", "0/1"));
        Assert.Equal(0, (await Merge("shard", "shard.parquet")).ExitCode);

        FaceRow[] expected = [.. Rows("folder.parquet")];
        FaceRow[] actual = [.. Rows("shard.parquet")];
        Assert.Equal(9, expected.Length);    // three people in each image
        Assert.Equal(
            expected.Select(row => (Path.GetRelativePath(input, row.Source), row.Face.Box, row.Face.Emotion, row.Face.Shown)),
            actual.Select(row => (row.Source, row.Face.Box, row.Face.Emotion, row.Face.Shown)));
        Assert.Equal([1, 2, 3], actual.Take(3).Select(row => row.Face.TrackId));

        // Batches of different sizes sum in a different order.
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First.Face.Scores.Confidence, pair.Second.Face.Scores.Confidence, 1e-5f));
    }

    [Fact]
    public async Task Images_Cropped_GetTheClassifiersProbabilities()
    {
        byte[][] faces = [.. Enumerable.Range(0, 9).Select(i => SampleFaces.Draw(1, i))];
        for (int i = 0; i < faces.Length; i++)
        {
            folder.WritePgm($"in/{i}{(i < 5 ? ".pgm" : "")}", faces[i]);    // cropped faces need no extension
        }

        string broken = folder.Write("in/broken.png", "no PNG");
        string[] paths = [.. Enumerable.Range(0, 9).Select(i => At($"in/{i}{(i < 5 ? ".pgm" : "")}"))];
        string list = "@" + folder.Write("list.txt", string.Join('\n', [.. paths, broken]));
        for (int i = 0; i < 2; i++)
        {
            (string error, int exitCode) = await Run(list, "r", "--shard", $"{i}/2", "--progress", At("progress-{shard}.json"));
            Assert.Equal(0, exitCode);
            Assert.True(error.Length == 0 || error.StartsWith($"{broken}: ", StringComparison.Ordinal), error);
        }

        JsonElement[] figures = [.. Enumerable.Range(0, 2).Select(i => JsonDocument.Parse(File.ReadAllText(At($"progress-{i}.json"))).RootElement)];
        Assert.Equal([10, 1, 9, 9], new[] { "done", "failed", "frames", "faces" }.Select(name => figures.Sum(shard => shard.GetProperty(name).GetInt64())));
        (int merged, string output, _) = await Merge("r", "m.parquet", "--manifest", list);
        Assert.Equal(1, merged);
        Assert.StartsWith("10 inputs of ", output, StringComparison.Ordinal);
        using var classifier = new EmotionClassifier(Model);
        FaceRow[] rows = [.. Rows("m.parquet").OrderBy(row => row.Source, StringComparer.Ordinal)];
        Assert.Equal(paths.Order(StringComparer.Ordinal), rows.Select(row => row.Source));
        Assert.All(rows, row =>
        {
            EmotionScores expected = classifier.Classify(new ImageView(faces[Array.IndexOf(paths, row.Source)], 48, 48, PixelFormat.Gray8));
            Assert.Equal((0, 1, new Box(0, 0, 48, 48), expected.Top), (row.Frame, row.Face.TrackId, row.Face.Box, row.Face.Emotion));
            Assert.Equal(expected.Confidence, row.Face.Scores.Confidence, 1e-5f);    // rounded to six digits
        });
    }

    [Fact]
    public async Task Videos_OfAList_AreAPartEachWithAllTheirFrames()
    {
        string[] clips = [.. Enumerable.Range(0, 5).Select(i => VideoFile.Write(At($"{i}.avi"), 10 + i))];
        string list = "@" + folder.Write("list.txt", string.Join('\n', clips));

        Assert.Equal(("", 0), await Run(list, "r", "--shard", "0/2", "--progress", At("progress-{shard}.json")));
        Assert.Equal(("", 0), await Run(list, "r", "--shard", "1/2"));

        Assert.Equal(5, Names("r").Length);
        Assert.Equal(0, (await Merge("r", "m.parquet", "--manifest", list, "--inputs", At("inputs.parquet"), "--report", At("m.html"), "--timeline", clips[2])).ExitCode);
        Assert.Equal(
            Enumerable.Range(0, 5).SelectMany(i => Enumerable.Range(0, 10 + i).Select(frame => (clips[i], (long)frame))),
            Rows("m.parquet").Select(row => (row.Source, row.Frame)));
        string report = File.ReadAllText(At("m.html"));
        Assert.Contains("5 inputs, 60 frames, 60 faces; 0 failed, 0 missing", report, StringComparison.Ordinal);
        Assert.Contains($"<h2>{clips[2]}</h2>", report, StringComparison.Ordinal);
        JsonElement progress = JsonDocument.Parse(File.ReadAllText(At("progress-0.json"))).RootElement;
        Assert.Equal(("0/2", "done"), (progress.GetProperty("shard").GetString(), progress.GetProperty("state").GetString()));
        Assert.Equal(progress.GetProperty("inputs").GetInt32(), progress.GetProperty("done").GetInt32());
    }

    [Fact]
    public async Task Video_SeveralTimes_IsProcessedSoOften()
    {
        string clip = VideoFile.Write(At("clip.avi"), 6);

        Assert.Equal(("", 0), await Run(clip, "r", "--shard", "0/1", "--loop", "2"));

        Assert.Equal(Enumerable.Range(0, 12).Select(frame => ((long)frame, 40.0 * frame)), Rows($"r/{Assert.Single(Names("r"))}").Select(row => (row.Frame, row.TimestampMs)));
    }

    [Fact]
    public async Task Image_WithFacesBelowTheLeastSide_SaysHowManyAndHowToGetThem()
    {
        using var photograph = new Shared.Faces.Photograph("selfie-many-people.jpg");
        folder.Write("in/group.png", photograph.ToPng());

        (string error, int exitCode) = await RunPlain(At("in"), "r", "--shard", "0/1", "--min-face-pixels", "150");

        Assert.Equal(0, exitCode);
        Assert.Contains("3 faces smaller than 150 pixels left out; '--min-face-pixels 20' includes them.\n", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failures_DamagedAndAway_AreToldAndOnlyWhatMayRecoverIsTriedAgain()
    {
        string good = VideoFile.Write(At("good.avi"), 5);
        string damaged = folder.Write("damaged.png", "no PNG");
        string away = At("away.avi");
        string list = "@" + folder.Write("list.txt", $"{good}\n{damaged}\n{away}");

        (string error, int exitCode) = await Run(list, "r", "--shard", "0/1");
        Assert.Equal(1, exitCode);
        Assert.Contains($"{damaged}: not an image of a known format", error, StringComparison.Ordinal);
        Assert.Contains($"{away}: no such file or folder", error, StringComparison.Ordinal);
        Assert.Contains("1 input to do, 1 of which could not be read; run the same command again to continue.\n", error, StringComparison.Ordinal);

        (int merged, string output, string mergeError) = await Merge("r", "m.parquet", "--manifest", list);
        Assert.Equal(1, merged);
        Assert.StartsWith("3 inputs of 3 files: 1 done, 2 failed, 0 missing", output, StringComparison.Ordinal);
        Assert.Contains($"failed: {damaged}: not an image", mergeError, StringComparison.Ordinal);

        VideoFile.Write(away, 7);
        DateTime before = Names("r").Max(name => File.GetLastWriteTimeUtc(At($"r/{name}")));
        Assert.Equal(("", 0), await Run(list, "r", "--shard", "0/1"));
        Assert.Single(Names("r"), name => File.GetLastWriteTimeUtc(At($"r/{name}")) > before);
        Assert.StartsWith("3 inputs of 3 files: 2 done, 1 failed, 0 missing; 12 frames", (await Merge("r", "m2.parquet", "--manifest", list)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Addresses_OfImagesAndAVideo_AreFetched()
    {
        Assert.SkipUnless(FfmpegEncoder.Has("mjpeg"), "needs ffmpeg on the PATH");
        folder.CreateFolder("site");
        folder.WritePgm("site/face.pgm", SampleFaces.Draw(1, 1));
        VideoFile.Write(At("site/clip.avi"), 12);
        using HttpListener site = Listen(out string address);
        _ = Serve(site, At("site"));
        string list = "@" + folder.Write("list.txt", $"{address}face.pgm\n{address}clip.avi\n{address}gone.png\n{address}removed.png");

        (string error, int exitCode) = await Run(list, "r", "--shard", "0/1");

        Assert.Equal(0, exitCode);    // a missing or removed file is not retried
        Assert.Contains($"{address}gone.png: Response status code does not indicate success: 404", error, StringComparison.Ordinal);
        Assert.Contains($"{address}removed.png: Response status code does not indicate success: 410", error, StringComparison.Ordinal);
        Assert.StartsWith("4 inputs of 2 files: 2 done, 2 failed, 0 missing; 13 frames, 13 faces", (await Merge("r", "m.parquet", "--manifest", list)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Addresses_WithAPassword_NeverShowIt()
    {
        using HttpListener site = Listen(out string address);
        folder.CreateFolder("site");
        _ = Serve(site, At("site"));
        string named = address.Replace("://", "://me:s3cret@", StringComparison.Ordinal) + "gone.png";
        string list = "@" + folder.Write("list.txt", $"{named}\nrtsp://me:s3cret@127.0.0.1:9/\n");

        (string error, _) = await Run(list, "r", "--shard", "0/1", "--progress", At("progress.json"));
        (_, string output, string complaints) = await Merge("r", "m.parquet", "--manifest", list, "--inputs", At("inputs.parquet"), "--report", At("m.html"));

        Assert.Contains("gone.png", error, StringComparison.Ordinal);
        Assert.Contains("gone.png", complaints, StringComparison.Ordinal);
        string[] written = [.. Directory.EnumerateFiles(folder.Root, "*", SearchOption.AllDirectories).Where(file => file != At("list.txt"))];
        Assert.Contains(At("m.html"), written);
        Assert.All([error, output, complaints, .. written.Select(file => Encoding.Latin1.GetString(File.ReadAllBytes(file)))], text => Assert.DoesNotContain("s3cret", text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("KILL", 137)]
    [InlineData("TERM", 1)]
    [Trait("Speed", "slow")]
    public async Task Ended_Midway_GoesOnAndLeavesNoHalfResult(string signal, int expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such signals");
        folder.CreateFolder("in");
        VideoFile.Write(At("in/a.avi"), 10);
        VideoFile.Write(At("in/b.avi"), 3000);
        using var detector = new DetectorProcess(null, Arguments(At("in"), "r", "--shard", "0/1", "--jobs", "1"));
        while (!detector.HasExited && !(Directory.Exists(At("r")) && Directory.GetFiles(At("r"), "*.tmp").Length > 0))
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        detector.Signal(signal);
        (int exitCode, _, string error) = await detector.Exit();
        Assert.Equal(expected, exitCode);
        Assert.InRange(Names("r").Length, 0, 1);
        if (signal == "TERM")
        {
            Assert.Contains(" to do; run the same command again to continue.\n", error, StringComparison.Ordinal);
            Assert.Empty(Directory.GetFiles(At("r"), "*.tmp"));
        }

        Assert.Equal(("", 0), await Run(At("in"), "r", "--shard", "0/1"));
        Assert.Equal(0, (await Merge("r", "m.parquet", "--manifest", At("in"))).ExitCode);
        Assert.Equal(3010, Rows("m.parquet").DistinctBy(row => (row.Source, row.Frame)).Count());
        Assert.Equal(3010, Rows("m.parquet").Count());
        Assert.Equal(["a.avi", "b.avi"], Rows("m.parquet").Select(row => row.Source).Distinct());
    }

    [Fact]
    public async Task TheSameShard_TwiceAtOnce_DoesNoHarm()
    {
        string input = Faces(150);

        (string, int)[] both = await Task.WhenAll(Run(input, "r", "--shard", "0/1"), Run(input, "r", "--shard", "0/1"));

        Assert.Equal([("", 0), ("", 0)], both);
        Assert.Empty(Directory.GetFiles(At("r"), "*.tmp"));
        (int exitCode, _, string error) = await Merge("r", "m.parquet", "--manifest", input);
        Assert.Equal(("", 0), (error, exitCode));
        Assert.Equal(150, Rows("m.parquet").Count());
    }

    [Fact]
    public async Task Telemetry_EndpointIsSet_GetsTheCounters()
    {
        string input = Faces(20);
        using HttpListener collector = Listen(out string address);
        ProcessStartInfo start = DetectorProcess.Start(display: null, dataFolder: null, Arguments(input, "r", "--shard", "0/1"));
        start.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = address;
        start.Environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        using var detector = new ProgramProcess(start);

        HttpListenerContext request = await collector.GetContextAsync().WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        var body = new MemoryStream();
        await request.Request.InputStream.CopyToAsync(body, TestContext.Current.CancellationToken);
        request.Response.Close();

        Assert.Equal(0, (await detector.Exit()).ExitCode);
        Assert.Equal("/v1/metrics", request.Request.Url!.AbsolutePath);
        Assert.All(["inputs", "frames", "faces"], name => Assert.Contains($"mlnetemotion.archive.{name}", Encoding.Latin1.GetString(body.ToArray()), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Images_NotLookedAtInFull_AreRemarkedOnInTheShardAndTheMerge()
    {
        string input = Faces(1);
        byte[] thermal = [.. "P5 2 1 65535 "u8, 0x1C, 0x20, 0x20, 0xD0];
        folder.Write("in/thermal.pgm", thermal);

        (string error, int exitCode) = await Run(input, "r", "--shard", "0/1");
        Assert.Equal(("thermal.pgm: values from 7200 to 8400 are stretched to 8 bits\n", 0), (error, exitCode));

        (exitCode, _, error) = await Merge("r", "m.parquet", "--inputs", At("inputs.parquet"));
        Assert.Equal((0, "1 input with a remark: thermal.pgm: values from 7200 to 8400 are stretched to 8 bits\n"), (exitCode, error));
        using var table = new FaceTableReader(At($"r/{Names("r")[0]}"));
        Assert.Equal([null, "values from 7200 to 8400 are stretched to 8 bits"], table.Inputs.OrderBy(one => one.Source, StringComparer.Ordinal).Select(one => one.Remark));
    }

    [Fact]
    public async Task Shard_WhereResultsOfAnotherModelAre_SaysSoAndDoesTheWorkAgain()
    {
        string input = Faces(2);
        Assert.Equal(("", 0), await Run(input, "r", "--shard", "0/1"));
        Assert.Equal(("", 0), await Run(input, "r", "--shard", "0/1"));    // a run's own results do not count as other files
        string before = Names("r")[0];
        string young = folder.Write("r/1.parquet.a.tmp", "");
        string old = folder.Write("r/2.parquet.b.tmp", "");
        File.SetLastWriteTimeUtc(young, DateTime.UtcNow.AddHours(-23));
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddHours(-25));

        // The built-in model is identified by its content, so a different one of the same version differs.
        (int exitCode, string output, string error) = await DetectorProcess.Run("--cropped", "--input", input, "--events", At("r"), "--shard", "0/1");

        string hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "../../../../onnx/emotion.onnx")))[..8]);
        Assert.Equal(0, exitCode);
        Assert.StartsWith($"{At($"r/{before}")}: made by another version, model or settings than this run (", error, StringComparison.Ordinal);
        Assert.Contains($"\"model\":\"{hash}\"", error, StringComparison.Ordinal);
        Assert.Contains(
            "\"smoothing\":{\"timeConstantSeconds\":0.2,\"uncertainBelow\":0.35,\"switchMargin\":0.18,\"certaintyMargin\":0.05,\"forgetAfterSeconds\":2}", error, StringComparison.Ordinal);
        Assert.StartsWith("shard 0/1: 2 inputs: 2 done, 0 done before, 0 failed; ", output, StringComparison.Ordinal);
        Assert.True(File.Exists(young));    // another machine may still write it
        Assert.False(File.Exists(old));
    }

    [Fact]
    public async Task Shard_FaceDetector_IsNamedByItsModelsContent()
    {
        Platform.NeedsCascades();
        string input = Faces(1);
        Assert.Equal(0, (await DetectorProcess.Run("--model", Fixture.Model("tiny"), "--face-detector", "haar", "--input", input, "--events", At("r"), "--shard", "0/1")).ExitCode);

        (int exitCode, _, string error) = await DetectorProcess.Run("--model", Fixture.Model("tiny"), "--input", input, "--events", At("r"), "--shard", "0/1");

        Assert.Equal(0, exitCode);
        Assert.Contains("\"faceDetector\":\"ebafce4e3c118d65\"", error, StringComparison.Ordinal);    // the first 8 bytes of the SHA-256 in onnx/SHA256SUMS
    }

    [Fact]
    [Trait("Speed", "slow")]
    public async Task Merge_CutForeignDuplicateAndMissing_TellsEachAndLosesNothing()
    {
        string input = Faces(400);
        await Run(input, "r", "--shard", "0/1");
        await Run(input, "other", "--shard", "0/2", "--min-face-pixels", "100");
        string[] names = Names("r");
        int[] inputs = [.. names.Take(3).Select(name => InputsOf(At($"r/{name}")))];
        File.WriteAllBytes(At($"r/{names[0]}"), File.ReadAllBytes(At($"r/{names[0]}"))[..^9]);
        File.Copy(At($"r/{names[1]}"), At("r/copy.parquet"));
        File.Delete(At($"r/{names[2]}"));
        File.Copy(At($"other/{Names("other")[0]}"), At("r/foreign.parquet"));
        int missing = inputs[0] + inputs[2];

        (int exitCode, string output, string error) = await Merge("r", "m.parquet", "--manifest", input);

        Assert.Equal(1, exitCode);
        Assert.Contains($"{At($"r/{names[0]}")}: truncated or damaged Parquet file. It is left out", error, StringComparison.Ordinal);
        Assert.Contains($"{At("r/foreign.parquet")}: made with other settings", error, StringComparison.Ordinal);
        Assert.Contains($"\n{Quantity.Pluralize(inputs[1], "input")} in more than one file: each is taken once.\n", error, StringComparison.Ordinal);
        Assert.Contains($"\nmissing: {Quantity.Pluralize(missing, "input")}: ", error, StringComparison.Ordinal);
        Assert.Contains($": {400 - missing} done, 0 failed, {missing} missing; ", output, StringComparison.Ordinal);
        Assert.Equal(400 - missing, Rows("m.parquet").Select(row => row.Source).Distinct().Count());
        Assert.Equal(400 - missing, Rows("m.parquet").Count());

        // The same command repairs truncated or missing results.
        File.Delete(At("r/copy.parquet"));
        File.Delete(At("r/foreign.parquet"));
        Assert.Equal(("", 0), await Run(input, "r", "--shard", "0/1"));
        (exitCode, output, error) = await Merge("r", "m2.parquet", "--manifest", input);
        Assert.Equal(("", 0), (error, exitCode));
        Assert.StartsWith("400 inputs of ", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--shard is 'x'", "--shard", "x", "--events", "r")]
    [InlineData("--shard needs '--events FOLDER'", "--shard", "0/2")]
    [InlineData("--shard needs '--events FOLDER'", "--shard", "0/2", "--events", "e.jsonl")]
    [InlineData("--shard writes only events", "--shard", "0/2", "--events", "r", "--report", "r.html")]
    [InlineData("0: a shard's inputs are files, folders and addresses", "--shard", "0/2", "--events", "r", "--input", "0")]
    [InlineData("neither is set", "--shards", "2", "--events", "r")]
    public async Task Options_ThatCannotBe_AreRefused(string expected, params string[] options)
    {
        (int exitCode, string output, string error) = await DetectorProcess.RunInProcess(["--model", Model, "--input", folder.Root, .. options]);

        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Equal(("", 2), (output, exitCode));
    }

    private static HttpListener Listen(out string address)
    {
        address = $"http://127.0.0.1:{Loopback.FreePort()}/";
        var listener = new HttpListener();
        listener.Prefixes.Add(address);
        listener.Start();
        return listener;
    }

    // Runs until the listener is closed.
    private static async Task Serve(HttpListener site, string files)
    {
        while (true)
        {
            HttpListenerContext request = await site.GetContextAsync();
            string file = files + request.Request.Url!.AbsolutePath;
            request.Response.StatusCode = File.Exists(file) ? 200 : file.Contains("removed", StringComparison.Ordinal) ? 410 : 404;
            request.Response.Close(File.Exists(file) ? File.ReadAllBytes(file) : [], willBlock: false);
        }
    }

    private static int InputsOf(string part)
    {
        using var table = new FaceTableReader(part);
        return table.Inputs.Count;
    }

    private string At(string name) => folder.At(name);

    private string[] Names(string results) =>
        Directory.Exists(At(results)) ? [.. Directory.GetFiles(At(results), "*.parquet").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)] : [];

    private IEnumerable<FaceRow> Rows(string table)
    {
        using var reader = new FaceTableReader(At(table));
        return [.. reader.Groups().SelectMany(group => group)];
    }

    private string[] Arguments(string input, string results, params string[] options) =>
        ["--model", Model, "--cropped", "--input", input, "--events", At(results), .. options];

    private async Task<(string Error, int ExitCode)> Run(string input, string results, params string[] options)
    {
        (int exitCode, _, string error) = await DetectorProcess.Run(Arguments(input, results, options));
        return (error, exitCode);
    }

    private async Task<(string Error, int ExitCode)> RunPlain(string input, string results, params string[] options)
    {
        (int exitCode, _, string error) = await DetectorProcess.Run(["--model", Model, "--input", input, "--events", At(results), .. options]);
        return (error, exitCode);
    }

    private Task<(int ExitCode, string Output, string Error)> Merge(string results, string output, params string[] options) =>
        DetectorProcess.Run(["merge", At(results), "--output", At(output), .. options]);

    // Cropped faces of generated people.
    private string Faces(int count)
    {
        for (int i = 0; i < count; i++)
        {
            folder.WritePgm($"in/{i % 7}/{i}.pgm", SampleFaces.Draw(1, i));
        }

        return At("in");
    }

    // Three people in each image.
    private string People(int count)
    {
        using var demo = new DemoSource();
        using var frame = new Frame();
        for (int i = 0; i < count; i++)
        {
            demo.Read(frame, out _);

            // In one image, the edge cuts the first person's face.
            int left = i == 1 ? 80 : 0;
            using OpenCvSharp.Mat part = frame.Mat[new OpenCvSharp.Rect(left, 0, DemoSource.Width - left, DemoSource.Height)];
            folder.Write($"in/{i}.png", part.ImEncode(".png"));
        }

        return At("in");
    }
}
