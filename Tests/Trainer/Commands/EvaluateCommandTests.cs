using System.Text.Json;
using MlNetEmotion.Tests.Packages;
using MlNetEmotion.Tests.Shared;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Commands;

/// <summary>
/// By tests' smallest model, softmax(mean / 100 * (0, 0, 0, 1, 0, -1, 0)): any face that is not black is happy.
/// </summary>
public sealed class EvaluateCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public EvaluateCommandTests()
    {
        folder.WritePgm("data/train/sad/never.pgm", Gray(1));
        folder.WritePgm("data/validation/happy/a.pgm", Gray(100));
        folder.WritePgm("data/validation/happy/b.pgm", Gray(100));
        folder.WritePgm("data/validation/surprise/c.pgm", Gray(100));
        folder.Write("data/validation/surprise/d.png", "no image");
    }

    private string Report => Path.Combine(folder.Root, "out", "report.html");

    private string Json => Path.Combine(folder.Root, "out", "figures.json");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Evaluate_ImagesWithNothingToSeeOrSeveral_AreWarnedOf()
    {
        string blank = folder.WriteImage("data/validation/happy/blank.png", 48, 48, 128);
        string film = folder.Write("data/validation/happy/film.gif", [.. "GIF89a"u8, 1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 90, 90, 90,
            .. Enumerable.Repeat<byte[]>([0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x4C, 1, 0], 2).SelectMany(image => image), 0x3B]);

        (int exitCode, _, string error) = await TrainerProcess.Run(
            "evaluate", "--model", Fixture.Model("tiny"), "--data", Path.Combine(folder.Root, "data"), "--report", Report);

        Assert.Equal(0, exitCode);
        Assert.Contains(
            $"warning: {blank}: 2 of 5 images, this one first, one gray all over: no emotion can be predicted for such an image; metrics count it as Angry, the first of equals\n",
            error, StringComparison.Ordinal);
        Assert.Contains($"warning: {film}: the first of 2 images, the others are not looked at\n", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("--tta")] // shifts and mirrors do not change the mean
    public async Task Evaluate_ThreeFacesAndAnUnreadable_WritesTheirFigures(params string[] more)
    {
        Assert.Equal(0, await Evaluate(["--json", Json, .. more]));
        JsonElement figures = JsonDocument.Parse(File.ReadAllText(Json)).RootElement;
        Assert.Equal(3, figures.GetProperty("samples").GetInt32());
        Assert.Equal(1, figures.GetProperty("unreadable").GetInt32());
        Assert.Equal(2.0 / 3, figures.GetProperty("accuracy").GetDouble(), 12);
        Assert.Equal(2, figures.GetProperty("confusionMatrix")[3][3].GetInt32());
        Assert.Equal(1, figures.GetProperty("confusionMatrix")[5][3].GetInt32());

        // Confidence: e / (5 + e + 1/e) = 0.336165; accuracy 0.66667. One bin, so the error is the gap; float32 to 1e-6.
        Assert.Equal((2.0 / 3) - 0.336165, figures.GetProperty("expectedCalibrationError").GetDouble(), 2e-6);
    }

    [Fact]
    public async Task Evaluate_Report_HoldsFacesUnlessTheyAreLeftOut()
    {
        Assert.Equal(0, await Evaluate());
        Assert.Contains("src=\"data:image/png;base64,iVBOR", File.ReadAllText(Report));
        Assert.Contains("c.pgm", File.ReadAllText(Report));
        Assert.Contains("<h1>tiny.onnx on data</h1>", File.ReadAllText(Report));
        Assert.DoesNotContain(folder.Root, File.ReadAllText(Report));
        Assert.Equal(0, await Evaluate("--no-images", "--force"));
        Assert.DoesNotContain("iVBOR", File.ReadAllText(Report));
        Assert.DoesNotContain("c.pgm", File.ReadAllText(Report));
    }

    [Fact]
    public async Task Evaluate_Against_TellsWhatIsLeftWithoutDuplicates()
    {
        // All three are blank, and equal to the one that is trained on here: nothing is left.
        folder.WritePgm("other/train/happy/again.pgm", Gray(100));
        Assert.Equal(0, await Evaluate("--against", Path.Combine(folder.Root, "other"), "--json", Json));
        JsonElement duplicates = JsonDocument.Parse(File.ReadAllText(Json)).RootElement.GetProperty("duplicates");
        Assert.Equal(3, duplicates.GetProperty("identical").GetInt32());
        Assert.Equal(0, duplicates.GetProperty("samplesWithout").GetInt32());
        Assert.Equal(2.0 / 3, duplicates.GetProperty("accuracyOfDuplicates").GetDouble(), 12);
    }

    // The three faces are called Happy: the first as most people do, the second as none of these does, the third has as many votes for contempt.
    [Fact]
    public async Task Evaluate_Votes_TellsHowOftenMostPeopleAgree()
    {
        string votes = folder.Write("votes.csv", "file,anger,disgust,fear,happiness,sadness,surprise,neutral,contempt\na.pgm,0,0,0,9,0,0,0,1\nb.pgm,0,0,0,0,0,0,10,0\nc.pgm,0,0,0,5,0,0,0,5\n");
        Assert.Equal(0, await Evaluate("--votes", votes, "--json", Json, "--tta", "--crop", "44"));
        JsonElement figures = JsonDocument.Parse(File.ReadAllText(Json)).RootElement.GetProperty("votes");
        Assert.Equal((2, 1, 0.5), (figures.GetProperty("samples").GetInt32(), figures.GetProperty("leftOut").GetInt32(), figures.GetProperty("agreement").GetDouble()));
        Assert.Equal((1, 1.0), (figures.GetProperty("neutralSamples").GetInt32(), figures.GetProperty("neutralCalledHappy").GetDouble()));

        // -ln(e / z), -ln(1 / z), -ln(e / z) with z = 5 + e + 1/e; crops are scaled to whole grays
        Assert.Equal(Math.Log(5 + Math.E + (1 / Math.E)) - (2 / 3.0), figures.GetProperty("crossEntropy").GetDouble(), 5e-5);
        Assert.Contains("Agreement with most people", File.ReadAllText(Report));
    }

    // Case 37: two images of a name, one more in another split, and one whose name stands on two lines.
    [Fact]
    public async Task Evaluate_VotesByRepeatedNames_CountForNoneAndAreSaid()
    {
        folder.WritePgm("data/validation/surprise/a.pgm", Gray(100));
        folder.WritePgm("data/validation/happy/never.pgm", Gray(100));
        string votes = folder.Write("votes.csv", "file,anger,disgust,fear,happiness,sadness,surprise,neutral\na.pgm,0,0,0,9,0,0,0\nnever.pgm,0,0,0,9,0,0,0\n"
            + "b.pgm,0,0,0,9,0,0,0\nb.pgm,0,0,0,8,0,0,0\nsurprise/c.pgm,0,0,0,0,0,9,0\n");

        (string output, string error) = await CommandRun.Text(["evaluate", .. Arguments(), "--votes", votes, "--json", Json]);

        JsonElement figures = JsonDocument.Parse(File.ReadAllText(Json)).RootElement.GetProperty("votes");
        Assert.Equal(
            (1, 4, 1, 4, 0),
            (figures.GetProperty("samples").GetInt32(), figures.GetProperty("leftOut").GetInt32(), figures.GetProperty("withVotes").GetInt32(),
                figures.GetProperty("withoutVotes").GetInt32(), figures.GetProperty("agreement").GetInt32()));
        Assert.Contains($"warning: {votes}: 1 name stands on several lines, the first, 'b.pgm', on 4 and 5: ", error, StringComparison.Ordinal);
        Assert.Contains($"2 names fit several images each in {votes}, the first, 'a.pgm', ", error, StringComparison.Ordinal);
        Assert.Contains("none of the 3 images gets them", error, StringComparison.Ordinal);
        Assert.Contains($"{folder.At("data")}: votes for 1 of 5 images; the others are left out of the figures by votes\n", error, StringComparison.Ordinal);
        Assert.Contains("images with votes: 1 of 5\n", output, StringComparison.Ordinal);
        Assert.Contains("(95 % interval; 0.00 % of only 1), 4 left out: 4 without votes, 0 without a majority\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evaluate_VotesOnNoImage_IsRefusedAndWritesNothing()
    {
        string votes = folder.Write("votes.csv", "file,anger,disgust,fear,happiness,sadness,surprise,neutral\na.pgm,0,0,0,9,0,0,0\na.pgm,0,0,0,9,0,0,0\n");
        CommandLineAssert.IsWrongUsage(await CommandRun.Run(["evaluate", .. Arguments(), "--votes", votes]), $"{votes}: votes on none of the images; ", "'a.pgm', on 2 and 3");
        Assert.False(Directory.Exists(Path.GetDirectoryName(Report)));
    }

    [Fact]
    public async Task Evaluate_Robustness_WritesEveryCorruption()
    {
        // Whatever is done to a gray that is not black, it stays happy.
        Assert.Equal(0, await Evaluate("--robustness", "--json", Json));
        JsonElement figures = JsonDocument.Parse(File.ReadAllText(Json)).RootElement.GetProperty("robustness");
        Assert.Equal(9 * 3, figures.GetArrayLength());
        Assert.All(figures.EnumerateArray(), figure => Assert.Equal(2.0 / 3, figure.GetProperty("accuracy").GetDouble(), 12));
        Assert.Equal(
            ("blur", 1, "sigma 0.7 px"),
            (figures[0].GetProperty("corruption").GetString(), figures[0].GetProperty("severity").GetInt32(), figures[0].GetProperty("parameter").GetString()));
    }

    [Fact]
    public async Task Calibrate_ModelWithoutCalibration_IsRefused()
    {
        string output = Path.Combine(folder.Root, "out", "calibrated.onnx");
        string[] arguments = ["calibrate", "--model", Fixture.Model("tiny"), "--data", Path.Combine(folder.Root, "data"), "--output", output];
        Assert.NotEqual(0, await CommandRun.ExitCode(arguments));
        Assert.False(File.Exists(output));
    }

    [Fact]
    public async Task Calibrate_ModelOfVotesByLabels_IsCalibratedAndSaysSo()
    {
        foreach (string label in Emotions.Labels)
        {
            Enumerable.Range(0, 8).ToList().ForEach(i => folder.WritePgm($"many/{label}/{i}.pgm", TemporaryFolder.Face((byte)i)));
        }

        string model = Path.Combine(PackedPackages.Repository, "onnx", "emotion.onnx"), output = folder.At("calibrated.onnx");
        (int exitCode, string text, string error) = await CommandRun.Run("calibrate", "--model", model, "--data", folder.At("many"), "--output", output);
        Assert.Equal((0, $"warning: {model}: its main output predicts people's votes, but is calibrated by labels without --votes\n"), (exitCode, error));
        Assert.Matches("^smoothing .*\nexpected calibration error, cross-fitted: .*\nlabel head: smoothing .*\nlabel head: expected calibration error, cross-fitted: .*\nwrote ", text);
    }

    [Fact]
    public async Task Calibrate_FewFaces_IsRefusedAndWritesNothing()
    {
        string output = Path.Combine(folder.Root, "out", "calibrated.onnx");
        (int exitCode, _, string error) = await TrainerProcess.Run(
            "calibrate", "--model", Fixture.Model("tiny"), "--data", Path.Combine(folder.Root, "data", "train"), "--output", output);
        Assert.Equal(2, exitCode);
        Assert.Contains(
            "1 image, 0 classes with 5 or more, are too few to calibrate on: expected at least 50, and 5 of each of 5 classes; nothing was written. Add validation images",
            error, StringComparison.Ordinal);
        Assert.False(File.Exists(output));
    }

    [Fact]
    public async Task Evaluate_UnreadableImage_IsNamed()
    {
        (_, string error) = await CommandRun.Text(["evaluate", .. Arguments()]);
        Assert.Contains("d.png", error);
    }

    [Fact]
    public async Task Evaluate_StrictWithUnreadableImage_IsUnusableInput() => Assert.Equal(2, await Evaluate("--strict"));

    [Fact]
    public async Task Evaluate_FigureFileExists_IsKeptUnlessForced()
    {
        string json = folder.Write("figures.json", "precious");
        Assert.Equal(2, await Evaluate("--json", json));
        Assert.Equal("precious", File.ReadAllText(json));
        Assert.Equal(0, await Evaluate("--json", json, "--force"));
        Assert.StartsWith("{", File.ReadAllText(json), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evaluate_DiskIsFull_PrintsTheFiguresAndSaysWhatToDo()
    {
        string device = Path.Combine(folder.Root, "full.json");
        (int made, _, _) = OperatingSystem.IsLinux() ? await ProgramProcess.Run("mknod", device, "c", "1", "7") : (1, "", "");    // a /dev/full of our own
        Assert.SkipUnless(made == 0, "needs root on Linux, to make a device");
        (int exitCode, string output, string error) = await TrainerProcess.Run(["evaluate", .. Arguments(), "--json", device]);
        Assert.Equal(1, exitCode);
        Assert.Contains("66.67 % of only 3", output);
        Assert.EndsWith(". Free some space, or write to another disk.\n", error, StringComparison.Ordinal);
        Assert.False(File.Exists(device + ".tmp"));
    }

    [Theory]
    [InlineData("--json", "figures.txt", "written as .json")]
    [InlineData("--json", "data/train/sad/never.pgm/figures.json", "cannot be written")]
    [InlineData("--report", "data", "written as .html or .htm")]
    [InlineData("--report", "folder.html", "is a folder")]
    public async Task Evaluate_UnusableResult_IsRefusedBeforeTheWork(string option, string name, string expected)
    {
        // Data that is not there would be told first.
        folder.CreateFolder("folder.html");
        CommandLineAssert.IsWrongUsage(
            await CommandRun.Run("evaluate", "--model", Fixture.Model("tiny"), "--data", "no-such-folder", option, Path.Combine(folder.Root, name)), expected);
    }

    [Fact]
    public async Task Evaluate_Split_TakesThatPart()
    {
        Assert.Equal(0, await Evaluate("--split", "train", "--json", Json));
        Assert.Contains("\"samples\": 1,", File.ReadAllText(Json));
    }

    [Fact]
    public async Task Evaluate_SplitOfDataWithoutSplits_IsRefusedUnlessNoneIsTyped()
    {
        string[] arguments = ["evaluate", "--model", Fixture.Model("tiny"), "--data", Path.Combine(folder.Root, "data", "validation"), "--report", Report, "--json", Json];

        (int exitCode, _, string error) = await TrainerProcess.Run([.. arguments, "--split", "test"]);
        Assert.Equal(2, exitCode);
        Assert.Contains("no Test images: the data has no splits; leave '--split' out to take all images", error, StringComparison.Ordinal);
        Assert.Equal(2, await CommandRun.ExitCode([.. arguments, "--split", "validation"]));
        Assert.False(File.Exists(Json));

        Assert.Equal(0, await CommandRun.ExitCode(arguments));
        Assert.Contains("\"samples\": 3,", File.ReadAllText(Json));
    }

    [Fact]
    public async Task Evaluate_Classes_SayWhatTheFoldersMean()
    {
        // All are called Happy: of these two, one is.
        folder.WritePgm("raf/4/a.pgm", Gray(100));
        folder.WritePgm("raf/5/b.pgm", Gray(100));
        folder.WritePgm("raf/8/c.pgm", Gray(100));
        string raf = Path.Combine(folder.Root, "raf");
        Assert.Equal(2, await CommandRun.ExitCode("evaluate", "--model", Fixture.Model("tiny"), "--data", raf, "--report", Report));
        Assert.Equal(0, await CommandRun.ExitCode(
            "evaluate", "--model", Fixture.Model("tiny"), "--data", raf, "--report", Report, "--classes", "4=happy,5=sad,8=none", "--json", Json));
        JsonElement figures = JsonDocument.Parse(File.ReadAllText(Json)).RootElement;
        Assert.Equal((2, 0.5), (figures.GetProperty("samples").GetInt32(), figures.GetProperty("accuracy").GetDouble()));
    }

    [Theory]
    [InlineData("--split", "test")] // there is none
    [InlineData("--split", "other")]
    [InlineData("--data", "no-such-folder")]
    [InlineData("--model", "no-such-model.onnx")]
    [InlineData("--tta", "5")]
    [InlineData("--crop", "44")] // without --tta
    [InlineData("--votes", "no-such-file.csv")]
    [InlineData("--classes", "1=surprised,2=angst")]
    public async Task Evaluate_WrongOption_IsWrongUsageAndWritesNothing(string option, string value)
    {
        string[] arguments = [.. Arguments()];
        int place = Array.IndexOf(arguments, option);
        arguments = place < 0 ? [.. arguments, option, value] : [.. arguments[..(place + 1)], value, .. arguments[(place + 2)..]];
        Assert.Equal(2, await CommandRun.ExitCode(["evaluate", .. arguments]));
        Assert.False(Directory.Exists(Path.GetDirectoryName(Report)));
    }

    // Of this mean, and something to see, for one gray all over is no face: a square, half of it darker and half brighter. Its edge is even, so that
    // shifts and crops don't change the mean.
    private static byte[] Gray(byte mean) =>
    [
        .. Enumerable.Range(0, 2304).Select(i => (Row: i / 48, Column: i % 48)).Select(pixel => (byte)(
            pixel is not { Row: >= 8 and < 40, Column: >= 8 and < 40 } ? mean : pixel.Column < 24 ? mean - (mean / 4) : mean + (mean / 4))),
    ];

    [Fact]
    public async Task Evaluate_AgainstTheSameModel_IsNotBetter()
    {
        (int exitCode, string output, string error) = await CommandRun.Run(["evaluate", .. Arguments(), "--json", Json, "--against-model", Fixture.Model("tiny")]);

        Assert.True(exitCode == 0, error);
        Assert.Contains(
            "\nnot shown to be better than tiny.onnx: right in 66.7 % of 3 faces, tiny.onnx in 66.7 %; of the 0 in which one alone is right, it is in 0 (exact McNemar test, p = 1): keep the old file, or correct more\n",
            output, StringComparison.Ordinal);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(Json));
        Assert.Equal(3, json.RootElement.GetProperty("comparison").GetProperty("samples").GetInt32());
    }

    private string[] Arguments() => ["--model", Fixture.Model("tiny"), "--data", Path.Combine(folder.Root, "data"), "--report", Report];

    private Task<int> Evaluate(params string[] more) => CommandRun.ExitCode(["evaluate", .. Arguments(), .. more]);
}
