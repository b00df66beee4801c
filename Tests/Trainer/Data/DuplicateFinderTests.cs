using System.Runtime.CompilerServices;
using MlNetEmotion.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Data;

public sealed class DuplicateFinderTests
{
    [Fact]
    public void Shared_FacesOfBoth_AreFound()
    {
        FaceDataset validation = Load((Emotion.Sad, 1), (Emotion.Sad, 2), (Emotion.Sad, 3), (Emotion.Sad, 2));
        FaceDataset train = Load((Emotion.Happy, 2), (Emotion.Sad, 9), (Emotion.Sad, 1));

        Assert.Equal([0, 1, 3], DuplicateFinder.Shared(validation, train));
    }

    [Fact]
    public void Groups_RepeatedFaces_AreFound()
    {
        FaceDataset dataset = Load((Emotion.Sad, 1), (Emotion.Sad, 2), (Emotion.Sad, 1), (Emotion.Fear, 3), (Emotion.Happy, 2), (Emotion.Sad, 1));

        Assert.Equal([[0, 2, 5], [1, 4]], DuplicateFinder.Groups(dataset));
        Assert.Equal([[1, 4]], DuplicateFinder.ConflictingGroups(dataset));
    }

    [Fact]
    public void Blank_FacesOfOneValue_AreFound()
    {
        byte[] blank = [.. Enumerable.Repeat((byte)7, 2304)];
        FaceDataset dataset = FaceDataset.Load(new MemoryView((Emotion.Sad, TemporaryFolder.Face(7)), (Emotion.Sad, blank)));

        Assert.Equal([1], DuplicateFinder.Blank(dataset));
    }

    [Fact]
    public void Fer2013_Duplicates_AreThoseThatOtherProgramsFind()
    {
        // The expected numbers come from comparing the same files decoded by Python's OpenCV, and correlating them in NumPy.
        string folder = Path.GetFullPath(Path.Combine(RepositoryRoot(), "..", "shared", "data", "fer2013"));
        Assert.SkipUnless(Directory.Exists(folder), $"no FER2013 in {folder}");

        TrainingData data = FaceSource.Open(folder).LoadTraining(null, 0.1, seed: 1, new LoadOptions { Strict = true });

        Assert.Equal((28709, 3589), (data.Train.Count, data.Validation.Count));
        Assert.Equal([3995, 436, 4097, 7215, 4830, 3171, 4965], data.Train.ClassCounts);
        Assert.Equal(280, DuplicateFinder.Shared(data.Validation, data.Train).Count);
        Assert.Equal(538, TwinFinder.Shared(data.Validation, data.Train).Count);
        Assert.Equal(1035, DuplicateFinder.Groups(data.Train).Count);
        Assert.Equal(39, DuplicateFinder.ConflictingGroups(data.Train).Count);
        Assert.Equal(11, DuplicateFinder.Blank(data.Train).Count);
    }

    private static FaceDataset Load(params (Emotion Label, byte Value)[] faces) =>
        FaceDataset.Load(new MemoryView([.. faces.Select(face => (face.Label, TemporaryFolder.Face(face.Value)))]));

    private static string RepositoryRoot([CallerFilePath] string path = "") => Path.Combine(path, "../../../..");
}
