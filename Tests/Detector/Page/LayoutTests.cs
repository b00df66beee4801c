using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Tests.Detector.Serving;
using OpenCvSharp;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Page;

/// <summary>Where the page puts things, and how keyboard, touch, screen readers and high contrast reach them.</summary>
[Collection(nameof(PageFixture))]
public sealed class LayoutTests(PageFixture fixture)
{
    // Two faces of 100×100 with labels of 80×20 in an area of 400×300.
    [Theory]
    [InlineData("""[{"x":50,"y":100,"width":100,"height":100}]""", "49,76")]                                                                       // above
    [InlineData("""[{"x":50,"y":0,"width":100,"height":100}]""", "49,104")]                                                                        // below
    [InlineData("""[{"x":350,"y":100,"width":100,"height":100}]""", "320,76")]                                                                     // within the area
    [InlineData("""[{"x":50,"y":100,"width":100,"height":100},{"x":50,"y":0,"width":100,"height":99}]""", "49,204 49,0")]                          // not over the face above
    [InlineData("""[{"x":50,"y":100,"width":100,"height":100},{"x":100,"y":100,"width":100,"height":100}]""", "49,76 99,204")]                     // not over another label
    public async Task PlaceLabels_OfFaces_CoverNeitherFacesNorLabels(string faces, string expected)
    {
        IPage page = await fixture.QuietPageAsync();

        string found = await page.EvaluateAsync<string>("""
            async faces => {
              const { placeLabels } = await import('/placement.js');
              const boxes = JSON.parse(faces);
              return placeLabels(boxes, boxes.map(() => ({ width: 80, height: 20 })), { width: 400, height: 300 }).map(({ x, y }) => `${x},${y}`).join(' ');
            }
            """, faces);

        Assert.Equal(expected, found);
    }

    [Theory]
    [InlineData("""[]""", "158,100,0")]                                              // right of the face
    [InlineData("""[{"x":150,"y":0,"width":250,"height":300}]""", "52,200,0")]       // below; on the left it would cover the face
    [InlineData("""[{"x":0,"y":0,"width":400,"height":300}]""", "158,100,9600")]     // nowhere without covering something: 96 by 100 pixels
    public async Task PlacePanel_BesideAFace_SaysWhatItCovers(string others, string expected)
    {
        IPage page = await fixture.QuietPageAsync();

        string found = await page.EvaluateAsync<string>("""
            async others => {
              const { placePanel } = await import('/placement.js');
              const face = { x: 50, y: 100, width: 100, height: 100 };
              const { x, y, covers } = placePanel(face, { width: 96, height: 100 }, [face, ...JSON.parse(others)], { width: 400, height: 300 });
              return [x, y, covers].join();
            }
            """, others);

        Assert.Equal(expected, found);
    }

    [Theory]
    [InlineData(1440, 900, 610)]
    [InlineData(1024, 768, 478)]
    [InlineData(390, 844, 281)]
    [InlineData(844, 390, 240)]
    public async Task Stage_OfAnySource_HasTheSameHeight(int width, int height, int expected)
    {
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url, Browser.Quiet);
        await page.SetViewportSizeAsync(width, height);
        double empty = await Height(page);
        await Show(page, 400, 640);
        double upright = await Height(page);
        await Show(page, 900, 300);

        Assert.Equal((expected, expected, expected), ((int)Math.Round(empty), (int)Math.Round(upright), (int)Math.Round(await Height(page))));
        Assert.Equal(width, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
    }

    [Fact]
    public async Task Controls_OnAPhone_AreTwoRows()
    {
        using FakeCamera camera = FakeCamera.Still(FakeCamera.PlainFrame);
        await using Browser browser = await fixture.OpenAsync(camera.Arguments);
        IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url, Browser.Quiet);
        await page.SetViewportSizeAsync(390, 844);
        await page.Locator("#camera").ClickAsync();
        await page.Locator("#notice button[value=start]").ClickAsync();
        await page.Locator("#live").WaitForAsync();

        int rows = await page.EvaluateAsync<int>("new Set([...document.querySelectorAll('.controls button')].filter(button => button.offsetParent).map(button => button.getBoundingClientRect().top)).size");

        Assert.Equal(2, rows);
        Assert.False(await page.Locator("#blur").IsVisibleAsync());
        await page.Locator("#more").ClickAsync();
        Assert.True(await page.Locator("#blur").IsVisibleAsync());
    }

    [Fact]
    public async Task Keys_OnImageAndSlider_MoveByAFrameAndBySeconds()
    {
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url, Browser.Quiet);
        await page.Locator("#demo").ClickAsync();
        await page.Locator(".face").Nth(2).WaitForAsync();

        // The page learns a frame's duration from frames that are shown one after the other, which a busy machine seldom does.
        await Browser.UntilAsync(page, "Number(document.getElementById('moment').value) > 5000");
        await page.Locator("#pause").ClickAsync();
        await page.WaitForTimeoutAsync(1500); // the frame in progress
        await page.EvaluateAsync("() => { const moment = document.getElementById('moment'); moment.value = 3000; moment.oninput({ target: moment }); }");
        await Moment(page, 3000);

        await page.Locator("#stage").PressAsync("ArrowRight");
        await Moment(page, 3040);
        await page.Locator("#moment").PressAsync("ArrowLeft");
        await Moment(page, 3000);
        await page.Locator("#moment").PressAsync("ArrowLeft");
        await Moment(page, 2960);
        await page.Locator("#stage").PressAsync("Shift+ArrowRight");
        await Moment(page, 3960);
        await page.Locator("#stage").PressAsync("Shift+ArrowLeft");
        await Moment(page, 2960);

        Assert.StartsWith("0:02: 3 faces: ", await page.Locator("#moment").GetAttributeAsync("aria-valuetext"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Digit_OfAFace_OpensItsSevenNumbers()
    {
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url, Browser.Quiet);
        await ShowFaces(page);

        await page.Locator("#stage").PressAsync("2");

        ILocator card = page.Locator(".face").Nth(1);
        Assert.Equal(["Angry", "Disgust", "Fear", "Happy", "Sad", "Surprise", "Neutral"], await card.Locator("th").AllTextContentsAsync());
        double sum = (await card.Locator(".number").AllTextContentsAsync()).Sum(text => double.Parse(text.TrimEnd('%', ' '), System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(100, sum, 0.35);    // seven numbers rounded to a tenth
        Assert.Equal(("true", "true"), (await card.Locator(".answer").GetAttributeAsync("aria-expanded"), (await card.GetAttributeAsync("class"))!.Contains("lit", StringComparison.Ordinal) ? "true" : ""));
        await page.Keyboard.PressAsync("Enter");
        Assert.False(await card.Locator("table").IsVisibleAsync());
    }

    // As a screen reader reads a card.
    [Fact]
    public async Task Card_Opened_IsATableForScreenReaders()
    {
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url, Browser.Quiet);
        await ShowFaces(page);

        await page.Locator(".answer").First.ClickAsync();

        await Assertions.Expect(page.Locator("#faces")).ToMatchAriaSnapshotAsync("""
            - list:
              - listitem:
                - button /Disgust \d+ % Face 1/ [expanded]
                - table "Probabilities":
                  - caption: Probabilities
                  - rowgroup:
                    - row /Angry \d+\.\d %/
                    - row /Disgust \d+\.\d %/
                    - row /Fear \d+\.\d %/
                    - row /Happy \d+\.\d %/
                    - row /Sad \d+\.\d %/
                    - row /Surprise \d+\.\d %/
                    - row /Neutral \d+\.\d %/
              - listitem:
                - button /Happy \d+ % Face 2/
              - listitem:
                - button /Surprise \d+ % Face 3/
            """);
    }

    // Chromium's fake cameras face nowhere; so the page is led to believe that they face what it asks for.
    [Fact]
    public async Task Flip_OfAPhonesCamera_ShowsTheOtherOneUnmirrored()
    {
        await using Browser browser = await fixture.OpenAsync("--use-fake-device-for-media-stream=device-count=2", "--use-fake-ui-for-media-stream");
        IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url, Browser.Quiet);
        await page.EvaluateAsync("""
            () => {
              const { mediaDevices } = navigator;
              const open = mediaDevices.getUserMedia.bind(mediaDevices);
              mediaDevices.getUserMedia = async wanted => {
                const stream = await open(wanted);
                const [track] = stream.getVideoTracks();
                const settings = track.getSettings();
                track.getSettings = () => ({ ...settings, facingMode: wanted.video.facingMode });
                return stream;
              };
            }
            """);
        await page.Locator("#camera").ClickAsync();
        await page.Locator("#notice button[value=start]").ClickAsync();
        await page.Locator("#live").WaitForAsync();
        Assert.True(await page.Locator("#mirror").IsCheckedAsync());

        await page.Locator("#flip").ClickAsync();
        await Assertions.Expect(page.Locator("#mirror")).Not.ToBeCheckedAsync();
        await page.Locator("#live").WaitForAsync();
        await page.Locator("#flip").ClickAsync();

        await Assertions.Expect(page.Locator("#mirror")).ToBeCheckedAsync();
    }

    [Fact]
    public async Task Pointer_OnCardOrFace_LightsBoth()
    {
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url, Browser.Quiet);
        await ShowFaces(page);
        const string Pixels = "(() => { const c = document.getElementById('image'), d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; return d.reduce((sum, v) => (sum * 31 + v) % 1000003, 7); })()";
        int plain = await page.EvaluateAsync<int>(Pixels);

        await page.Locator(".face").Nth(2).HoverAsync();
        int lit = await page.EvaluateAsync<int>(Pixels);
        LocatorBoundingBoxResult image = (await page.Locator("#image").BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(image.X + (image.Width / 6), image.Y + (image.Height / 2)); // the face on the left

        Assert.NotEqual(plain, lit);
        Assert.Contains("lit", await page.Locator(".face").First.GetAttributeAsync("class"), StringComparison.Ordinal);
        await page.Mouse.MoveAsync(1, 1);
        Assert.Equal(plain, await page.EvaluateAsync<int>(Pixels));
    }

    [Fact]
    public async Task Strip_UnderAFinger_LetsThePageScroll()
    {
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url);
        ILocator strip = page.Locator(".face canvas").First;
        await strip.WaitForAsync();
        await page.WaitForTimeoutAsync(1000);
        await page.Locator("#pause").ClickAsync();

        Assert.Equal("pan-y", await strip.EvaluateAsync<string>("strip => getComputedStyle(strip).touchAction"));
        Assert.Equal("rgb(22, 24, 28)", await strip.EvaluateAsync<string>("strip => getComputedStyle(strip).backgroundColor"));
        Assert.Equal(["0.0 s", "2.1 s", "4.2 s", "6.3 s", "8.4 s"], await page.Locator("#axis span").AllTextContentsAsync());
        float width = (await strip.BoundingBoxAsync())!.Width;
        await strip.HoverAsync(new() { Position = new() { X = 0.22f * width, Y = 20 } });    // 1.8 s; the demo starts at 1.5 s
        await page.Locator(".readout").First.WaitForAsync();
        Assert.Matches(@"^0:0[12]\.\d  (Uncertain, )?[A-Z][a-z]+ \d+ %$", await page.Locator(".readout").First.TextContentAsync());
    }

    [Fact]
    public async Task ForcedColors_SwitchesAndSources_ShowTheirState()
    {
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url, Browser.Quiet);
        await ShowFaces(page);
        await page.EmulateMediaAsync(new() { ForcedColors = ForcedColors.Active });

        const string Background = "element => getComputedStyle(element).backgroundColor";
        Assert.NotEqual(await page.Locator("#blur").EvaluateAsync<string>(Background), await page.Locator("#bars").EvaluateAsync<string>(Background));
        Assert.Equal("rgb(215, 89, 84)", await page.Locator(".legend i").First.EvaluateAsync<string>(Background));
        Assert.Empty((await page.RunAxe()).Violations.Select(violation => violation.Help));
        foreach (ILocator answer in await page.Locator(".answer").AllAsync())
        {
            await answer.ClickAsync();
        }

        await page.Locator("#json summary").ClickAsync();
        await page.EmulateMediaAsync(new() { ForcedColors = ForcedColors.None });
        Assert.Empty((await page.RunAxe()).Violations.Select(violation => violation.Help));
    }

    [Fact]
    public async Task Downloads_ImageAndClip_AreAnnotated()
    {
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url, Browser.Quiet);
        await ShowFaces(page);
        IDownload image = await page.RunAndWaitForDownloadAsync(() => page.Locator("#snapshot").ClickAsync());
        using Mat saved = Cv2.ImRead(await image.PathAsync());
        await page.Locator("#demo").ClickAsync();
        await page.Locator("#stage[data-state=running]").WaitForAsync();

        await page.Locator("#clip").ClickAsync();
        await Assertions.Expect(page.Locator("#clip")).ToHaveTextAsync("Stop and save");
        for (int frame = 0; frame < 3; frame++)
        {
            string moment = await page.Locator("#moment").InputValueAsync();
            await Browser.UntilAsync(page, $"document.getElementById('moment').value !== '{moment}'");
        }

        IDownload clip = await page.RunAndWaitForDownloadAsync(() => page.Locator("#clip").ClickAsync());

        Assert.Equal(("three.png", 720, 400, "demo.webm"), (image.SuggestedFilename, saved.Width, saved.Height, clip.SuggestedFilename));
        using Frame plain = FakeCamera.Demo(FakeCamera.PlainFrame);
        Assert.NotEqual(0, Cv2.Norm(saved, plain.Mat));
        using var video = new VideoCapture(await clip.PathAsync());
        using var first = new Mat();
        Assert.True(video.Read(first));

        // A browser's recording does not state its length; the page finds it.
        await page.Locator("#file").SetInputFilesAsync(await clip.PathAsync());
        await page.Locator("#stage[data-state=ended]").WaitForAsync();
        Assert.True(await page.Locator("#scrubber").IsVisibleAsync());
    }

    [Fact]
    public async Task Count_OfOneFace_IsInTheSingular()
    {
        await using Browser browser = await fixture.OpenAsync();
        IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url, Browser.Quiet);
        using Frame frame = FakeCamera.Demo(FakeCamera.PlainFrame);
        using Mat first = frame.Mat[new Rect(0, 0, 240, 400)].Clone();

        await page.Locator("#file").SetInputFilesAsync(new FilePayload { Name = "one.png", MimeType = "image/png", Buffer = first.ImEncode(".png") });

        await Assertions.Expect(page.Locator("#count")).ToHaveTextAsync("1 event");
    }

    // DemoSource's schedule: 30 frames of 40 ms for each emotion, of which the first 8 are a change; the second person is 70 frames ahead.
    [Theory]
    [InlineData(60, 0, "Neutral")]
    [InlineData(60, 200, "Angry")]
    [InlineData(60, 1500, "Disgust")]
    [InlineData(300, 0, "Fear")]
    [InlineData(300, 1500, "Happy")]
    [InlineData(540, 1500, "Surprise")]
    [InlineData(540, 8360, "Sad")]
    public async Task ActOf_ADrawnFace_IsItsSchedule(int x, int timeMs, string expected)
    {
        IPage page = await fixture.QuietPageAsync();

        string act = await page.EvaluateAsync<string>("""
            async ([x, timeMs]) => {
              const { actOf } = await import('/demo.js');
              const emotions = ['Angry', 'Disgust', 'Fear', 'Happy', 'Sad', 'Surprise', 'Neutral'].map(name => ({ name }));
              return actOf({ box: { x, width: 100 } }, timeMs, emotions);
            }
            """, new[] { x, timeMs });

        Assert.Equal(expected, act);
    }

    [Fact]
    public async Task Page_UnderAPathOfNginx_ScoresInTheBrowserAndOnTheServer()
    {
        using ServerProcess server = await ServerProcess.Start(settings: ["Proxies=127.0.0.1"]);
        using NginxProcess nginx = await NginxProcess.Start(server.Address);
        await using Browser browser = await fixture.OpenAsync();
        string url = $"http://{nginx.Authority}/emotions/";
        IPage page = await browser.OpenAsync(url, Browser.Quiet);
        Assert.Contains("in this browser", await page.Locator("#where").TextContentAsync(), StringComparison.Ordinal);
        await ShowFaces(page);

        await page.Locator("#scoring").SelectOptionAsync("server");
        await page.Locator("#demo").ClickAsync();
        await page.Locator("#stage[data-state=running]").WaitForAsync();
        await page.Locator("#whole").ClickAsync();
        await Assertions.Expect(page.Locator("#coverage")).ToContainTextAsync("Every frame was scored by the server");

        Assert.All(browser.Requests.Where(request => !request.StartsWith("blob:", StringComparison.Ordinal)), request => Assert.StartsWith(url, request.Replace("ws:", "http:", StringComparison.Ordinal), StringComparison.Ordinal));
        await page.Locator("#api").ClickAsync();
        await page.GetByText("Back to the page").ClickAsync();
        await page.Locator("#stage").WaitForAsync();
        Assert.Equal(url, page.Url);
    }

    // Chromium refuses the WebSocket without a reason; the page asks for it.
    [Fact]
    public async Task Page_BehindAProxyThatTheServerDoesNotKnow_SaysTheServersOwnWords()
    {
        IPage page = await fixture.QuietPageAsync();

        string words = await page.EvaluateAsync<string>("""
            async () => {
              const { ServerScorer } = await import('/server-scorer.js');
              const [WebSocketOfBrowser, fetchOfBrowser] = [WebSocket, fetch];
              globalThis.WebSocket = class { static OPEN = 1; constructor() { setTimeout(() => this.onclose({}), 10); } };
              globalThis.fetch = async () => new Response(JSON.stringify({ detail: 'this request comes from the page of another site' }), { status: 403 });
              const bitmap = await createImageBitmap(new ImageData(8, 8));
              const end = await new ServerScorer().score({ bitmap }, { signal: new AbortController().signal, onProblem: () => {} }).catch(error => error.message);
              [globalThis.WebSocket, globalThis.fetch] = [WebSocketOfBrowser, fetchOfBrowser];
              return end;
            }
            """);

        Assert.Equal("The server refuses: this request comes from the page of another site.", words);
    }

    private static async Task<double> Height(IPage page) => (await page.Locator("#stage").BoundingBoxAsync())!.Height;

    private static async Task Moment(IPage page, int expected) => await Browser.UntilAsync(page, $"Math.abs(Number(document.getElementById('moment').value) - {expected}) <= 1");

    private static async Task Show(IPage page, int width, int height)
    {
        using var gray = new Mat(height, width, MatType.CV_8UC3, new Scalar(128, 128, 128));
        await page.Locator("#file").SetInputFilesAsync(new FilePayload { Name = $"{width}.png", MimeType = "image/png", Buffer = gray.ImEncode(".png") });
        await Assertions.Expect(page.Locator("#lead")).ToHaveTextAsync("No face found");
    }

    private static async Task ShowFaces(IPage page)
    {
        using Frame frame = FakeCamera.Demo(FakeCamera.PlainFrame);
        await page.Locator("#file").SetInputFilesAsync(new FilePayload { Name = "three.png", MimeType = "image/png", Buffer = frame.Mat.ImEncode(".png") });
        await page.Locator(".face").Nth(2).WaitForAsync();
    }
}
