using System.Text.Json;
using Microsoft.Playwright;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Faces;
using MlNetEmotion.Programs;
using MlNetEmotion.Smoothing;
using MlNetEmotion.Tests.Shared.Faces;
using SkiaSharp;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Page;

/// <summary>Compares the browser's results with .NET's on the same pixels.</summary>
[Collection(nameof(PageFixture))]
public sealed class BrowserParityTests(PageFixture fixture)
{
    // ONNX Runtime's WebAssembly kernels sum in a different order.
    private const double Tolerance = 1e-3;

    private const string ScoreLocally = """
        async ({ image, isStill }) => {
          const { LocalScorer } = await import('/local-scorer.js');
          const info = await (await fetch('/api/model')).json();
          globalThis.scorer ??= await LocalScorer.open(info, () => {});
          const bytes = Uint8Array.from(atob(image), letter => letter.charCodeAt(0));
          const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }), { colorSpaceConversion: 'none' });
          const { faces } = await globalThis.scorer.score({ bitmap, file: isStill ? true : null });
          return JSON.stringify(faces);
        }
        """;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Score_GeneratedFaces_IsWhatDotNetScores(bool isStill)
    {
        IPage page = await fixture.QuietPageAsync();
        foreach (int number in new[] { 5, 24, 70, 115, 160 })
        {
            using Frame frame = FakeCamera.Demo(number);

            int faces = await Compare(page, $"demo frame {number}", Recognize(frame.View, isStill), frame.Mat.ImEncode(".png"), isStill);

            Assert.Equal(3, faces);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Speed", "slow")]
    public async Task Score_Photographs_IsWhatDotNetScores(bool isStill)
    {
        IPage page = await fixture.QuietPageAsync();
        int faces = 0;
        foreach (string name in Photograph.Names)
        {
            using var photograph = new Photograph(name);
            faces += await Compare(page, name, Recognize(photograph.View, isStill), photograph.ToPng(), isStill);
        }

        Assert.True(faces >= Photograph.Names.Count, $"{faces} faces in {Photograph.Names.Count} photographs");
    }

    [Theory]
    [InlineData("img12.jpg", 90)]
    [InlineData("img16.jpg", 240)]
    [InlineData("img22.jpg", 30)]
    public async Task Score_TurnedFace_IsWhatDotNetScores(string name, int degrees)
    {
        IPage page = await fixture.QuietPageAsync();
        using var photograph = new Photograph(name);
        using Photograph turned = photograph.Turned(degrees);

        Assert.Equal(1, await Compare(page, $"{name}, turned by {degrees}", Recognize(turned.View, isStill: true), turned.ToPng(), isStill: true));
    }

    [Fact]
    public async Task Score_CloseUp_IsWhatDotNetScores()
    {
        IPage page = await fixture.QuietPageAsync();
        using var photograph = new Photograph("img12.jpg");
        using Photograph closeUp = photograph.CloseUp(Recognize(photograph.View, isStill: true)[0].Box, 0.3, 3000, out _);

        Assert.Equal(1, await Compare(page, "close-up", Recognize(closeUp.View, isStill: false), closeUp.ToPng(), isStill: false));
    }

    [Fact]
    public async Task CutFace_AnyBoxAndTurn_IsWhatDotNetCuts()
    {
        IPage page = await fixture.QuietPageAsync();
        var random = new Random(17);
        var pixels = new byte[4 * 90 * 70];
        random.NextBytes(pixels);
        for (int i = 0; i < 40; i++)
        {
            var box = new Box(random.Next(-40, 80), random.Next(-40, 60), random.Next(41, 160), random.Next(41, 160));
            int x = random.Next(-20, 21), y = random.Next(-20, 21);
            var landmarks = new FaceLandmarks(new(10, 20), new(10 + x, 20 + y), default, default, default);
            var expected = new byte[FacePreprocessor.PixelCount];
            FacePreprocessor.ToFace(new ImageView(pixels, 90, 70, PixelFormat.Rgba32), box, landmarks, expected);

            string cut = await page.EvaluateAsync<string>(
                """
                async ({ pixels, box, x, y }) => {
                  const { cropFace } = await import('/worker/face-preprocessor.js');
                  const data = Uint8ClampedArray.from(atob(pixels), letter => letter.charCodeAt(0));
                  return cropFace({ data, width: 90, height: 70 }, box, { rightEye: { x: 10, y: 20 }, leftEye: { x: 10 + x, y: 20 + y } }).join();
                }
                """,
                new { pixels = Convert.ToBase64String(pixels), box = new { x = box.X, y = box.Y, width = box.Width, height = box.Height }, x, y });

            Assert.Equal(string.Join(',', expected), cut);
        }
    }

    [Fact]
    public async Task Findings_AnyFace_AreWhatDotNetFinds()
    {
        IPage page = await fixture.QuietPageAsync();
        var random = new Random(23);
        var limits = new DoubtOptions { SmallBelow = 60, DarkBelow = 0.2, BlurredBelow = 1, TurnedBeyond = 30 };
        var faces = new List<object>();
        var expected = new List<FaceResult>();
        for (int i = 0; i < 60; i++)
        {
            var crop = new byte[FacePreprocessor.PixelCount];
            random.NextBytes(crop);
            crop = i % 4 == 0 ? new byte[FacePreprocessor.PixelCount] : [.. crop.Select((gray, at) => (byte)(i % 4 == 1 ? at / 10 : gray))];
            float[] shifts = [.. Enumerable.Range(0, 10).Select(_ => (float)random.Next(-20, 21))];
            FaceLandmarks landmarks = new(
                new(30 + shifts[0], 40 + shifts[1]), new(70 + shifts[2], 40 + shifts[3]), new(50 + shifts[4], 60 + shifts[5]), new(35 + shifts[6], 80 + shifts[7]),
                new(65 + shifts[8], 80 + shifts[9]));
            var box = new Box(random.Next(-60, 60), random.Next(-60, 60), random.Next(40, 100), random.Next(40, 100));
            expected.Add(FaceResult.Of(1, box, landmarks, crop, EmotionScores.Uncertain, 100, 100).With(EmotionReading.Of(EmotionScores.Uncertain, 0.35), limits));
            faces.Add(new
            {
                box = new { x = box.X, y = box.Y, width = box.Width, height = box.Height },
                landmarks = new { rightEye = Point(landmarks.RightEye), leftEye = Point(landmarks.LeftEye), nose = Point(landmarks.Nose), rightMouthCorner = Point(landmarks.RightMouthCorner), leftMouthCorner = Point(landmarks.LeftMouthCorner) },
                crop = Convert.ToBase64String(crop),
            });
        }

        string answer = await page.EvaluateAsync<string>(
            """
            async ({ faces, limits }) => {
              const { findingsOf, doubtOf } = await import('/worker/findings.js');
              return JSON.stringify(faces.map(face => {
                const crop = Float32Array.from(atob(face.crop), letter => letter.charCodeAt(0));
                const found = findingsOf(face, crop, { x: 0, y: 0, width: 100, height: 100 });
                return { ...found, reason: doubtOf(found, JSON.parse(limits)) ?? 'noClearExpression' };
              }));
            }
            """,
            new { faces, limits = JsonSerializer.Serialize(limits, Json) });

        JsonElement[] found = [.. JsonElement.Parse(answer).EnumerateArray()];
        foreach ((FaceResult face, JsonElement other) in expected.Zip(found))
        {
            Assert.Equal(face.Reason, other.GetProperty("reason").GetString());
            Assert.Equal(face.CutOff, other.GetProperty("cutOff").GetDouble(), 1e-9);
            Assert.Equal(face.Quality, JsonSerializer.Deserialize<FaceQuality>(other.GetProperty("quality"), Json));
            (double yaw, double pitch, double roll) = JsonSerializer.Deserialize<HeadPose>(other.GetProperty("pose"), Json);
            Assert.Equal((Math.Round(face.Pose!.Value.Yaw, 6), Math.Round(face.Pose.Value.Pitch, 6), Math.Round(face.Pose.Value.Roll, 6)), (Math.Round(yaw, 6), Math.Round(pitch, 6), Math.Round(roll, 6)));
        }

        Assert.Equal(["blurred", "cutOff", "dark", "noClearExpression", "small", "turnedAway"], expected.Select(face => face.Reason).Distinct().Order());

        static object Point(System.Numerics.Vector2 point) => new { x = (double)point.X, y = (double)point.Y };
    }

    [Fact]
    public async Task Baseline_AnyScores_CorrectsAsDotNetDoes()
    {
        IPage page = await fixture.QuietPageAsync();
        var random = new SplitMix64(5);
        EmotionScores[] scores = [.. Enumerable.Range(0, 60).Select(i => i == 7 ? EmotionScores.Uncertain : Draw(ref random))];
        var baseline = new NeutralBaseline();
        scores.Take(20).ToList().ForEach(baseline.Add);

        string answer = await page.EvaluateAsync<string>(
            """
            async scores => {
              const { NeutralBaseline } = await import('/baseline.js');
              const baseline = new NeutralBaseline();
              const all = JSON.parse(scores);
              all.slice(0, 20).forEach(one => baseline.add(one));
              return JSON.stringify({ count: baseline.count, corrected: all.map(one => baseline.correct(one)) });
            }
            """,
            JsonSerializer.Serialize(scores));

        JsonElement found = JsonElement.Parse(answer);
        Assert.Equal(19, found.GetProperty("count").GetInt32());
        foreach ((EmotionScores expected, JsonElement other) in scores.Select(baseline.Correct).Zip(found.GetProperty("corrected").EnumerateArray()))
        {
            Assert.All(Enum.GetValues<Emotion>(), emotion => Assert.Equal(expected[emotion], other.GetProperty($"{emotion}").GetDouble(), 1e-6));
        }

        static EmotionScores Draw(ref SplitMix64 random)
        {
            var weights = new double[Emotions.Count];
            for (int i = 0; i < weights.Length; i++)
            {
                weights[i] = Math.Pow(random.NextDouble(), 6);
            }

            return new EmotionScores([.. weights.Select(weight => (float)(weight / weights.Sum()))]);
        }
    }

    // Frames of 1 s each; the button's text and the probability of Sad after each.
    [Fact]
    public async Task BaselineButton_Pressed_LearnsThreeSecondsOfTheOnlyFace()
    {
        IPage page = await fixture.QuietPageAsync();

        string[] steps = await page.EvaluateAsync<string[]>(
            """
            async () => {
              const { BaselineControl } = await import('/baseline.js');
              const button = document.createElement('button');
              const control = new BaselineControl(button);
              const rest = { Angry: 0.04, Disgust: 0.04, Fear: 0.04, Happy: 0.04, Sad: 0.5, Surprise: 0.04, Neutral: 0.3 };
              const [one, other] = [{}, {}];
              const pass = (recording, second, trackId, faces) =>
                `${button.getAttribute('aria-pressed')} ${control.pass(recording, 1000 * second, trackId, rest, faces).Sad.toFixed(3)} ${button.textContent}`;
              const steps = [pass(one, 0, 1, 1)];
              button.onclick();
              steps.push(pass(one, 1, 1, 1), pass(one, 2, 1, 2), pass(one, 3, 1, 1), pass(one, 5, 2, 1), pass(one, 7, 2, 1), pass(one, 8, 2, 1), pass(one, 9, 2, 1));
              steps.push(pass(one, 9, 2, 2), pass(one, 9, 3, 2), pass(other, 9, 2, 2), pass(other, 9, 3, 1));
              control.update(false, false);
              const isOffPossible = !button.disabled;
              button.onclick();
              control.update(false, false);
              return [...steps, pass(one, 10, 2, 1), `${isOffPossible} ${button.disabled}`];
            }
            """);

        Assert.Equal(
            [
                "null 0.500 ",
                "true 0.500 Keep still for 3 s",
                "true 0.500 Only your face, please",
                "true 0.500 Keep still for 3 s",
                "true 0.500 Keep still for 3 s",    // another face: from the start again
                "true 0.500 Keep still for 3 s",
                "true 0.500 Neutral face: on",
                "true 0.119 Neutral face: on",      // 0.125 / 1.049, as in NeutralBaselineTests
                "true 0.119 Neutral face: on",      // the learned face beside another
                "true 0.500 Neutral face: on",      // the other one
                "true 0.500 Neutral face: on",      // one of several in another source
                "true 0.119 Neutral face: on",      // alone in it
                "false 0.500 This is my neutral face",
                "true true",
            ],
            steps);
    }

    [Fact]
    public async Task Smoother_AnyScores_AnswersAsDotNetDoes()
    {
        IPage page = await fixture.QuietPageAsync();
        var random = new SplitMix64(3);
        var smoother = new EmotionSmoother();
        var steps = new List<object>();
        var expected = new List<EmotionReading>();
        double timeMs = 0;
        for (int i = 0; i < 200; i++)
        {
            timeMs += i % 50 == 49 ? 2500 : 60; // occasionally absent for long enough to be forgotten
            double[] weights = [.. Enumerable.Range(0, Emotions.Count).Select(_ => Math.Pow(random.NextDouble(), 4))];
            float[] probabilities = [.. weights.Select(weight => (float)(weight / weights.Sum()))];
            probabilities = i % 50 is 49 or 0 ? [.. Enumerable.Repeat(1 / 7f, 7)] : probabilities;    // blank, twice
            expected.Add(smoother.Update(new EmotionScores(probabilities), TimeSpan.FromMilliseconds(timeMs)));
            steps.Add(new { timeMs, probabilities = Emotions.Labels.Zip(probabilities).ToDictionary(pair => pair.First, pair => (double)pair.Second) });
        }

        string readings = await page.EvaluateAsync<string>(
            """
            async ({ steps, uncertainBelow }) => {
              const { Smoother } = await import('/smoother.js');
              const smoother = new Smoother(uncertainBelow);
              return JSON.stringify(steps.map(({ timeMs, probabilities }) => smoother.update(probabilities, timeMs)));
            }
            """,
            new { steps, uncertainBelow = new SmoothingOptions().UncertainBelow });

        Reading[] found = JsonSerializer.Deserialize<Reading[]>(readings, Json)!;
        Assert.Equal(expected.Select(reading => ($"{reading.Emotion}", reading.IsUncertain)), found.Select(reading => (reading.Emotion, reading.IsUncertain)));
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First.Confidence, pair.Second.Probabilities[pair.Second.Emotion], 1e-6));
        Assert.Contains(found, reading => reading.IsUncertain);
    }

    private static IReadOnlyList<RecognizedFace> Recognize(ImageView image, bool isStill)
    {
        int detectWidth = isStill ? FaceDetectorOptions.StillDetectWidth : FaceDetectorOptions.VideoDetectWidth;
        using EmotionRecognizer recognizer = EmotionRecognizer.Load(options: new FaceDetectorOptions { DetectWidth = detectWidth });
        return recognizer.Recognize(image);
    }

    // The number of faces.
    private static async Task<int> Compare(IPage page, string name, IReadOnlyList<RecognizedFace> expected, byte[] png, bool isStill)
    {
        string answer = await page.EvaluateAsync<string>(ScoreLocally, new { image = Convert.ToBase64String(png), isStill });

        ScoredFace[] found = JsonSerializer.Deserialize<ScoredFace[]>(answer, Json)!;
        using SKBitmap size = SKBitmap.Decode(png);
        Assert.True(expected.Count == found.Length, $"{name}: {expected.Count} faces, and {found.Length} in the browser");
        foreach ((RecognizedFace face, ScoredFace other) in expected.Zip(found))
        {
            Box box = face.Box.Within(size.Width, size.Height);
            int apart = new[] { box.X - other.Box.X, box.Y - other.Box.Y, box.Width - other.Box.Width, box.Height - other.Box.Height }.Max(Math.Abs);
            Assert.True(apart <= 1, $"{name}: {box}, and {other.Box} in the browser");
            foreach ((string emotion, double probability) in other.Probabilities)
            {
                float dotNet = face.Scores[Enum.Parse<Emotion>(emotion)];
                Assert.True(Math.Abs(dotNet - probability) <= Tolerance, $"{name}, {box}: {emotion} {dotNet}, and {probability} in the browser");
            }
        }

        return found.Length;
    }

    private sealed record ScoredFace(Box Box, Dictionary<string, double> Probabilities);

    private sealed record Reading(string Emotion, bool IsUncertain, Dictionary<string, double> Probabilities);
}
