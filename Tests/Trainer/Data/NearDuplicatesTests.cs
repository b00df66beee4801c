using System.Runtime.CompilerServices;
using MlNetEmotion.Imaging;
using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Data;

public sealed class NearDuplicatesTests
{
    [Fact]
    public void Correlation_OfHalfBlackAndItsInverse_IsAsByHand()
    {
        // Black to column 23, white from 24 on; its inverse. At no shift, of 46 columns all differ: -1. Shifted by one, the
        // inverse is white in 22 (or 24) of the 46: covariance (0 - 11/46) , deviations 1/2 and sqrt(22 * 24)/46: -11 / sqrt(132).
        byte[] face = Image((x, _) => x < 24 ? 0 : 255);
        byte[] inverse = Image((x, _) => x < 24 ? 255 : 0);
        Assert.Equal(-11 / Math.Sqrt(132), FaceCorrelation.Of(face, inverse), 1e-12);
        Assert.Equal(1, FaceCorrelation.Of(face, face), 1e-12);
    }

    [Fact]
    public void Correlation_WithABlankFace_IsZero() => Assert.Equal(0, FaceCorrelation.Of(Random(1), Image((_, _) => 9)));

    [Theory]
    [InlineData("identical")]
    [InlineData("other brightness and contrast")]
    [InlineData("a pixel to the right and down")]
    [InlineData("JPEG")]
    [InlineData("noise")]
    public void Shared_OtherVersionOfAFace_IsFound(string version)
    {
        byte[] face = Random(5);
        byte[] changed = version switch
        {
            "identical" => face,
            "other brightness and contrast" => [.. face.Select(pixel => (byte)(40 + (pixel / 2)))],
            "a pixel to the right and down" => Image((x, y) => face[(Math.Max(y - 1, 0) * 48) + Math.Max(x - 1, 0)]),
            "JPEG" => Corrupted(face, Corruption.Jpeg, 20),
            _ => Corrupted(face, Corruption.Noise, 16),
        };
        Assert.Equal([1], NearDuplicates.Shared(Load(Random(6), changed, Random(7)), Load(Random(8), Random(9), face)));
    }

    [Fact]
    public void Shared_OtherFacesAndShiftsOfMore_AreNotFound()
    {
        byte[] face = Random(5);
        byte[] far = Image((x, y) => face[(Math.Max(y - 4, 0) * 48) + Math.Max(x - 4, 0)]);
        byte[] blank = Image((_, _) => 9);
        byte[] otherBlank = Image((_, _) => 10);
        Assert.Empty(NearDuplicates.Shared(Load(far, Random(6), blank), Load(face, otherBlank)));
    }

    [Fact]
    public void Shared_IdenticalBlankFaces_AreFound() =>
        Assert.Equal([0], NearDuplicates.Shared(Load(Image((_, _) => 9)), Load(Random(1), Image((_, _) => 9))));

    [Fact]
    public void DropDuplicates_VersionsInValidationAndTest_LeaveTheTrainingFaces()
    {
        var data = new TrainingData(Load(Random(1), Random(2), Random(3), Random(4)), Load(Random(3)), IsHeldOut: false);
        TrainingData dropped = data.DropDuplicates(Load(Random(1), Random(9)));
        Assert.Equal(2, dropped.Dropped);
        Assert.Equal([.. Random(2), .. Random(4)], dropped.Train.Pixels.ToArray());
        Assert.Equal(data.Validation, dropped.Validation);
    }

    [Fact]
    public void Shared_IdenticalFacesOfBoth_AreFound()
    {
        FaceDataset validation = Labelled((Emotion.Sad, 1), (Emotion.Sad, 2), (Emotion.Sad, 3), (Emotion.Sad, 2));
        FaceDataset train = Labelled((Emotion.Happy, 2), (Emotion.Sad, 9), (Emotion.Sad, 1));

        Assert.Equal([0, 1, 3], Duplicates.Shared(validation, train));
    }

    [Fact]
    [Trait("Speed", "slow")]
    public void Fer2013_Duplicates_AreThoseThatOtherProgramsFind()
    {
        // The expected numbers come from comparing the same files decoded by Python's OpenCV, and correlating them in NumPy.
        string folder = Path.GetFullPath(Path.Combine(RepositoryRoot(), "..", "shared", "data", "fer2013"));
        Assert.SkipUnless(Directory.Exists(folder), $"no FER2013 in {folder}");

        TrainingData data = TrainingData.Load(FaceSource.Open(folder, strict: true));

        Assert.Equal((28542, 3576), (data.Train.Count, data.Validation.Count));
        Assert.Equal([3964, 435, 4078, 7185, 4789, 3161, 4930], data.Train.ClassCounts);
        Assert.Equal(279, Duplicates.Shared(data.Validation, data.Train).Count);
        Assert.Equal(561, NearDuplicates.Shared(data.Validation, data.Train).Count);
    }

    /// <summary>Squares of eight pixels with different grays.</summary>
    private static byte[] Random(ulong seed)
    {
        var random = new SplitMix64(seed);
        byte[] grays = [.. Enumerable.Range(0, 36).Select(_ => (byte)random.NextInt32(256))];
        return Image((x, y) => grays[(y / 8 * 6) + (x / 8)]);
    }

    private static byte[] Corrupted(byte[] face, Corruption.ApplyTo apply, double strength)
    {
        var worse = new byte[face.Length];
        var random = new SplitMix64(1);
        apply(face, worse, strength, ref random);
        return worse;
    }

    private static byte[] Image(Func<int, int, int> pixel) => [.. Enumerable.Range(0, 2304).Select(i => (byte)pixel(i % 48, i / 48))];

    private static FaceDataset Load(params byte[][] faces) => FaceDataset.Load(MemoryFaces.View([.. faces.Select(face => (Emotion.Sad, face))]));

    private static FaceDataset Labelled(params (Emotion Label, byte Value)[] faces) =>
        FaceDataset.Load(MemoryFaces.View([.. faces.Select(face => (face.Label, TemporaryFolder.Face(face.Value)))]));

    private static string RepositoryRoot([CallerFilePath] string path = "") => Path.Combine(path, "../../../..");
}
