using System.Text.Json;
using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Running;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Tests.Shared;
using MlNetEmotion.Tests.Shared.Faces;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Detector;

/// <summary>Still images, from the command line to the written results.</summary>
public sealed class ImagesTests : IDisposable
{
    private static readonly string Model = Fixture.Model("tiny");

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Folder_WithABrokenImage_NamesEachAndShiftsNone()
    {
        string input = Images("a.png", "sub/c, d.png");
        string broken = folder.Write("in/b.png", "no PNG");

        (int exitCode, _, string error) = await Run("--input", input, "--events", At("e.jsonl"), "--report", At("r.html"));
        Assert.Equal(($"skipped {broken}: ", 0), (error[..(broken.Length + 10)], exitCode));
        JsonElement[] events = [.. File.ReadLines(At("e.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)];
        (string?, int, double)[] a = [.. Enumerable.Repeat(((string?)Path.Combine(input, "a.png"), 0, 0.0), 3)];
        (string?, int, double)[] c = [.. Enumerable.Repeat(((string?)Path.Combine(input, "sub", "c, d.png"), 0, 2000.0), 3)];
        Assert.Equal([.. a, .. c], events.Select(line => (line.GetProperty("source").GetString(), line.GetProperty("frame").GetInt32(), line.GetProperty("timestampMs").GetDouble())));

        string report = File.ReadAllText(At("r.html"));
        Assert.Contains("2 images, 6 faces", report, StringComparison.Ordinal);
        Assert.Matches(@"<th>sub/c, d\.png</th><td>3</td>", report);
        Assert.Contains("in a.png</span>", report, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\d s\b", report);

        await Run("--input", input, "--events", At("e.csv"));
        Assert.Contains($",\"{Path.Combine(input, "sub", "c, d.png")}\",", File.ReadAllLines(At("e.csv"))[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folder_OutputIsAFolder_WritesEachInItsSizeAndUnderItsName()
    {
        string input = Images("a.png", "sub/b.JPG");
        folder.WritePgm("in/c.pgm", TemporaryFolder.Face(128));
        folder.WriteImage("in/small.bmp", 60, 40, 128);

        (int exitCode, string output, _) = await Run("--input", input, "--output", At("out"));
        Assert.Equal(0, exitCode);
        Assert.EndsWith($"; wrote {At("out")}\n", output, StringComparison.Ordinal);
        Assert.Equal(["a.png", "c.pgm.png", "small.bmp", "sub/b.JPG"], Names(At("out")));
        Assert.Equal([(720, 400), (48, 48), (60, 40), (720, 400)], Names(At("out")).Select(name => Size(At($"out/{name}"))));
        Assert.All(["a.png", "sub/b.JPG"], name => Assert.True(Colourful(At($"out/{name}")), name));    // gray people, coloured boxes

        byte[] before = File.ReadAllBytes(At("out/a.png"));
        (exitCode, _, string error) = await Run("--input", input, "--output", At("out"));
        Assert.Equal(($"{At("out/a.png")}: exists already. Add '--force' to overwrite it, or name another file.\n", 2), (error, exitCode));
        Assert.Equal(before, File.ReadAllBytes(At("out/a.png")));
        Assert.Equal(0, (await Run("--input", input, "--output", At("out"), "--force")).ExitCode);
    }

    [Fact]
    public async Task Image_OutputIsAImageOrAVideo_WritesThat()
    {
        string image = Path.Combine(Images("a.png"), "a.png");

        Assert.Equal(0, (await Run(image, "--output", At("out.jpg"))).ExitCode);
        Assert.Equal(0, (await Run(image, "--output", At("out.avi"))).ExitCode);
        Assert.Equal((720, 400), Size(At("out.jpg")));
        Assert.True(new FileInfo(At("out.avi")).Length > 1000);
    }

    [Theory]
    [InlineData("one file for 2 images. Name a folder", "OUT.jpg")]
    [InlineData("would be inputs of the next run", "IN/annotated")]
    [InlineData("named twice", "IN")]
    [InlineData("for still images name a folder", "OUT.txt")]
    public async Task Output_ThatCannotBe_IsRefusedAndTheImagesSurvive(string expected, string output)
    {
        string input = Images("a.png", "b.png");
        byte[] before = File.ReadAllBytes(Path.Combine(input, "a.png"));

        (int exitCode, _, string error) = await DetectorProcess.RunInProcess(
            "--headless", "--model", Model, "--input", input, "--output", output.Replace("IN", input, StringComparison.Ordinal).Replace("OUT", At("out"), StringComparison.Ordinal));
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Equal(2, exitCode);
        Assert.Equal(["a.png", "b.png"], Names(input));
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(input, "a.png")));
    }

    [Fact]
    public async Task Several_OutputIsAFolder_WritesImagesAndDoesThemOnce()
    {
        string input = Images("a.png", "b.jpg");
        folder.Write("more/c.ppm", File.ReadAllBytes(Path.Combine(input, "a.png")));    // the content decides the format
        string[] args = ["--input", Path.Combine(input, "a.png"), Path.Combine(input, "b.jpg"), At("more"), "--output", At("out")];

        (int exitCode, string output, string error) = await Run(args);
        Assert.Equal(("", 0), (error, exitCode));
        Assert.Contains($"{Path.Combine(input, "b.jpg")}: 1 image, 3 faces, ", output, StringComparison.Ordinal);
        Assert.Equal(["a.png", "b.jpg", "more/c.ppm"], Names(At("out")));

        (_, output, _) = await Run(args);
        Assert.Contains("3 inputs: 0 done, 3 done before, 0 failed", output, StringComparison.Ordinal);

        folder.Write("out/b.jpg", "old");
        folder.Write("out/more/c.ppm", "old");
        (exitCode, output, _) = await Run([.. args, "--force"]);
        Assert.All(["out/b.jpg", "out/more/c.ppm"], name => Assert.Equal((720, 400), Size(At(name))));
        Assert.Contains("3 inputs: 3 done, 0 done before, 0 failed", output, StringComparison.Ordinal);
        Assert.Equal(["a.png", "b.jpg", "more/c.ppm"], Names(At("out")));
    }

    [Fact]
    public async Task Several_AGifAmongThem_IsAFilm()
    {
        string input = Images("a.png");
        using Frame people = Image.Decode(File.ReadAllBytes(Path.Combine(input, "a.png")));
        string film = folder.Write("in/b.gif", people.Mat.ImEncode(".gif"));

        (int exitCode, string output, string error) = await Run(Path.Combine(input, "a.png"), film, "--output", At("out"));

        Assert.Equal(("", 0), (error, exitCode));
        Assert.Contains($"{film}: 1 frame, ", output, StringComparison.Ordinal);
        Assert.Equal(["a.png", "b.mp4"], Names(At("out")));
    }

    [Fact]
    public async Task Folder_SmallImageWithoutAFace_PointsToCropped()
    {
        string input = Images("a.png");
        folder.WriteImage("in/small.png", 48, 48, 128);

        (int exitCode, _, string error) = await Run("--input", input);
        Assert.Equal(
            (0, $"{input}: no face found in 1 of the images below 100 pixels a side. If each image is a cropped face, add '--cropped'.\n"), (exitCode, error));
    }

    [Fact]
    public async Task Image_WithFacesBelowTheLeastSide_SaysHowManyAndHowToGetThem()
    {
        using var photograph = new Photograph("selfie-many-people.jpg");
        string image = folder.Write("group.png", photograph.ToPng());

        (int exitCode, string output, string error) = await Run(image, "--min-face-pixels", "150");
        Assert.Equal((0, $"{image}: 3 faces smaller than 150 pixels left out; '--min-face-pixels 20' includes them.\n"), (exitCode, error));
        Assert.StartsWith($"{image}: 1 image, 3 faces, ", output, StringComparison.Ordinal);

        (_, output, error) = await Run(image, "--min-face-pixels", "20");
        Assert.Equal("", error);
        Assert.StartsWith($"{image}: 1 image, 6 faces, ", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, 1, 1, 1, 1, "1 face smaller than 48 pixels left out; '--min-face-pixels 20' includes them.")]
    [InlineData(true, 0, 0, 0, 5, null)]
    [InlineData(false, 80, 11, 9, 100, "faces smaller than 48 pixels left out, up to 9 in a frame; '--min-face-pixels 20' includes them.")]
    [InlineData(false, 80, 10, 9, 100, null)] // briefly in a video
    [InlineData(false, 0, 0, 0, 0, null)]
    public void SmallFacesHint_ByWhatWasLeftOut_SaysSo(bool areStills, long faces, long frames, int most, long searched, string? expected) =>
        Assert.Equal(expected, InputRun.SmallFacesHint(new SmallerFaces(faces, frames, most, searched), 48, areStills));

    [Fact]
    public async Task Folder_FilesOfSeveralImagesOrFewValues_AreRemarkedOn()
    {
        string input = Images("a.png");
        byte[] film = [.. "GIF89a"u8, 1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 90, 90, 90,
            .. Enumerable.Repeat<byte[]>([0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x4C, 1, 0], 3).SelectMany(image => image), 0x3B];
        string gif = folder.Write("in/b.gif", film);
        string thermal = folder.Write("in/c.pgm", [.. "P5 2 1 65535 "u8, 0x1C, 0x20, 0x20, 0xD0]);

        (int exitCode, _, string error) = await Run("--input", input);

        Assert.Equal(0, exitCode);
        Assert.Contains($"{gif}: the first of 3 images, the others are not looked at\n", error, StringComparison.Ordinal);
        Assert.Contains($"{thermal}: values from 7200 to 8400 are stretched to 8 bits\n", error, StringComparison.Ordinal);
    }

    private static Task<(int ExitCode, string Output, string Error)> Run(params string[] args) =>
        DetectorProcess.Run(["--headless", "--model", Model, .. args]);

    private static IEnumerable<string> Names(string root) => Directory.GetFiles(root, "*", SearchOption.AllDirectories)
        .Select(path => Platform.WithSlashes(Path.GetRelativePath(root, path)))
        .Order(StringComparer.Ordinal);

    private static (int Width, int Height) Size(string path)
    {
        using Frame image = Image.Decode(File.ReadAllBytes(path));
        return (image.Width, image.Height);
    }

    private static bool Colourful(string path)
    {
        using Frame image = Image.Decode(File.ReadAllBytes(path));
        ImageView view = image.View;
        for (int i = 0; i + 2 < view.Pixels.Length; i += 3)
        {
            if (Math.Abs(view.Pixels[i] - view.Pixels[i + 2]) > 100)
            {
                return true;
            }
        }

        return false;
    }

    private string At(string name) => folder.At(name);

    // Three people in each image.
    private string Images(params string[] names)
    {
        using var demo = new DemoSource();
        using var frame = new Frame();
        demo.Read(frame, out _);
        Array.ForEach(names, name => folder.Write($"in/{name}", frame.Mat.ImEncode(Path.GetExtension(name))));
        return At("in");
    }
}
