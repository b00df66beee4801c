using System.IO.Compression;
using System.Text.Json;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Page;

/// <summary>Sessions on the page, as a user records, opens, corrects and saves them.</summary>
[Collection(nameof(PageFixture))]
public sealed class SessionTests(PageFixture fixture)
{
    [Fact]
    public async Task Session_RecordedOpenedAndCorrected_IsSavedWithEverythingAndCollected()
    {
        using var folder = new TemporaryFolder();
        await using Browser browser = await fixture.OpenWithCameraAsync();
        IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url, Browser.Quiet);
        await page.Locator("#keep-picture").CheckAsync();
        await page.Locator("#camera").ClickAsync();
        await page.Locator("#notice button[value=start]").ClickAsync();
        await page.Locator(".face").Nth(2).WaitForAsync();
        await page.Locator("#record").ClickAsync();
        await Assertions.Expect(page.Locator("#record")).ToContainTextAsync("Stop and save 0:");
        await Assertions.Expect(page.Locator("#record")).Not.ToHaveTextAsync("Stop and save 0:00");

        // A recording that would be lost asks first.
        await page.Locator("#demo").ClickAsync();
        await Assertions.Expect(page.Locator("#unsaved p")).ToContainTextAsync("The recording of 0:");
        await page.Locator("#unsaved button[value=cancel]").ClickAsync();
        await page.Locator("#live").WaitForAsync();
        string recorded = await Download(page, "#record", folder, "recorded.zip");

        await page.Locator("#file").SetInputFilesAsync(recorded);
        await page.Locator("#viewer").WaitForAsync();
        Assert.Equal(3, await page.Locator("#rows li").CountAsync());
        Assert.True(await page.Locator("#viewer-words").IsHiddenAsync());
        Assert.Empty((await page.RunAxe()).Violations.Select(violation => violation.Help));

        // The camera shows one still frame, so each face has one segment.
        await page.Locator("#timeline").PressAsync("Enter");
        await Assertions.Expect(page.Locator("#span-words")).ToContainTextAsync("Model: Disgust.");
        await page.Keyboard.PressAsync("5");
        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("Enter");
        await page.Keyboard.PressAsync("x");
        await page.Keyboard.PressAsync("1");
        await page.Keyboard.PressAsync("u");
        await Assertions.Expect(page.Locator("#span-words")).ToContainTextAsync("Model: Happy. Coder 1: excluded.");
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("3");    // no span is selected: the third face's numbers
        await Assertions.Expect(page.Locator(".face .answer").Nth(2)).ToHaveAttributeAsync("aria-expanded", "true");
        await page.Locator(".row-name").Nth(1).FillAsync("Anna");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator(".face .name").Nth(1)).ToHaveTextAsync("Anna");
        await Assertions.Expect(page.Locator("#corrections-count")).ToHaveTextAsync("2 corrections, not saved yet");
        string saved = await Download(page, "#save-session", folder, "saved.zip");
        await Assertions.Expect(page.Locator("#corrections-count")).ToHaveTextAsync("2 corrections");

        using ZipArchive before = ZipFile.OpenRead(recorded), after = ZipFile.OpenRead(saved);
        Assert.Equal(["corrections.jsonl", "events.jsonl", "meta.json", "video.webm"], after.Entries.Select(entry => entry.FullName).Order(StringComparer.Ordinal));
        Assert.Equal((before.GetEntry("events.jsonl")!.Crc32, before.GetEntry("video.webm")!.Crc32), (after.GetEntry("events.jsonl")!.Crc32, after.GetEntry("video.webm")!.Crc32));
        JsonElement[] rows = [.. Lines(after, "corrections.jsonl")];
        Assert.Equal(["Coder 1 1 Sad False", "Coder 1 2  True"], rows.Select(row => $"{row.GetProperty("coder")} {row.GetProperty("face")} {row.GetProperty("emotion")} {row.GetProperty("exclude")}"));
        Assert.Equal("Anna", Lines(after, "meta.json", isOne: true).Single().GetProperty("names").GetProperty("2").GetString());
        int frames = Lines(after, "events.jsonl").Max(row => row.GetProperty("frame").GetInt32()) + 1;
        Assert.InRange(VideoFrames(folder, after), 1, frames);    // a busy machine may drop some

        // The camera's frames are identical, so the span is one face.
        string faces = Path.Combine(folder.Root, "faces");
        (int exitCode, string output, _) = await DetectorProcess.RunInProcess("collect", saved, "--output", faces);
        Assert.True(exitCode == 0, output);
        Assert.Equal(["train/sad"], Directory.GetFiles(faces, "*.png", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(faces, Path.GetDirectoryName(file)!)));
    }

    // Events after the video's end, and a face outside of its images; the demo has 720x400 pixels and lasts 8.4 s.
    [Theory]
    [InlineData(9500, 1, "demo.webm ends at 0:08 and the events at 0:09: they do not belong together, or the video is incomplete. The events are shown without it.")]
    [InlineData(8000, 12, "face 12 is outside of demo.webm, which has 720x400 pixels: they do not belong together, or the video is incomplete. The events are shown without it.")]
    [InlineData(8000, 1, "")]
    public async Task Events_OpenedWithAVideo_MustBelongToIt(int lastMs, int track, string words)
    {
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url, Browser.Quiet);
        string events = SessionModuleTests.Event(0, 0, 1, "Happy") + SessionModuleTests.Event(lastMs / 40, lastMs, track, "Sad");

        await page.Locator("#file").SetInputFilesAsync(
        [
            new FilePayload { Name = "events.jsonl", MimeType = "", Buffer = System.Text.Encoding.UTF8.GetBytes(events) },
            new FilePayload { Name = "demo.webm", MimeType = "video/webm", Buffer = await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "wwwroot/demo.webm"), TestContext.Current.CancellationToken) },
        ]);

        await page.Locator($"#stage[data-state={(words.Length > 0 ? "ended" : "paused")}]").WaitForAsync();
        Assert.Equal(words, await page.Locator("#viewer-words").TextContentAsync());
        Assert.Equal("2 events", await page.Locator("#count").TextContentAsync());
    }

    private static async Task<string> Download(IPage page, string button, TemporaryFolder folder, string name)
    {
        IDownload download = await page.RunAndWaitForDownloadAsync(() => page.Locator(button).ClickAsync());
        string path = Path.Combine(folder.Root, name);
        await download.SaveAsAsync(path);
        return path;
    }

    private static IEnumerable<JsonElement> Lines(ZipArchive archive, string name, bool isOne = false)
    {
        using var reader = new StreamReader(archive.GetEntry(name)!.Open());
        string text = reader.ReadToEnd();
        return [.. (isOne ? [text] : text.Split('\n', StringSplitOptions.RemoveEmptyEntries)).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    private static int VideoFrames(TemporaryFolder folder, ZipArchive archive)
    {
        string path = Path.Combine(folder.Root, "video.webm");
        archive.GetEntry("video.webm")!.ExtractToFile(path);
        using var video = new OpenCvSharp.VideoCapture(path);
        using var frame = new OpenCvSharp.Mat();
        int count = 0;
        while (video.Read(frame))
        {
            count++;
        }

        return count;
    }
}
