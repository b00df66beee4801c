using Microsoft.Playwright;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Tests.Detector.Sources;
using MlNetEmotion.Tests.Trainer.Data;
using OpenCvSharp;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Page;

/// <summary>The page's states: each end has its words and the action that helps, and nothing of an earlier state stays.</summary>
[Collection(nameof(PageFixture))]
public sealed class StateTests(PageFixture fixture)
{
    // [kind, has image, camera is live, has rate, can pause, can seek, words, actions] after each sequence of events.
    private const string Views = """
        async events => {
          const { reduce, view } = await import('/state.js');
          const { kind, hasImage, isLive, hasRate, canPause, canSeek, words, actions } = view(events.reduce((state, event) => reduce(state, JSON.parse(event)), reduce()));
          return [kind, hasImage, isLive, hasRate, canPause, canSeek, words, actions.join(' ')].join('|');
        }
        """;

    private const string OpenCamera = """{"type":"open","name":"camera","isCamera":true}""";
    private const string OpenClip = """{"type":"open","name":"clip.mp4"}""";
    private const string Running = """{"type":"frame","status":"running","hasFaces":true,"hasImage":true}""";
    private const string Still = """{"type":"frame","status":"ended","isStill":true,"hasFaces":true,"hasImage":true}""";
    private const string Offline = """{"type":"offline","words":"no answer","actions":["scoreLocal"]}""";
    private const string Stop = """{"type":"stop","words":"gone"}""";
    private const string Fail = """{"type":"fail","words":"bad","actions":["file"]}""";

    [Theory]
    [InlineData("idle|false|false|false|false|false||")]
    [InlineData("loading|false|false|false|false|false||", OpenClip)]
    [InlineData("running|true|false|true|true|true||", OpenClip, Running)]
    [InlineData("running|true|true|true|true|true||", OpenCamera, Running)]
    [InlineData("loading|false|false|false|false|false||", OpenClip, Running, OpenClip)]
    [InlineData("paused|true|false|false|true|true||", OpenClip, Running, """{"type":"toggle","status":"paused"}""")]
    [InlineData("ended|true|false|false|true|true|short|upload file", OpenClip, Running, """{"type":"toggle","status":"ended","endWords":"short"}""")]
    [InlineData("ended|true|false|false|false|false||", OpenClip, Still)]
    [InlineData("offline|true|false|false|false|true|no answer|scoreLocal", OpenClip, Running, Offline)]
    [InlineData("running|true|false|true|true|true||", OpenClip, Running, Offline, Running)]
    [InlineData("cameraOff|false|false|false|false|false|gone|camera file demo", OpenCamera, Running, Stop)]
    [InlineData("cameraOff|false|false|false|false|false|gone|camera file demo", OpenCamera, Running, Stop, Running, Offline)]    // late answers
    [InlineData("failed|false|false|false|false|false|bad|file", OpenClip, Running, Fail)]
    [InlineData("failed|false|false|false|false|false|bad|file", OpenClip, Fail, Running, """{"type":"toggle","status":"running"}""", Offline)]
    [InlineData("loading|true|false|false|false|true||", OpenClip, Running, """{"type":"wait","lead":"Changing"}""")]
    [InlineData("idle|false|false|false|false|false||", OpenClip, """{"type":"cancel"}""")]
    public async Task View_AfterEvents_IsThatOfItsStateAlone(string expected, params string[] events)
    {
        IPage page = await fixture.QuietPageAsync();

        Assert.Equal(expected, await page.EvaluateAsync<string>(Views, events));
    }

    [Fact]
    public async Task Video_OfHevc_IsReadByTheServer()
    {
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await OpenQuiet(browser);
        using var folder = new TemporaryFolder();
        await Choose(page, Hevc(folder));

        await Assertions.Expect(page.Locator("#message")).ToContainTextAsync("hevc.mp4: ");
        Assert.Equal(["Let the server read it", "Choose another file", "Watch the demo"], await page.Locator("#actions button").AllTextContentsAsync());
        await page.Locator("[data-action=upload]").ClickAsync();
        await Assertions.Expect(page.Locator("#lead")).ToHaveTextAsync("The server read hevc.mp4");

        Assert.Equal("Every frame was scored by the server, 25 in all.", await page.Locator("#coverage").TextContentAsync());
        Assert.Equal(3, await page.Locator(".face").CountAsync());
        await page.Locator("#stage").PressAsync("ArrowRight");
        await Assertions.Expect(page.Locator("#moment")).ToHaveValueAsync("40");
    }

    [Fact]
    public async Task Video_CutInTheMiddle_EndsWithWords()
    {
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await OpenQuiet(browser);
        using var folder = new TemporaryFolder();
        Assert.SkipUnless(await CanPlay(page), "this Chromium plays no MP4");
        string path = VideoFile.Encode(Path.Combine(folder.Root, "whole.mp4"), $"-i {Clip} -t 4 -c:v libx264 -preset ultrafast -movflags +faststart");
        byte[] whole = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);

        await page.Locator("#file").SetInputFilesAsync(new FilePayload { Name = "cut.mp4", MimeType = "video/mp4", Buffer = whole[..(whole.Length / 2)] });

        // Chromium reports the end, or a decoding error, depending on the last frame.
        await Assertions.Expect(page.Locator("#message")).ToContainTextAsync(" of 0:04: the file is ");
        Assert.Matches(@"^(The images of cut\.mp4 end|cut\.mp4 breaks off) at 0:0\d of 0:04: the file is (damaged or )?incomplete", await page.Locator("#message").TextContentAsync());
        Assert.Equal("–", await page.Locator("#rate").TextContentAsync());
        Assert.True(await page.Locator("#image").IsVisibleAsync() && await page.Locator("#jsonl").IsEnabledAsync());
        await page.Locator("[data-action=upload]").ClickAsync();
        await Assertions.Expect(page.Locator("#coverage")).ToContainTextAsync("Every frame was scored by the server");
        Assert.Contains("the file is damaged or incomplete", await page.Locator("#coverage").TextContentAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Image_Opened_SaysWhatItWaitsFor()
    {
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await OpenQuiet(browser);
        await page.EvaluateAsync("() => { globalThis.leads = []; new MutationObserver(() => leads.push(document.getElementById('lead').textContent)).observe(document.getElementById('lead'), { childList: true }); }");

        await ChooseFaces(page);

        Assert.Equal(["Opening three.png", "Looking for faces in three.png", ""], await page.EvaluateAsync<string[]>("leads"));
        await Assertions.Expect(page.Locator("#announcer")).ToHaveTextAsync("3 faces: Disgust, Happy, Surprise.");
    }

    [Fact]
    public async Task Image_WithoutAFace_SaysSoInSightAndToScreenReaders()
    {
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await OpenQuiet(browser);
        await ChooseFaces(page);

        using var gray = new Mat(400, 640, MatType.CV_8UC3, new Scalar(128, 128, 128));
        await page.Locator("#file").SetInputFilesAsync(new FilePayload { Name = "gray.png", MimeType = "image/png", Buffer = gray.ImEncode(".png") });

        await Assertions.Expect(page.Locator("#lead")).ToHaveTextAsync("No face found");
        Assert.True(await page.Locator("#lead").IsVisibleAsync());
        await Assertions.Expect(page.Locator("#announcer")).ToHaveTextAsync("No face.");
        Assert.Equal(0, await page.Locator(".face").CountAsync());
        await page.Locator("[data-action=demo]").PressAsync("Enter");
        await page.Locator(".face").First.WaitForAsync();
    }

    [Fact]
    public async Task File_ThatFails_LeavesNothingOfThePreviousOne()
    {
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await OpenQuiet(browser);
        await ChooseFaces(page);
        Assert.Equal("3 events", await page.Locator("#count").TextContentAsync());

        await page.Locator("#file").SetInputFilesAsync(new FilePayload { Name = "notes.mp4", MimeType = "video/mp4", Buffer = "not a video"u8.ToArray() });

        await Assertions.Expect(page.Locator("#stage")).ToHaveAttributeAsync("data-state", "failed");
        Assert.Equal("No events yet", await page.Locator("#count").TextContentAsync());
        Assert.True(await page.Locator("#jsonl").IsDisabledAsync() && await page.Locator("#csv").IsDisabledAsync() && await page.Locator("#snapshot").IsDisabledAsync());
        Assert.Equal(0, await page.Locator(".face").CountAsync());
        Assert.False(await page.Locator("#scrubber").IsVisibleAsync());
        Assert.False(await page.Locator("#image").IsVisibleAsync());
    }

    [Fact]
    public async Task Files_TwoAtOnce_TheLastIsShown()
    {
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await OpenQuiet(browser);
        using Frame frame = FakeCamera.Demo(FakeCamera.PlainFrame);

        await page.EvaluateAsync(
            """
            image => {
              const bytes = Uint8Array.from(atob(image), letter => letter.charCodeAt(0));
              for (const name of ['first.png', 'second.png']) {
                const dataTransfer = new DataTransfer();
                dataTransfer.items.add(new File([bytes], name, { type: 'image/png' }));
                document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
              }
            }
            """,
            Convert.ToBase64String(frame.Mat.ImEncode(".png")));
        await page.Locator(".face").Nth(2).WaitForAsync();
        IDownload download = await page.RunAndWaitForDownloadAsync(() => page.Locator("#csv").ClickAsync());

        Assert.Equal("second.csv", download.SuggestedFilename);
    }

    [Fact]
    public async Task Camera_Stopped_ShowsNothingOfItButKeepsItsEvents()
    {
        using FakeCamera camera = FakeCamera.Still(FakeCamera.PlainFrame);
        await using Browser browser = await fixture.OpenAsync(camera.Arguments);
        IPage page = await OpenQuiet(browser);
        await StartCamera(page);
        await page.Locator(".face").Nth(2).WaitForAsync();

        await page.Locator("#stop").ClickAsync();

        await Assertions.Expect(page.Locator("#lead")).ToHaveTextAsync("The camera is off");
        Assert.False(await page.Locator("#image").IsVisibleAsync());
        Assert.Equal(("–", "–"), (await page.Locator("#rate").TextContentAsync(), await page.Locator("#latency").TextContentAsync()));
        Assert.All(await page.Locator(".face b").AllTextContentsAsync(), text => Assert.Equal("Not in the image", text));
        Assert.True(await page.Locator("#jsonl").IsEnabledAsync());
        await page.Locator("[data-action=camera]").ClickAsync();
        await page.Locator("#live").WaitForAsync();
    }

    [Fact]
    public async Task Camera_Refused_LeavesNoDeadControlsAndOffersTheDemo()
    {
        await using Browser browser = await fixture.OpenAsync("--use-fake-device-for-media-stream", "--deny-permission-prompts");
        IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url);
        await page.Locator(".face").First.WaitForAsync();

        await page.Locator("#camera").ClickAsync();
        await page.Locator("#notice button[value=start]").ClickAsync();
        await Assertions.Expect(page.Locator("#message")).ToContainTextAsync("The browser was told not to use the camera.");

        Assert.False(await page.Locator("#scrubber").IsVisibleAsync());
        Assert.True(await page.Locator("#pause").IsDisabledAsync());
        Assert.Equal("No events yet", await page.Locator("#count").TextContentAsync());
        await page.Locator("[data-action=demo]").ClickAsync();
        await page.Locator(".face").First.WaitForAsync();
        Assert.Equal("true", await page.Locator("#demo").GetAttributeAsync("aria-pressed"));
    }

    [Fact]
    public async Task Demo_Paused_ListAndImageAgree()
    {
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url);
        await page.Locator(".face").Nth(2).WaitForAsync();

        await page.Locator("#pause").ClickAsync();
        await page.WaitForTimeoutAsync(1500); // the frame in progress
        await page.Locator("#json summary").ClickAsync();

        await Browser.UntilAsync(page, """
            (() => {
              const shown = JSON.parse(document.getElementById('json-text').textContent || '[]').map(face => face.shown).join();
              return [...document.querySelectorAll('.face b')].map(name => name.textContent).join() === shown;
            })()
            """);
    }

    [Fact]
    public async Task Server_Gone_IsSeenAtTheDot()
    {
        await using Browser browser = await fixture.OpenAsync();
        await using PageServer server = await PageServer.StartAsync();
        IPage page = await browser.OpenAsync(server.Url);
        await page.Locator("#scoring").SelectOptionAsync("server");
        await page.Locator(".face").First.WaitForAsync();

        await server.StopAsync();

        await Assertions.Expect(page.Locator("#where")).ToHaveAttributeAsync("data-connection", "lost");
        Assert.Equal("–", await page.Locator("#rate").TextContentAsync());
        await server.StartAgainAsync();
        await Assertions.Expect(page.Locator("#where")).ToHaveAttributeAsync("data-connection", "");
    }

    // A socket that never opens, until the source is replaced: nothing is reported afterwards.
    [Fact]
    public async Task Retry_OfAnAbandonedSource_IsSilent()
    {
        IPage page = await fixture.QuietPageAsync();

        string reports = await page.EvaluateAsync<string>("""
            async () => {
              const { ServerScorer } = await import('/server-scorer.js');
              const WebSocketOfBrowser = WebSocket;
              globalThis.WebSocket = class { static OPEN = 1; constructor() { setTimeout(() => this.onclose({}), 10); } };
              const reports = [], stop = new AbortController();
              const bitmap = await createImageBitmap(new ImageData(8, 8));
              const end = new ServerScorer().score({ bitmap }, { signal: stop.signal, onProblem: words => { reports.push(words); setTimeout(() => stop.abort(), 50); } })
                .catch(error => error.message);
              reports.push(await end);
              globalThis.WebSocket = WebSocketOfBrowser;
              return reports.join('|');
            }
            """);

        Assert.Equal("The server does not answer. Is it still running? Trying again…|stopped", reports);
    }

    [Fact]
    public async Task Server_GoneWhenThePageOpens_SaysSoAndLoadsAgain()
    {
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await OpenQuiet(browser);
        await page.RouteAsync("**/api/model", route => route.AbortAsync("connectionrefused"));

        await page.ReloadAsync();
        await Assertions.Expect(page.Locator("#message")).ToHaveTextAsync("The server does not answer. Is it still running?");
        await page.UnrouteAsync("**/api/model");
        await page.Locator("[data-action=reload]").ClickAsync();

        await page.Locator("#where[data-state=ready]").WaitForAsync();
    }

    [Fact]
    public async Task Demo_EveryFrame_IsScoredByTheServerAndPlayed()
    {
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await OpenQuiet(browser);
        await page.Locator("#demo").ClickAsync();
        await page.Locator(".face").Nth(2).WaitForAsync();
        Assert.Contains("frames are scored as they play", await page.Locator("#coverage").TextContentAsync(), StringComparison.Ordinal);

        await page.Locator("#whole").ClickAsync();

        await Assertions.Expect(page.Locator("#coverage")).ToHaveTextAsync("Every frame was scored by the server, 210 in all.");
        await Assertions.Expect(page.Locator("#count")).ToHaveTextAsync("630 events");
        await page.Locator(".face").Nth(2).WaitForAsync();
        Assert.True(await page.Locator("#image").IsVisibleAsync());
    }

    private static string Clip => Path.Combine(AppContext.BaseDirectory, "wwwroot/demo.webm");

    private async Task<IPage> OpenQuiet(Browser browser) => await browser.OpenAsync((await fixture.ServerAsync()).Url, Browser.Quiet);

    private static async Task<bool> CanPlay(IPage page) =>
        await page.EvaluateAsync<string>("document.createElement('video').canPlayType('video/mp4; codecs=\"avc1.42E01E\"')") != "";

    // With sound, so that the browser plays it without an image.
    private static string Hevc(TemporaryFolder folder)
    {
        Assert.SkipUnless(FfmpegEncoder.Has("libx265"), "needs an ffmpeg with libx265 on the PATH");
        return VideoFile.Encode(
            Path.Combine(folder.Root, "hevc.mp4"),
            $"-i {Clip} -f lavfi -i anullsrc -map 0:v -map 1:a -t 1 -c:v libx265 -preset ultrafast -x265-params log-level=none -tag:v hvc1 -c:a aac");
    }

    private static async Task Choose(IPage page, string path) => await page.Locator("#file").SetInputFilesAsync(path);

    private static async Task ChooseFaces(IPage page)
    {
        using Frame frame = FakeCamera.Demo(FakeCamera.PlainFrame);
        await page.Locator("#file").SetInputFilesAsync(new FilePayload { Name = "three.png", MimeType = "image/png", Buffer = frame.Mat.ImEncode(".png") });
        await page.Locator(".face").Nth(2).WaitForAsync();
    }

    private static async Task StartCamera(IPage page)
    {
        await page.Locator("#camera").ClickAsync();
        await page.Locator("#notice button[value=start]").ClickAsync();
        await page.Locator("#live").WaitForAsync();
    }
}
