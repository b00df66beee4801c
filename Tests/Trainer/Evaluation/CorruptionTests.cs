using MlNetEmotion.Programs;
using MlNetEmotion.Tests.Trainer.Data;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Evaluation;

public sealed class CorruptionTests
{
    [Fact]
    public void Blur_OfOneWhitePixel_IsTheKernel()
    {
        // exp(-x^2 / 0.98) at 0, 1, 2, 3: 1, 0.360448, 0.016880, 0.000103; divided by their sum over both sides, 1.754861:
        // 0.569846, 0.205400, 0.009619. Their products, times 255: 82.8, 29.8, 10.8, 1.4.
        byte[] blurred = Apply(Corruption.Blur, Image((x, y) => x == 24 && y == 24 ? 255 : 0), 0.7);
        Assert.Equal((83, 30, 11, 1), (At(blurred, 24, 24), At(blurred, 25, 24), At(blurred, 23, 23), At(blurred, 24, 26)));
        Assert.Equal(At(blurred, 24, 23), At(blurred, 23, 24));
    }

    [Fact]
    public void Noise_OnGray_HasItsDeviation()
    {
        // 2304 values: the mean's standard error is 16 / 48, the deviation's 16 / sqrt(2 * 2304) = 0.24; five of each allowed.
        byte[] noisy = Apply(Corruption.Noise, Image((_, _) => 128), 16);
        double mean = noisy.Average(value => value);
        Assert.Equal(128, mean, 5 * 16 / 48.0);
        Assert.Equal(16, Math.Sqrt(noisy.Average(value => (value - mean) * (value - mean))), 5 * 0.24);
    }

    [Fact]
    public void LowLight_OfThreeTenths_MultipliesAndRounds() =>
        Assert.Equal([0, 2, 30, 76], Apply(Corruption.LowLight, Image((x, _) => new[] { 0, 7, 100, 254 }[x % 4]), 0.3)[..4]); // 2.1, 76.2

    [Fact]
    public void ToneCurve_OfTwo_IsTheSquareOrTheRoot()
    {
        // 255 (64 / 255)² = 16.06 and 255 √(64 / 255) = 127.7.
        byte[] face = Image((x, _) => new[] { 0, 64, 255 }[x % 3]);
        var random = new SplitMix64(4);
        byte[][] faces = [.. Enumerable.Range(0, 20).Select(_ =>
        {
            var worse = new byte[face.Length];
            Corruption.ToneCurve(face, worse, 2, ref random);
            return worse[..3];
        })];
        Assert.Equal([[0, 16, 255], [0, 128, 255]], faces.DistinctBy(pixels => pixels[1]).OrderBy(pixels => pixels[1]));
    }

    [Fact]
    public void Jpeg_LowerQuality_LiesFartherFromTheFace()
    {
        byte[] face = Image((x, y) => (x * 5) ^ (y * 3));
        double[] errors = [.. new[] { 40.0, 20, 10 }.Select(quality => Apply(Corruption.Jpeg, face, quality).Zip(face, (a, b) => Math.Abs(a - b)).Average())];
        Assert.True(errors[0] > 1 && errors[1] > errors[0] && errors[2] > errors[1], string.Join(", ", errors));
        Assert.Equal(Image((_, _) => 128), Apply(Corruption.Jpeg, Image((_, _) => 128), 10)); // the block's mean is kept
    }

    [Fact]
    public void Occlude_SquareOfTen_CoversAHundredPixelsWithTheMean()
    {
        byte[] face = Image((x, _) => x < 24 ? 10 : 211); // mean 110.5, to even: 110
        int[] covered = [.. Changed(face, Apply(Corruption.Occlude, face, 10))];
        Assert.Equal(100, covered.Length);
        Assert.Equal(9, covered.Max(i => i % 48) - covered.Min(i => i % 48));
        Assert.Equal(9, covered.Max(i => i / 48) - covered.Min(i => i / 48));
        Assert.All(covered, i => Assert.Equal(110, Apply(Corruption.Occlude, face, 10)[i]));
    }

    [Fact]
    public void Occlude_ManyTimes_ReachesEveryEdge()
    {
        byte[] face = Image((x, _) => x < 24 ? 10 : 211);
        int[] corners = [.. Enumerable.Range(1, 500).Select(seed => Changed(face, Apply(Corruption.Occlude, face, 10, (ulong)seed)).Min())];

        Assert.Equal((0, 38, 0, 38), (corners.Min(i => i % 48), corners.Max(i => i % 48), corners.Min(i => i / 48), corners.Max(i => i / 48)));
    }

    [Fact]
    public void Rotate_ByAHalfTurn_ExchangesOppositePixels()
    {
        byte[] face = Image((x, y) => (2 * x) + (3 * y));
        byte[] turned = Apply(Corruption.Rotate, face, 180);
        Assert.All(Enumerable.Range(0, 2304), i => Assert.Equal(face[2303 - i], turned[i], 1.0)); // places are rounded to 1/65536
    }

    [Fact]
    public void Shift_ByFour_MovesASquareByFour()
    {
        (double x, double y) = Centre(Apply(Corruption.Shift, Square(10), 4));
        Assert.Equal(4, Math.Sqrt(((x - 23.5) * (x - 23.5)) + ((y - 23.5) * (y - 23.5))), 0.02); // gray levels are rounded
    }

    [Fact]
    public void Scale_ByAFifth_EnlargesOrShrinksASquare()
    {
        var areas = new HashSet<int>();
        for (ulong seed = 0; seed < 20; seed++)
        {
            areas.Add((int)Math.Round(Apply(Corruption.Scale, Square(20), 0.2, seed).Sum(value => value) / 255.0));
        }

        // 20 pixels become 24 or 16; interpolation keeps the sum to a percent or so.
        Assert.Equal(2, areas.Count);
        Assert.Equal(256, areas.Min(), 6.0);
        Assert.Equal(576, areas.Max(), 6.0);
    }

    [Fact]
    public void All_FlatFace_ChangesUnderNoiseAndLightAlone() => Assert.All(Corruption.All, corruption =>
    {
        byte[] flat = Image((_, _) => 128);
        bool isSame = Apply(corruption.Apply, flat, corruption.Strengths[2]).AsSpan().SequenceEqual(flat);
        Assert.Equal(corruption.Name is not ("noise" or "low light" or "tone curve"), isSame);
    });

    [Fact]
    public void Robustness_DarkFaces_AreMisreadFromTheSeverityOnThatByHandFollows()
    {
        // Happy where the mean is 50 at least, and all are. In 0.5, 0.3 and 0.15 of the light, 120 becomes 60, 36 and 18.
        FaceDataset dataset = FaceDataset.Load(MemoryFaces.View((Emotion.Happy, Image((_, _) => 120)), (Emotion.Happy, Image((_, _) => 240))));
        dataset = dataset.WithVotes(source => source == dataset.Sources[0] ? new Votes([0, 0, 0, 9, 0, 0, 0], [1, 0, 0]) : new Votes([0, 0, 0, 0, 0, 0, 0], [1, 0, 0]));
        RobustnessMetrics[] figures = [.. new Robustness(new ModelEvaluator(HappyFrom50), seed: 1).Measure(dataset, progress: null, TestContext.Current.CancellationToken)];
        Assert.Equal([1, 0, 0], figures.Where(figure => figure.Corruption == "low light").Select(figure => figure.Agreement)); // of the first alone, which people call Happy
        Assert.Equal([1, 0.5, 0], figures.Where(figure => figure.Corruption == "low light").Select(figure => figure.Accuracy)); // 240: 120, 72, 36
        Assert.All(figures.Where(figure => figure.Corruption is not ("low light" or "tone curve")), figure => Assert.Equal(1, figure.Accuracy));
        Assert.Equal(Robustness.ConditionCount, figures.Length);
    }

    [Fact]
    public void Corrupt_MoreFaces_ChangesNoneOfTheOthers()
    {
        byte[] one = Robustness.Corrupt(Faces(1), Corruption.All[1], 16, seed: 3).Pixels.ToArray();
        byte[] three = Robustness.Corrupt(Faces(3), Corruption.All[1], 16, seed: 3).Pixels.ToArray();
        Assert.Equal(one, three[..2304]);
        Assert.NotEqual(one, three[2304..4608]);
        Assert.NotEqual(one, Robustness.Corrupt(Faces(1), Corruption.All[1], 16, seed: 4).Pixels.ToArray());

        static FaceDataset Faces(int count) =>
            FaceDataset.Load(MemoryFaces.View([.. Enumerable.Repeat((Emotion.Sad, Image((_, _) => 128)), count)]));
    }

    private static void HappyFrom50(ReadOnlySpan<byte> faces, Span<EmotionScores> scores)
    {
        for (int i = 0; i < scores.Length; i++)
        {
            bool isHappy = OcclusionSensitivity.Mean(faces.Slice(i * 2304, 2304)) >= 50;
            scores[i] = new EmotionScores([isHappy ? 0 : 1, 0, 0, isHappy ? 1 : 0, 0, 0, 0]);
        }
    }

    private static byte[] Apply(Corruption.ApplyTo apply, byte[] face, double strength, ulong seed = 1)
    {
        var worse = new byte[face.Length];
        var random = new SplitMix64(seed);
        apply(face, worse, strength, ref random);
        return worse;
    }

    private static byte[] Square(int side) =>
        Image((x, y) => Math.Abs(x - 23.5) < side / 2.0 && Math.Abs(y - 23.5) < side / 2.0 ? 255 : 0);

    private static byte[] Image(Func<int, int, int> pixel) => [.. Enumerable.Range(0, 2304).Select(i => (byte)pixel(i % 48, i / 48))];

    private static int At(byte[] face, int x, int y) => face[(y * 48) + x];

    private static IEnumerable<int> Changed(byte[] face, byte[] worse) => Enumerable.Range(0, 2304).Where(i => face[i] != worse[i]);

    private static (double X, double Y) Centre(byte[] face)
    {
        double sum = face.Sum(value => (double)value);
        return (face.Select((value, i) => value * (double)(i % 48)).Sum() / sum, face.Select((value, i) => value * (double)(i / 48)).Sum() / sum);
    }
}
