using System.Text.Json;
using Microsoft.Playwright;
using MlNetEmotion.Tests.Shared.Tracking;
using MlNetEmotion.Tracking;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Page;

/// <summary>Tracking on the page, compared with <c>Shared/Tracking</c>.</summary>
[Collection(nameof(PageFixture))]
public sealed class RecordingTests(PageFixture fixture)
{
    // Images of soft spots that stand for faces, different for each seed. Returns the track ids in each frame, from left to right.
    private const string Numbers = """
        async frames => {
          const { Recording } = await import('/recording.js');
          const { Image } = await import('/appearance.js');
          const recording = new Recording({ name: 'test', durationMs: null }, 0.35);
          return JSON.stringify(frames.map(({ timeMs, seeds }) => {
            const canvas = new OffscreenCanvas(640, 360);
            const context = canvas.getContext('2d');
            context.fillStyle = '#555';
            context.fillRect(0, 0, 640, 360);
            const boxes = seeds.map((seed, i) => ({ x: 60 + 300 * i, y: 80, width: 120, height: 120 }));
            boxes.forEach((box, i) => {
              let state = seeds[i] * 7919;
              const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
              for (let spot = 0; spot < 60; spot++) {
                context.fillStyle = random() < 0.5 ? '#222' : '#ddd';
                context.beginPath();
                context.arc(box.x + 120 * random(), box.y + 120 * random(), 6 + 8 * random(), 0, 7);
                context.fill();
              }
            });
            const found = boxes.map(box => ({ box, probabilities: { Happy: 1 } }));
            return recording.add(timeMs, found, new Image(canvas)).faces.map(face => face.trackId).join();
          }));
        }
        """;

    [Fact]
    public async Task Add_CutToAnotherFaceInThePlace_IsAnotherFaceFromItsFirstFrame() =>
        await Expect(["1", "1", "2", "2"], (0, [1]), (40, [1]), (80, [2]), (120, [2]));

    [Fact]
    public async Task Add_TwoFacesExchangePlaces_AreTwoOthers() => await Expect(["1,2", "1,2", "3,4"], (0, [1, 2]), (40, [1, 2]), (80, [2, 1]));

    [Fact]
    public async Task Add_FaceThatIsMissedForAMoment_KeepsItsNumber() => await Expect(["1", "", "1"], (0, [1]), (40, []), (80, [1]));

    [Fact]
    public async Task Add_SeekBackToBeforeACut_IsTheFaceOfThatTime() => await Expect(["1", "2", "1"], (0, [1]), (40, [2]), (10, [1]));

    [Theory]
    [InlineData(2000, "1")]
    [InlineData(2001, "2")]
    [InlineData(17_000, "2")]
    public async Task Add_AfterAGap_IsAnotherFaceBeyondTwoSeconds(int timeMs, string expected) => await Expect(["1", expected], (0, [1]), (timeMs, [1]));

    // By position alone, so that only the scorer's numbers can match a face that jumps.
    [Fact]
    public async Task Add_FacesThatTheScorerFollows_AreMatchedByItsNumbersInFramesThatContinue()
    {
        IPage page = await fixture.QuietPageAsync();
        string answer = await page.EvaluateAsync<string>(
            """
            async () => {
              const { Recording } = await import('/recording.js');
              const recording = new Recording({ name: 'test', durationMs: null }, 0.35);
              const frames = [[true, [5, 0]], [true, [5, 400]], [true, [6, 0], [5, 400]], [true, [5, 0], [6, 400]], [false, [5, 0], [6, 800]], [true, [6, 1200]]];
              return JSON.stringify(frames.map(([continues, ...faces], i) => recording.add(40 * i, faces.map(([trackId, x]) =>
                ({ trackId, box: { x, y: 0, width: 100, height: 100 }, probabilities: { Happy: 1 } })), null, continues).faces.map(({ trackId }) => trackId).join()));
            }
            """);

        Assert.Equal(["1", "1", "2,1", "1,2", "1,3", "3"], JsonSerializer.Deserialize<string[]>(answer)!);
    }

    [Fact]
    public async Task Player_SeekOrAnotherScorer_ScoresAFrameThatDoesNotContinueThePreviousOne()
    {
        IPage page = await fixture.QuietPageAsync();
        string answer = await page.EvaluateAsync<string>(
            """
            async () => {
              const { Player } = await import('/player.js');
              const { openVideo } = await import('/sources.js');
              let frames = [];
              const scorer = () => ({ score: async ({ bitmap, timeMs, continues }, { everyFrame }) => (frames.push({ timeMs, continues, everyFrame }), { bitmap, faces: [] }), close() {} });
              const player = new Player(0.35, { onFrame: ({ bitmap }) => bitmap.close(), onToggle() {}, onWait() {} });
              const source = await openVideo('demo.webm', 'demo', true);
              const until = async isDone => {
                while (!isDone()) {
                  await new Promise(resolve => setTimeout(resolve, 5));
                }
              };
              const found = [];
              const take = () => { found.push(frames.map(({ continues }) => continues)); frames = []; };
              player.scorer = scorer();
              player.play(source);
              await until(() => frames.length >= 3);
              source.pause();
              frames.length = 3;
              take();
              for (const timeMs of [2000, 4000]) {
                source.seek(timeMs);
                await until(() => frames.some(frame => Math.abs(frame.timeMs - timeMs) < 30));
                frames = frames.filter(frame => Math.abs(frame.timeMs - timeMs) < 30).slice(0, 1);
                take();
              }
              player.everyFrame = true;
              player.scorer = scorer();
              await until(() => frames.length === 1);
              found.push(frames[0].everyFrame);
              take();
              player.close();
              return JSON.stringify(found);
            }
            """);

        Assert.Equal("[[false,true,true],[false],[false],true,[false]]", answer);
    }

    [Fact]
    public async Task SimilarityOf_TwoLooks_IsWhatDotNetComputes()
    {
        IPage page = await fixture.QuietPageAsync();
        byte[][] crops = [.. Enumerable.Range(1, 4).Select(seed => Crop(seed, 0)), Crop(1, shift: 6)];
        string answer = await page.EvaluateAsync<string>(
            """
            async crops => {
              const { bandOf, similarityOf } = await import('/worker/face-descriptor.js');
              const bands = crops.map(crop => bandOf(Uint8Array.from(atob(crop), letter => letter.charCodeAt(0)), 48));
              return JSON.stringify(bands.flatMap(a => bands.map(b => similarityOf(a, b))));
            }
            """,
            crops.Select(Convert.ToBase64String));

        double[] expected = [.. crops.SelectMany(a => crops.Select(b => Look(a).SimilarityTo(Look(b), FaceDescriptor.MaxShift)!.Value))];
        double[] found = JsonSerializer.Deserialize<double[]>(answer)!;
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-4));    // the page sums in single precision
    }

    private async Task Expect(string[] expected, params (int TimeMs, int[] Seeds)[] frames)
    {
        IPage page = await fixture.QuietPageAsync();
        string answer = await page.EvaluateAsync<string>(Numbers, frames.Select(frame => new { timeMs = frame.TimeMs, seeds = frame.Seeds }));

        Assert.Equal(expected, JsonSerializer.Deserialize<string[]>(answer)!);
    }

    private static byte[] Crop(int seed, int shift)
    {
        var crop = new byte[FacePreprocessor.PixelCount];
        FacePreprocessor.ToFace(new Scene().With(new Box(60, 40, 176, 176), seed).View, new Box(100 + shift, 80, 96, 96), crop);
        return crop;
    }

    private static FaceDescriptor Look(byte[] crop)
    {
        var look = new FaceDescriptor();
        look.Load(crop);
        return look;
    }
}
