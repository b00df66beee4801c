using Microsoft.Playwright;
using MlNetEmotion.Detector.Frames;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Page;

/// <summary>The page with a fake camera that Chromium plays from a file.</summary>
[Collection(nameof(PageFixture))]
public sealed class CameraTests(PageFixture fixture)
{
    [Theory]
    [InlineData("local")]
    [InlineData("server")]
    public async Task Camera_StillFaces_ShowsWhatDotNetSees(string scoring)
    {
        await using Browser browser = await fixture.OpenWithCameraAsync();
        IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url, Browser.Quiet);
        await page.Locator("#scoring").SelectOptionAsync(scoring);

        await StartCamera(page);
        await page.Locator(".face").Nth(2).WaitForAsync();

        using Frame frame = FakeCamera.Demo(FakeCamera.PlainFrame);
        using EmotionRecognizer recognizer = EmotionRecognizer.Load();
        Assert.Equal(
            recognizer.Recognize(frame.View).Select(face => $"{face.Scores.TopOrUncertain(0.35f)?.ToString() ?? "Uncertain"}"),
            await page.Locator(".face b").AllTextContentsAsync());
        Assert.True(await page.Locator("#live").IsVisibleAsync());
        Assert.True(await page.Locator("#mirror").IsCheckedAsync());
    }

    [Fact]
    public async Task Notice_BeforeTheFirstStart_MustBeConfirmedOnce()
    {
        await using Browser browser = await fixture.OpenWithCameraAsync();
        IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url, Browser.Quiet);

        await page.EvaluateAsync("""
            () => {
              const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
              globalThis.opened = 0;
              navigator.mediaDevices.getUserMedia = wanted => { globalThis.opened++; return open(wanted); };
            }
            """);

        await page.Locator("#camera").ClickAsync();
        await Assertions.Expect(page.Locator("#notice")).ToContainTextAsync("AI Act, article 50");
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(page.Locator("#notice")).ToBeHiddenAsync();

        // A camera that started in spite of that would be seen in the promise's next steps.
        await page.EvaluateAsync("async () => { for (let i = 0; i < 10; i++) await new Promise(done => requestAnimationFrame(done)); }");
        Assert.Equal(0, await page.EvaluateAsync<int>("globalThis.opened"));

        await StartCamera(page);
        Assert.Equal(1, await page.EvaluateAsync<int>("globalThis.opened"));
        await page.Locator("#stop").ClickAsync();
        await page.Locator("#camera").ClickAsync(); // permission is not requested again

        await page.Locator("#live").WaitForAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Camera_HiddenOrStopped_IsSwitchedOff(bool isHidden)
    {
        await using Browser browser = await fixture.OpenWithCameraAsync();
        IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url, Browser.Quiet);
        await page.EvaluateAsync("""
            () => {
              const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
              navigator.mediaDevices.getUserMedia = async wanted => globalThis.stream = await open(wanted);
            }
            """);
        await StartCamera(page);
        const string State = "globalThis.stream.getTracks()[0].readyState";
        Assert.Equal("live", await page.EvaluateAsync<string>(State));

        await (isHidden ? Browser.HideAsync(page, true) : page.Locator("#stop").ClickAsync());

        Assert.Equal("ended", await page.EvaluateAsync<string>(State));
        await Assertions.Expect(page.Locator("#live")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task Camera_NotAllowed_SaysWhatToDo()
    {
        await using Browser browser = await fixture.OpenAsync("--use-fake-device-for-media-stream", "--deny-permission-prompts");
        IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url, Browser.Quiet);

        await Confirm(page);

        await Assertions.Expect(page.Locator("#message")).ToContainTextAsync("The browser was told not to use the camera. Allow it");
    }

    [Fact]
    public async Task Camera_NotThere_SaysWhatElseToDo()
    {
        await using Browser browser = await fixture.OpenAsync("--use-fake-ui-for-media-stream");
        IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url, Browser.Quiet);

        await Confirm(page);

        await Assertions.Expect(page.Locator("#message")).ToHaveTextAsync("No camera was found. Plug one in, or open a video, an image or the demo.");
    }

    [Fact]
    public async Task Cameras_Two_CanBeChosen()
    {
        await using Browser browser = await fixture.OpenAsync("--use-fake-device-for-media-stream=device-count=2", "--use-fake-ui-for-media-stream");
        IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url, Browser.Quiet);
        await StartCamera(page);
        ILocator choice = page.Locator("#cameras select");
        Assert.Equal(2, await choice.Locator("option").CountAsync());
        string first = await choice.InputValueAsync();

        await choice.SelectOptionAsync(new SelectOptionValue { Index = 1 });

        await Assertions.Expect(choice).Not.ToHaveValueAsync(first);
        await page.Locator("#live").WaitForAsync();
    }

    private static async Task StartCamera(IPage page)
    {
        await Confirm(page);
        await page.Locator("#live").WaitForAsync();
    }

    private static async Task Confirm(IPage page)
    {
        await page.Locator("#camera").ClickAsync();
        await page.Locator("#notice button[value=start]").ClickAsync();
    }
}
