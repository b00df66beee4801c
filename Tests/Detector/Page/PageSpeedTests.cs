using Microsoft.Playwright;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Page;

/// <summary>Measures the page's speed in the browser and on the server, for docs/serve.md. Run by '-explicit only -class *.PageSpeedTests'.</summary>
[Collection(nameof(PageFixture))]
public sealed class PageSpeedTests(PageFixture fixture)
{
    private const int Seconds = 20;

    [Theory(Explicit = true)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Camera_BothWays_FramesASecond(int faces)
    {
        using FakeCamera camera = faces == 1 ? FakeCamera.MovingOne() : FakeCamera.Moving();
        foreach (string scoring in new[] { "local", "server", "local", "server" })
        {
            await using Browser browser = await fixture.OpenAsync(camera.Arguments);
            IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url, Browser.Quiet);
            await page.Locator("#scoring").SelectOptionAsync(scoring);
            await page.Locator("#camera").ClickAsync();
            await page.Locator("#notice button[value=start]").ClickAsync();
            await page.Locator(".face").Nth(faces - 1).WaitForAsync();
            await page.WaitForTimeoutAsync(5000);

            string rates = await page.EvaluateAsync<string>($$"""
                async () => {
                  const rates = [], latencies = [];
                  for (let i = 0; i < {{Seconds}}; i++) {
                    await new Promise(resolve => setTimeout(resolve, 1000));
                    rates.push(Number(document.getElementById('rate').textContent));
                    latencies.push(parseFloat(document.getElementById('latency').textContent));
                  }

                  const median = values => values.sort((a, b) => a - b)[values.length >> 1];
                  return `median of {{Seconds}} s: ${median(rates)} frames/s, latency ${median(latencies)} ms`;
                }
                """);

            Console.WriteLine($"{faces} faces, {scoring}: {rates}");
        }
    }

    // Each browser has an empty cache.
    [Fact(Explicit = true)]
    public async Task Page_OpenedTwice_FirstLabels()
    {
        for (int round = 0; round < 5; round++)
        {
            await using Browser browser = await fixture.OpenAsync();
            IPage page = await browser.OpenAsync((await fixture.ServerAsync()).Url);
            double first = await FirstLabels(page);
            await page.ReloadAsync();
            Console.WriteLine($"first labels after {first:0} ms, on a second visit after {await FirstLabels(page):0} ms");
        }

        static async Task<double> FirstLabels(IPage page)
        {
            await page.Locator(".face").First.WaitForAsync();
            return await page.EvaluateAsync<double>("performance.now()");
        }
    }
}
