using System.Text.Json;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Tests.Trainer.Data;
using OpenCvSharp;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Page;

/// <summary>The page in a real browser, as a user sees it.</summary>
[Collection(nameof(PageFixture))]
public sealed class PageTests(PageFixture fixture)
{
    private const int FramesPerEmotion = DemoSource.CycleFrames / Emotions.Count;

    // The last third of an expression's frames: the expression is complete and smoothing has converged.
    private const int PlainFrom = 20;

    private const string Count = "parseInt(document.getElementById('count').textContent.replace(',', ''))";

    [Fact]
    public async Task Demo_OnOpening_ShowsItsFaces()
    {
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url);

        await page.Locator(".face").Nth(2).WaitForAsync();

        Assert.Equal(["Face 1", "Face 2", "Face 3"], await page.Locator(".face .name").AllTextContentsAsync());
        Assert.Contains("in this browser", await page.Locator("#where").TextContentAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("local")]
    [InlineData("server")]
    [Trait("Speed", "slow")]
    public async Task Demo_Downloaded_HasTheDetectorsAnswers(string scoring)
    {
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url, Browser.Quiet);
        await page.Locator("#scoring").SelectOptionAsync(scoring);
        await page.Locator("#demo").ClickAsync();
        await Browser.UntilAsync(page, "Number(document.getElementById('moment').value) > 8000");
        await page.Locator("#pause").ClickAsync();

        Event[] events = await Download(page);
        (int Person, int Emotion, string Shown)[] answers = await DetectorsAnswers();

        Assert.Equal([1, 2, 3], events.Select(face => face.TrackId).Distinct().Order());
        Assert.All(events, face => Assert.Equal("demo", face.Source));
        (Event Face, string Shown)[] plain = [.. events.Select(face => (face, Expected(face, answers))).Where(pair => pair.Item2 is not null)!];
        int same = plain.Count(pair => pair.Face.Shown == pair.Shown);
        Assert.True(plain.Length >= 6, $"only {plain.Length} faces");
        Assert.True(same > 0.9 * plain.Length, $"{same} of {plain.Length} as the Detector: {string.Join(", ", plain.Where(p => p.Face.Shown != p.Shown).Select(p => $"{p.Face.TimestampMs} face {p.Face.TrackId}: {p.Face.Shown}, not {p.Shown}"))}");
    }

    [Fact]
    public async Task Csv_OfAImage_IsAsTheDetectorWritesIt()
    {
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url, Browser.Quiet);
        using Frame frame = FakeCamera.Demo(FakeCamera.PlainFrame);
        using var folder = new TemporaryFolder();
        string image = Path.Combine(folder.Root, "three, \"at\" once.png");
        await File.WriteAllBytesAsync(image, frame.Mat.ImEncode(".png"), TestContext.Current.CancellationToken);
        string events = Path.Combine(folder.Root, "events.csv");
        await DetectorProcess.Run(image, "--headless", "--events", events);

        await page.Locator("#file").SetInputFilesAsync(image);
        IDownload download = await page.RunAndWaitForDownloadAsync(() => page.Locator("#csv").ClickAsync());

        Assert.Equal("three-at-once.csv", download.SuggestedFilename);
        string[] expected = await File.ReadAllLinesAsync(events, TestContext.Current.CancellationToken);
        string[] written = await File.ReadAllLinesAsync(await download.PathAsync(), TestContext.Current.CancellationToken);
        Assert.Equal(expected.Select(line => Rounded(line).Replace($"{folder.Root}/", "", StringComparison.Ordinal)), written.Select(Rounded));
    }

    [Fact]
    public async Task Pause_Demo_StandsStillUntilStartedAgain()
    {
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url);
        await page.Locator(".face").First.WaitForAsync();

        await page.Locator("#pause").ClickAsync();
        await Assertions.Expect(page.Locator("#pause")).ToHaveTextAsync("Start");
        double paused = await Browser.UntilStillAsync(page, "Number(document.getElementById('moment').value)");

        await page.Locator("#stage").PressAsync(" ");
        await Assertions.Expect(page.Locator("#pause")).ToHaveTextAsync("Pause");
        await Assertions.Expect(page.Locator("#moment")).Not.ToHaveValueAsync($"{paused}");
    }

    [Fact]
    public async Task Timeline_Chosen_ShowsThatMoment()
    {
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url);
        ILocator strip = page.Locator(".face canvas").First;
        await strip.WaitForAsync();
        await page.Locator("#pause").ClickAsync();

        float width = (await strip.BoundingBoxAsync())!.Width;
        await strip.ClickAsync(new() { Position = new() { X = width / 2, Y = 20 } });

        // Half of 8.4 s.
        await Browser.UntilAsync(page, "Math.abs(Number(document.getElementById('moment').value) - 4200) < 60");
    }

    [Fact]
    public async Task Mirror_Demo_TurnsTheImageButNoEvent()
    {
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url);
        await page.Locator(".face").First.WaitForAsync();
        await page.Locator("#pause").ClickAsync();
        const string Corner = "(() => { const c = document.getElementById('image'), d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; return [...d].reduce((sum, v, i) => (sum * 31 + v) % 1000003, 7); })()";
        double upright = await Browser.UntilStillAsync(page, Corner);

        await page.Locator("#mirror").ClickAsync();
        double mirrored = await page.EvaluateAsync<double>(Corner);
        await page.Locator("#mirror").ClickAsync();

        Assert.NotEqual(upright, mirrored);
        Assert.Equal(upright, await page.EvaluateAsync<double>(Corner));
        Event[] first = [.. (await Download(page)).Where(face => face.TrackId == 1)];
        Assert.NotEmpty(first);
        Assert.All(first, face => Assert.InRange(face.Box.X, 0, 120));
    }

    // On a stage as wide as the image, and on a higher and a wider one, where the image has margins.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Boxes_AnyStageAndMirror_LieOnTheFaces(bool isMirrored)
    {
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url, Browser.Quiet);
        using Frame frame = FakeCamera.Demo(FakeCamera.PlainFrame);
        await page.Locator("#file").SetInputFilesAsync(new FilePayload { Name = "faces.png", MimeType = "image/png", Buffer = frame.Mat.ImEncode(".png") });
        await page.Locator(".face").Nth(2).WaitForAsync();
        await page.Locator("#bars").ClickAsync();    // they may cover an edge
        await page.Locator("#mirror").SetCheckedAsync(isMirrored);
        Event[] faces = await Download(page);
        string colours = await page.EvaluateAsync<string>("(async () => JSON.stringify((await (await fetch('/api/model')).json()).emotions))()");
        Dictionary<string, string> colourOf = JsonSerializer.Deserialize<Colour[]>(colours, JsonSerializerOptions.Web)!.ToDictionary(one => one.Name, one => one.Color);

        Assert.Equal(3, faces.Length);
        foreach ((int width, int height) in new[] { (720, 400), (500, 600), (800, 300) })
        {
            await page.EvaluateAsync(
                "([width, height]) => Object.assign(document.getElementById('stage').style, { width: `${width}px`, height: `${height}px`, maxWidth: 'none', maxHeight: 'none', aspectRatio: 'auto' })",
                new[] { width, height });
            await Browser.UntilAsync(page, $"Math.abs(document.getElementById('image').clientHeight - {height}) < 5 && document.getElementById('image').height === document.getElementById('image').clientHeight");
            int[] canvas = await page.EvaluateAsync<int[]>("[document.getElementById('image').width, document.getElementById('image').height]");
            double scale = Math.Min(canvas[0] / 720.0, canvas[1] / 400.0);
            double left = (canvas[0] - (720 * scale)) / 2, top = (canvas[1] - (400 * scale)) / 2;
            foreach (Event face in faces)
            {
                double x = left + (scale * (isMirrored ? 720 - face.Box.X - face.Box.Width : face.Box.X)), y = top + (scale * face.Box.Y);
                double w = scale * face.Box.Width, h = scale * face.Box.Height;
                double[][] edges = [[x + (w / 2), y], [x + (w / 2), y + h], [x, y + (h / 2)], [x + w, y + (h / 2)]];

                string[] found = await page.EvaluateAsync<string[]>(
                    """
                    edges => edges.map(([x, y]) => {
                      const [r, g, b] = document.getElementById('image').getContext('2d').getImageData(Math.floor(x), Math.floor(y), 1, 1).data;
                      return '#' + [r, g, b].map(value => value.toString(16).padStart(2, '0')).join('');
                    })
                    """, edges);

                Assert.All(found, colour => Assert.Equal(colourOf[face.Shown], colour, ignoreCase: true));
            }
        }
    }

    [Fact]
    public async Task Blur_Demo_SearchesEveryFrame()
    {
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url, Browser.Quiet);
        await page.EvaluateAsync("() => { const post = Worker.prototype.postMessage; Worker.prototype.postMessage = function (message, transfer) { globalThis.every = message.moment.every; return post.call(this, message, transfer); }; }");
        await page.Locator("#demo").ClickAsync();
        await Browser.UntilAsync(page, "globalThis.every === null");

        await page.Locator("#blur").ClickAsync();
        await Browser.UntilAsync(page, "globalThis.every === 1");

        await page.Locator("#blur").ClickAsync();
        await Browser.UntilAsync(page, "globalThis.every === null");
    }

    [Fact]
    public async Task Blur_Faces_LeavesFewColours()
    {
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url, Browser.Quiet);
        using Frame frame = FakeCamera.Demo(FakeCamera.PlainFrame);
        await page.Locator("#file").SetInputFilesAsync(new FilePayload { Name = "faces.png", MimeType = "image/png", Buffer = frame.Mat.ImEncode(".png") });
        await page.Locator(".face").Nth(2).WaitForAsync();

        // Sharpness within the first face: the mean difference of neighbouring pixels.
        const string Edges = """
            (() => {
              const canvas = document.getElementById('image'), scale = Math.min(canvas.width / 720, canvas.height / 400);
              const left = (canvas.width - 720 * scale) / 2, top = (canvas.height - 400 * scale) / 2;
              const { data, width } = canvas.getContext('2d').getImageData(left + 70 * scale, top + 165 * scale, 100 * scale, 100 * scale);
              let sum = 0;
              for (let i = 4; i < data.length; i += 4) sum += i / 4 % width ? Math.abs(data[i] - data[i - 4]) : 0;
              return 1000 * sum / data.length;
            })()
            """;
        double clear = await page.EvaluateAsync<double>(Edges);
        await page.Locator("#blur").ClickAsync();

        Assert.InRange(await page.EvaluateAsync<double>(Edges), 0, 0.5 * clear);
    }

    [Fact]
    public async Task Drop_ImageThenScoredOnTheServer_HasTheSameAnswers()
    {
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url, Browser.Quiet);
        using Frame frame = FakeCamera.Demo(FakeCamera.PlainFrame);
        await page.EvaluateAsync(
            """
            image => {
              const dataTransfer = new DataTransfer();
              dataTransfer.items.add(new File([Uint8Array.from(atob(image), letter => letter.charCodeAt(0))], 'three.png', { type: 'image/png' }));
              document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
            }
            """,
            Convert.ToBase64String(frame.Mat.ImEncode(".png")));
        await page.Locator(".face").Nth(2).WaitForAsync();
        IReadOnlyList<string> local = await page.Locator(".answer").AllTextContentsAsync();

        await page.EvaluateAsync("document.getElementById('count').textContent = 'old'");
        await page.RunAndWaitForResponseAsync(
            async () => await page.Locator("#scoring").SelectOptionAsync("server"), response => response.Url.EndsWith("/api/faces", StringComparison.Ordinal));
        await Assertions.Expect(page.Locator("#count")).ToHaveTextAsync("3 events");

        Assert.StartsWith("Disgust", local[0], StringComparison.Ordinal);
        Assert.Equal(local, await page.Locator(".answer").AllTextContentsAsync());
    }

    // Semi-transparent faces and a transparent corner: in the browser as on the server, which decodes the file itself.
    [Fact]
    public async Task Image_TransparentInPlaces_IsSeenOnWhite()
    {
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url, Browser.Quiet);
        using Frame frame = FakeCamera.Demo(FakeCamera.PlainFrame);
        using var clear = new Mat();
        Cv2.CvtColor(frame.Mat, clear, ColorConversionCodes.BGR2BGRA);
        Cv2.Add(clear, new Scalar(0, 0, 0, -100), clear);
        clear[new Rect(0, 0, 40, 40)].SetTo(new Scalar(0, 0, 0, 0));
        await page.Locator("#file").SetInputFilesAsync(new FilePayload { Name = "clear.png", MimeType = "image/png", Buffer = clear.ImEncode(".png") });
        await page.Locator(".face").Nth(2).WaitForAsync();
        IReadOnlyList<string> local = await page.Locator(".answer").AllTextContentsAsync();
        int[] corner = await page.EvaluateAsync<int[]>("""
            (() => {
              const canvas = document.getElementById('image'), scale = Math.min(canvas.width / 720, canvas.height / 400);
              return [...canvas.getContext('2d').getImageData((canvas.width - 720 * scale) / 2 + 5, (canvas.height - 400 * scale) / 2 + 5, 1, 1).data];
            })()
            """);

        await page.EvaluateAsync("document.getElementById('count').textContent = 'old'");
        await page.Locator("#scoring").SelectOptionAsync("server");
        await Assertions.Expect(page.Locator("#count")).ToHaveTextAsync("3 events");

        Assert.Equal([255, 255, 255, 255], corner);
        Assert.Equal(local, await page.Locator(".answer").AllTextContentsAsync());
    }

    [Fact]
    public async Task File_ThatIsNoImage_SaysWhatToDo()
    {
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url, Browser.Quiet);

        await page.Locator("#file").SetInputFilesAsync(new FilePayload { Name = "notes.mp4", MimeType = "video/mp4", Buffer = "not a video"u8.ToArray() });

        await Assertions.Expect(page.Locator("#message")).ToHaveTextAsync("notes.mp4: no video or image that this browser can read; try MP4, WebM, JPEG or PNG.");
    }

    [Fact]
    public async Task Hidden_Demo_WaitsUntilItIsSeenAgain()
    {
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url);
        await page.Locator(".face").First.WaitForAsync();

        await Browser.HideAsync(page, true);
        await Assertions.Expect(page.Locator("#pause")).ToHaveTextAsync("Start");
        await Browser.HideAsync(page, false);

        await Assertions.Expect(page.Locator("#pause")).ToHaveTextAsync("Pause");
    }

    [Fact]
    public async Task Server_GoneAndBack_IsSaidAndGoesOn()
    {
        await using PageServer server = await PageServer.StartAsync();
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await browser.OpenAsync(server.Url);
        await page.Locator("#scoring").SelectOptionAsync("server");
        await page.Locator(".face").First.WaitForAsync();

        await server.StopAsync();
        await Assertions.Expect(page.Locator("#message")).ToHaveTextAsync("The server does not answer. Is it still running? Trying again…");
        int events = (await Download(page)).Length;
        await server.StartAgainAsync();
        await Assertions.Expect(page.Locator("#message")).ToBeHiddenAsync();

        await Browser.UntilAsync(page, $"{Count} > {events}");
    }

    [Fact]
    public async Task Cascade_OnTheServer_ScoresThereAndSaysWhy()
    {
        await using PageServer server = await PageServer.StartAsync("--face-detector", "haar");
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await browser.OpenAsync(server.Url);

        await page.Locator(".face").First.WaitForAsync();

        Assert.Equal(
            "Scored on the server: images are sent there, and not kept. Not in this browser: the server finds faces by a cascade; start it without '--face-detector' and '--face-model'",
            await page.Locator("#where span").TextContentAsync());
        Assert.Contains(server.Url.Replace("http", "ws", StringComparison.Ordinal) + "api/stream", browser.Requests);
        Assert.True(await page.EvaluateAsync<bool>("document.querySelector('#scoring option').disabled"));
    }

    [Fact]
    public async Task Token_InTheAddress_OpensThePageAndItsStream()
    {
        await using PageServer server = await PageServer.StartAsync("--token", "secret");
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await browser.OpenAsync(server.Url + "?token=secret", Browser.Quiet);
        await page.Locator("#scoring").SelectOptionAsync("server");

        await page.Locator("#demo").ClickAsync();
        await page.Locator(".face").First.WaitForAsync();

        Assert.Equal(server.Url, page.Url);
    }

    [Fact]
    public async Task Requests_WhileScoringInTheBrowser_StayWithTheServerAndCarryNoImage()
    {
        await using Browser browser = await fixture.OpenAsync();
        string url = (await fixture.ServerAsync()).Url;
        IPage page = await browser.OpenAsync(url);
        await Browser.UntilAsync(page, $"{Count} > 20");

        Assert.Contains(url + "models/emotion.onnx", browser.Requests);
        Assert.All(browser.Requests, request => Assert.StartsWith(url, request, StringComparison.Ordinal));
        Assert.DoesNotContain(browser.Requests, request => request.Contains("/api/", StringComparison.Ordinal) && !request.EndsWith("/api/model", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Model_OnTheNextVisit_ComesFromTheCache()
    {
        await using Browser browser = await fixture.OpenAsync();
        string url = (await fixture.ServerAsync()).Url;
        IPage page = await browser.OpenAsync(url, Browser.Quiet);
        browser.Requests.Clear();

        await page.ReloadAsync();
        await page.Locator("#where[data-state=ready]").WaitForAsync();

        Assert.Contains(url + "models/yunet.onnx", browser.Requests);
        Assert.DoesNotContain(url + "models/emotion.onnx", browser.Requests);
    }

    [Fact]
    [Trait("Speed", "slow")]
    public async Task Page_AnyWidthAndScheme_FitsAndIsAccessible()
    {
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url);
        await page.Locator(".face").Nth(2).WaitForAsync();
        await page.Locator("#pause").ClickAsync();
        foreach ((int width, ColorScheme scheme) in new[] { (360, ColorScheme.Light), (360, ColorScheme.Dark), (1280, ColorScheme.Light), (1280, ColorScheme.Dark) })
        {
            await page.SetViewportSizeAsync(width, 800);
            await page.EmulateMediaAsync(new() { ColorScheme = scheme });

            Assert.Equal(width, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
            await AssertAccessible(page);
            await page.Locator("#camera").ClickAsync();
            await page.Locator("#notice").WaitForAsync();
            await AssertAccessible(page);
            await page.Keyboard.PressAsync("Escape");
        }
    }

    [Fact]
    public async Task Keyboard_Tab_ReachesEveryControl()
    {
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url);
        await page.Locator(".face").Nth(2).WaitForAsync();
        var reached = new List<string>();
        for (int i = 0; i < 24; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            reached.Add(await page.EvaluateAsync<string>("document.activeElement.id"));
        }

        Assert.Equal(
            ["api", "licence", "stage", "moment", "camera", "open", "demo", "pause", "bars", "mirror", "blur", "keep-picture", "neutral", "scoring", "", "", "", "", "whole", "jsonl", "csv", "session", "snapshot", "clip"],
            reached);    // without an ID: the faces' three cards, and the JSON of the frame
    }

    private static async Task AssertAccessible(IPage page)
    {
        AxeResult result = await page.RunAxe();
        Assert.Empty(result.Violations.Select(violation => $"{violation.Impact}: {violation.Help}, {string.Join(" ", violation.Nodes.Select(node => node.Html))}"));
    }

    private static async Task<Event[]> Download(IPage page)
    {
        IDownload download = await page.RunAndWaitForDownloadAsync(() => page.Locator("#jsonl").ClickAsync());
        string[] lines = await File.ReadAllLinesAsync(await download.PathAsync());
        return [.. lines.Select(line => JsonSerializer.Deserialize<Event>(line, JsonSerializerOptions.Web)!)];
    }

    // The emotion that the Detector's run over the demo shows most often for each person and expression.
    private static async Task<(int Person, int Emotion, string Shown)[]> DetectorsAnswers()
    {
        (int exitCode, string output, string error) = await DetectorProcess.Run("--demo", "--headless", "--events", "-");
        Assert.True(exitCode == 0, error);
        Event[] events = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] == '{').Select(line => JsonSerializer.Deserialize<Event>(line, JsonSerializerOptions.Web)!)];
        return [.. events.Where(IsPlain).GroupBy(face => (face.Person, face.Expression))
            .Select(group => (group.Key.Person, group.Key.Expression, group.GroupBy(face => face.Shown).MaxBy(shown => shown.Count())!.Key))];
    }

    private static string? Expected(Event face, (int Person, int Emotion, string Shown)[] answers) => !IsPlain(face)
        ? null
        : answers.Where(answer => (answer.Person, answer.Emotion) == (face.Person, face.Expression)).Select(answer => answer.Shown).SingleOrDefault();

    private static bool IsPlain(Event face) => face.Moment % FramesPerEmotion >= PlainFrom;

    // Scores differ in their last digits.
    private static string Rounded(string line) => string.Join(',', line.Split(',').Select(field =>
        double.TryParse(field, out double number) ? $"{Math.Round(number, 2)}" : field));

    private sealed record Event(string Source, int Frame, double TimestampMs, int TrackId, Box Box, string Emotion, string Shown)
    {
        // The person by the face's position: 0 to 2.
        public int Person => Box.X / 240;

        // The demo's schedule: each person starts with a different emotion.
        public int Moment => (int)Math.Round(TimestampMs / 40) + (Person * ((2 * FramesPerEmotion) + (FramesPerEmotion / 3)));
        public int Expression => Moment / FramesPerEmotion % Emotions.Count;
    }

    private sealed record Box(int X, int Y, int Width, int Height);

    private sealed record Colour(string Name, string Color);
}
