using System.Text.Json;
using Microsoft.Playwright;
using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Pipeline;
using MlNetEmotion.Faces;
using MlNetEmotion.Tests.Shared.Tracking;
using MlNetEmotion.Tracking;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Page;

/// <summary>Which frames the page searches for faces, and where it follows them: as <see cref="FaceFinder"/> does on the same frames.</summary>
[Collection(nameof(PageFixture))]
public sealed class TrackingParityTests(PageFixture fixture)
{
    private const int IntervalMs = 40;

    private static readonly Box Left = new(60, 80, 120, 120);
    private static readonly Box Right = new(360, 100, 140, 140);

    // A frame is [whether it was searched, its faces as numbers].
    private const string Find = """
        async ({ images, steps }) => {
          const { FaceFinder } = await import('/worker/face-finder.js');
          const { POINTS } = await import('/worker/yunet-decoder.js');
          const frames = images.map(({ pixels, width, height }) => {
            const [gray, data] = [atob(pixels), new Uint8ClampedArray(4 * width * height)];
            for (let i = 0; i < data.length; i++) {
              data[i] = gray.charCodeAt(i >> 2);
            }
            return { data, width, height };
          });
          let isSearched, faces;
          const finder = new FaceFinder({ find: () => { isSearched = true; return faces; } });
          const found = [];
          for (const step of steps) {
            [isSearched, faces] = [false, step.faces];
            const tracked = await finder.find(frames[step.image], {}, step);
            found.push({ isSearched, faces: tracked.map(({ trackId, box, landmarks }) =>
              [trackId, box.x, box.y, box.width, box.height, ...POINTS.flatMap(name => [landmarks[name].x, landmarks[name].y])]) });
          }
          return JSON.stringify(found);
        }
        """;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    [Fact]
    public async Task Find_FaceThatStays_IsSearchedForAfterOneTwoFourFramesAndTwiceASecond()
    {
        byte[] scene = Draw((Left, 1));

        await Compare([0, 1, 3, 7, 15, 27], [1], Enumerable.Repeat(new Step(scene, Face(Left)), 30));
    }

    [Fact]
    public async Task Find_FaceThatSpeedsUp_IsFollowed() => await Compare(
        [0, 1, 3, 7], [1], Enumerable.Range(0, 14).Select(i => Left with { X = Left.X + (i * i / 2), Y = Left.Y + (i * i / 4) })
            .Select(box => new Step(Draw((box, 1)), Face(box with { X = box.X + 1, Width = 122, Height = 122 }))));

    [Fact]
    public async Task Find_CutToAnotherFace_IsSearchedAtOnceAndHasAnotherNumber() => await Compare(
        [0, 1, 3, 7, 10, 11, 13], [1, 2], Shot(10, (Left, 1)).Concat(Shot(5, (Left, 2))));

    [Fact]
    public async Task Find_FaceThatLeavesAndReturns_IsSearchedInEveryFrameWithoutAFace() => await Compare(
        [0, 1, 3, .. Enumerable.Range(6, 7), 14, 18, 19, 21],
        [1, 2], [.. Shot(6, (Left, 1)), .. Shot(6), .. Shot(6, (Left, 1)), .. Shot(4, (Left, 1), (Right, 2))]);

    [Fact]
    public async Task Find_FaceThatAppears_IsFoundWithinHalfASecond() => await Compare(
        [0, 1, 3, 7, 15, 27, 28], [1, 2], [.. Shot(16, (Left, 1)), .. Shot(13, (Left, 1), (Right, 2))]);

    [Fact]
    public async Task Find_TwoFacesExchangePlaces_AreTwoOthers() => await Compare(
        [0, 1, 3, 5, 6], [1, 2, 3, 4], [.. Shot(5, (Left, 1), (Right, 2)), .. Shot(2, (Left, 2), (Right, 1))]);

    // The template correlates too little, with a ramp of light added to it, but the band-passed look stays: it is lost, and the same face.
    [Fact]
    public async Task Find_LightFromTheSide_IsSearchedAtOnceAndKeepsTheNumber()
    {
        byte[] scene = Draw((Left, 1));
        byte[] lit = [.. scene.Select((pixel, i) => (byte)Math.Clamp(pixel + (i % Scene.Width) - Left.X - 60, 0, 255))];

        await Compare([0, 1, 2], [1], [.. Enumerable.Repeat(new Step(scene, Face(Left)), 2), .. Enumerable.Repeat(new Step(lit, Face(Left)), 3)]);
    }

    [Fact]
    public async Task Find_WeakAndMissingDetections_KeepTheTrackForThreeRuns()
    {
        byte[] scene = Draw((Left, 1));
        Step Weak(float score) => new(scene, Face(Left with { X = 66 }, score));

        await Compare(
            [0, 1, 3, 4, 5, 6, 7], [1],
            [new(scene, Face(Left)), Weak(0.4f), .. Enumerable.Repeat(new Step(scene), 6)]);
    }

    [Theory]
    [InlineData(2000, new[] { 1 })]
    [InlineData(2001, new[] { 1, 2 })]
    [InlineData(-40, new[] { 1, 2 })]
    public async Task Find_AfterAGap_IsAnotherFaceBeyondTwoSeconds(int gapMs, int[] ids)
    {
        byte[] scene = Draw((Left, 1));
        int[] times = [0, 40, 80, 80 + gapMs, 120 + gapMs];

        await Compare(ids.Length == 1 ? [0, 1, 3] : [0, 1, 3, 4], ids, times.Select(timeMs => new Step(scene, Face(Left)) { TimeMs = timeMs }));
    }

    [Fact]
    public async Task Find_EveryFrame_ForBlurring() => await Compare(
        [0, 1, 2, 3], [1], Enumerable.Repeat(new Step(Draw((Left, 1)), Face(Left)) { Every = 1 }, 4), every: 1);

    // The tracks end, which the Detector has no case for.
    [Fact]
    public async Task Find_SeekOrAnotherSize_IsSearchedAtOnce()
    {
        byte[] scene = Draw((Left, 1));
        List<Step> steps = [.. Enumerable.Range(0, 16).Select(i => new Step(scene, Face(Left)) { TimeMs = i * IntervalMs })];
        steps[5] = steps[5] with { Continues = false };
        steps[12] = steps[12] with { Size = (Scene.Width / 2, Scene.Height * 2) };

        Found[] found = await InPage(steps);

        Assert.Equal([0, 1, 3, 5, 6, 8, 12, 13, 14], Searched(found));
        Assert.Equal([1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 3, 4, 4, 4], found.Select(frame => (int)frame.Faces.Single()[0]));
    }

    private async Task Compare(int[] searched, int[] ids, IEnumerable<Step> frames, int? every = null)
    {
        Step[] steps = [.. frames.Select((step, i) => step.TimeMs is null ? step with { TimeMs = i * IntervalMs } : step)];
        Found[] expected = InDotNet(steps, every);
        Assert.Equal(searched, Searched(expected));
        Assert.Equal(ids, expected.SelectMany(frame => frame.Faces).Select(face => (int)face[0]).Distinct().Order());

        Found[] found = await InPage(steps);

        Assert.All(expected.Zip(found), (pair, i) =>
        {
            Assert.True(pair.First.IsSearched == pair.Second.IsSearched, $"frame {i} is searched by one of them only");
            Assert.Equal(pair.First.Faces, pair.Second.Faces);
        });
    }

    private static int[] Searched(Found[] found) => [.. found.Index().Where(frame => frame.Item.IsSearched).Select(frame => frame.Index)];

    private static Found[] InDotNet(Step[] steps, int? every)
    {
        using var detector = new GivenDetector();
        var finder = new FaceFinder(detector, new DetectionSchedule(every, 1000.0 / IntervalMs), new StageTimings());
        var faces = new List<TrackedFace>();
        return [.. steps.Select(step =>
        {
            (detector.Faces, detector.IsCalled) = (step.Faces, false);
            using Frame frame = Frame.FromPixels(new ImageView(step.Pixels, Scene.Width, Scene.Height, PixelFormat.Gray8));
            finder.Find(frame, TimeSpan.FromMilliseconds(step.TimeMs!.Value), faces, []);
            return new Found(detector.IsCalled, [.. faces.Select(Numbers)]);
        })];
    }

    private async Task<Found[]> InPage(IReadOnlyList<Step> steps)
    {
        IPage page = await fixture.QuietPageAsync();
        (byte[] Pixels, (int Width, int Height) Size)[] images = [.. steps.Select(step => (step.Pixels, step.Size)).Distinct()];
        string found = await page.EvaluateAsync<string>(Find, new
        {
            images = images.Select(image => new { pixels = Convert.ToBase64String(image.Pixels), width = image.Size.Width, height = image.Size.Height }),
            steps = steps.Select(step => new
            {
                image = Array.IndexOf(images, (step.Pixels, step.Size)),
                timeMs = step.TimeMs,
                every = step.Every,
                continues = step.Continues,
                faces = step.Faces.Select(face => new
                {
                    box = new { x = face.Box.X, y = face.Box.Y, width = face.Box.Width, height = face.Box.Height },
                    score = (double)face.Score,    // Playwright has no single precision
                    landmarks = Points(face.Landmarks!.Value).ToDictionary(point => point.Name, point => new { x = (double)point.At.X, y = (double)point.At.Y }),
                }),
            }),
        });
        return JsonSerializer.Deserialize<Found[]>(found, Json)!;
    }

    private static Step[] Shot(int frames, params (Box Box, int Seed)[] faces) =>
        [.. Enumerable.Repeat(new Step(Draw(faces), [.. faces.SelectMany(face => Face(face.Box))]), frames)];

    private static byte[] Draw(params (Box Box, int Seed)[] faces) =>
        faces.Aggregate(new Scene(), (scene, face) => scene.With(face.Box, face.Seed)).View.Pixels.ToArray();

    private static FaceDetection[] Face(Box box, float score = 1)
    {
        System.Numerics.Vector2 At(float x, float y) => new(box.X + (x * box.Width), box.Y + (y * box.Height));
        return [new(box, score, new(At(0.3f, 0.37f), At(0.7f, 0.38f), At(0.5f, 0.6f), At(0.33f, 0.8f), At(0.67f, 0.81f)))];
    }

    private static double[] Numbers(TrackedFace face) =>
        [face.TrackId, face.Box.X, face.Box.Y, face.Box.Width, face.Box.Height, .. Points(face.Landmarks!.Value).SelectMany(point => new double[] { point.At.X, point.At.Y })];

    private static (string Name, System.Numerics.Vector2 At)[] Points(FaceLandmarks landmarks) =>
    [
        ("rightEye", landmarks.RightEye), ("leftEye", landmarks.LeftEye), ("nose", landmarks.Nose),
        ("rightMouthCorner", landmarks.RightMouthCorner), ("leftMouthCorner", landmarks.LeftMouthCorner),
    ];

    private sealed record Step(byte[] Pixels, params FaceDetection[] Faces)
    {
        public double? TimeMs { get; init; }
        public int? Every { get; init; }
        public bool Continues { get; init; } = true;
        public (int Width, int Height) Size { get; init; } = (Scene.Width, Scene.Height);
    }

    private sealed record Found(bool IsSearched, double[][] Faces);

    private sealed class GivenDetector : IFaceDetector
    {
        public FaceDetection[] Faces { get; set; } = [];
        public bool IsCalled { get; set; }

        public ReadOnlySpan<FaceDetection> Detect(Frame frame)
        {
            IsCalled = true;
            return Faces;
        }

        public void Dispose()
        {
        }
    }
}
