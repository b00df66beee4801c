using Microsoft.ML;
using MlNetEmotion.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Data;

/// <summary>Which image a line of votes is for.</summary>
public sealed class VotedFacesTests : IDisposable
{
    private const string Header = "file,angry,disgust,fear,happy,sad,surprise,neutral\n";
    private readonly TemporaryFolder folder = new();
    private byte pixel;

    private string Root => Path.Combine(folder.Root, "faces");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Load_NameOfSeveralImages_IsNoImagesAndWarnedOfWithNumbers()
    {
        Write("happy/im0.pgm", "happy/im1.pgm", "happy/own.pgm", "sad/im0.pgm", "sad/im1.pgm");
        string votes = Votes("im0.pgm,9", "im1.pgm,8", "own.pgm,7");

        FaceDataset faces = Load(votes);

        Assert.Equal([null, null, 7, null, null], Angry(faces));
        Assert.Equal(
            [
                $"{Root}: 2 names fit several images each in {votes}, the first, 'im0.pgm', {folder.At("faces/happy/im0.pgm")} and {folder.At("faces/sad/im0.pgm")}: whose votes these are is not known, "
                    + "so none of the 4 images gets them; write paths instead, such as 'happy/im0.pgm'",
                $"{Root}: votes for 1 of 5 images; the others are left out of the figures by votes",
            ],
            OfVotes(faces));
    }

    [Theory]
    [InlineData("happy/im0.pgm", "sad/im0.pgm")]
    [InlineData(@"happy\im0.pgm", @".\sad\im0.pgm")]
    [InlineData("faces/happy/im0.pgm", "sad//im0.pgm")]
    [InlineData("./happy/im0.pgm", "/faces/sad/im0.pgm")]
    public void Load_PathsOfAFolderAbove_TellImagesOfOneNameApart(string first, string second)
    {
        Write("happy/im0.pgm", "sad/im0.pgm");

        FaceDataset faces = Load(Votes($"{first},3", $"{second},4"));

        Assert.Equal([3, 4], Angry(faces));
        Assert.Empty(OfVotes(faces));
    }

    [Fact]
    public void Load_PathWithAnotherFolder_FitsNoImageOfThatName()
    {
        Write("happy/im0.pgm", "sad/im1.pgm");

        Assert.Equal([null, 1], Angry(Load(Votes("sad/im0.pgm,9", "y/im1.pgm,9", "im1.pgm,1", "appy/im0.pgm,9"))));
    }

    [Fact]
    public void Load_SeveralNamesFit_TheLongestCountsAndTheOthersAreWarnedOf()
    {
        Write("happy/im0.pgm", "sad/im0.pgm", "sad/im1.pgm");
        string votes = Votes("im1.pgm,1", "sad/im1.pgm,2", "im0.pgm,3", "sad/im0.pgm,4");

        FaceDataset faces = Load(votes);

        // The bare name fits two images, though one of them has a longer one.
        Assert.Equal([null, 4, 2], Angry(faces));
        Assert.Equal(
            [
                $"{Root}: 1 name fits several images each in {votes}, the first, 'im0.pgm', {folder.At("faces/happy/im0.pgm")} and {folder.At("faces/sad/im0.pgm")}: whose votes these are is not known, "
                    + "so no image gets them; write paths instead, such as 'happy/im0.pgm'",
                $"{votes}: 1 name has no effect, the first, 'im1.pgm' on line 2, since 'sad/im1.pgm' fits the same image and is longer; leave one of them out",
                $"{Root}: votes for 2 of 3 images; the others are left out of the figures by votes",
            ],
            OfVotes(faces));
    }

    [Fact]
    public void Load_NameOnSeveralLines_IsNoImagesAndWarnedOfWithNumbers()
    {
        Write("happy/im0.pgm", "happy/im1.pgm", "sad/im2.pgm");
        string votes = Votes("im0.pgm,1", "sad/im2.pgm,2", "im1.pgm,3", "im0.pgm,1", @"sad\im2.pgm,5", "im0.pgm,1");

        FaceDataset faces = Load(votes);

        Assert.Equal([null, 3, null], Angry(faces));
        Assert.Equal(
            [
                $"{votes}: 2 names stand on several lines, the first, 'im0.pgm', on 2 and 5: which votes count is not known, so no image gets them; "
                    + "write one line for each image, with the sums of its votes, and paths where two images share a name",
                $"{Root}: votes for 1 of 3 images; the others are left out of the figures by votes",
            ],
            OfVotes(faces));
    }

    [Theory]
    [InlineData("other.pgm,9")]
    [InlineData("im0.pgm,9")] // two images
    [InlineData("happy/im0.pgm,9", "happy/im0.pgm,9", "sad/im0.pgm,9", "sad/im0.pgm,9")]
    [InlineData("happy/im0.pgm,0")] // contempt, perhaps
    public void Load_VotesOnNoImage_AreRefused(params string[] lines)
    {
        Write("happy/im0.pgm", "sad/im0.pgm");
        string votes = Votes(lines);

        Assert.StartsWith(
            $"{votes}: votes on none of the images; they are found by file name or by a path's end, and the first is '{folder.At("faces/happy/im0.pgm")}'",
            Assert.Throws<InvalidDataException>(() => Load(votes)).Message, StringComparison.Ordinal);
        Assert.StartsWith(
            $"{votes}: votes on none of the training images; ",
            Assert.Throws<InvalidDataException>(() => TrainingData.Load(FaceSource.Open(Root), FaceSource.Open(Root), options: new LoadOptions { Votes = [votes] })).Message,
            StringComparison.Ordinal);
    }

    // The line may be for the image of either split: so no image gets it, whichever split is looked at.
    [Fact]
    public void LoadSplit_NameOfAnImageInAnotherSplit_IsNoImages()
    {
        Write("train/happy/im0.pgm", "train/happy/im1.pgm", "validation/happy/im0.pgm", "validation/happy/im2.pgm");
        LoadOptions options = new() { Votes = [Votes("im0.pgm,1", "im1.pgm,2", "im2.pgm,3")] };

        Assert.Equal([null, 3], Angry(FaceSource.Open(Root).LoadSplit(Split.Validation, options)));
        Assert.Equal([null, 3], Angry(FaceSource.Open(Root).Only(Split.Validation).LoadSplit(Split.Validation, options)));
        Assert.Equal([null, 2], Angry(FaceSource.Open(Root).LoadSplit(Split.Train, options)));
        TrainingData data = TrainingData.Load(FaceSource.Open(Root), options: options);
        Assert.Equal([[null, 2], [null, 3]], new[] { data.Train, data.Validation }.Select(Angry));
    }

    [Fact]
    public void LoadTraining_PartlyMatched_SaysHowManyOfEachPart()
    {
        Write("train/happy/a.pgm", "train/happy/b.pgm", "validation/happy/c.pgm", "validation/happy/d.pgm", "validation/happy/e.pgm", "test/happy/f.pgm");

        TrainingData data = TrainingData.Load(FaceSource.Open(Root), options: new LoadOptions { Votes = [Votes("a.pgm,1", "e.pgm,2")] });

        Assert.Equal(
            [
                $"{Root}: votes for 1 of 2 training images; the others learn from their label",
                $"{Root}: votes for 1 of 3 validation images; the others count by their label",
            ],
            data.Warnings());
    }

    // One votes file for two folders, in both of which a name stands; the same image in both is one.
    [Fact]
    public void LoadTraining_SeparateValidation_CountsAmongTheImagesOfAName()
    {
        Write("happy/im0.pgm", "happy/im1.pgm", "happy/im2.pgm");
        folder.WritePgm("more/happy/im0.pgm", TemporaryFolder.Face(100));
        LoadOptions options = new() { Votes = [Votes("im0.pgm,1", "im1.pgm,2", "more/happy/im0.pgm,4")] };

        TrainingData apart = TrainingData.Load(FaceSource.Open(Root), FaceSource.Open(Path.Combine(folder.Root, "more")), options: options);
        Assert.Equal([[null, 2, null], [4]], new[] { apart.Train, apart.Validation }.Select(Angry));

        TrainingData same = TrainingData.Load(FaceSource.Open(Root), FaceSource.Open(Path.Combine(folder.Root, "more", "..", "faces")), options: options);
        Assert.Equal([[1, 2, null], [1, 2, null]], new[] { same.Train, same.Validation }.Select(Angry));
    }

    // 1,200 images, votes on the first thousand.
    [Fact]
    public void Load_ManyImages_AreCountedInThousands()
    {
        for (int i = 0; i < 1200; i++)
        {
            Write($"happy/{i}.pgm");
        }

        FaceDataset faces = Load(Votes([.. Enumerable.Range(0, 1000).Select(i => $"{i}.pgm,1")]));

        Assert.Equal([$"{Root}: votes for 1,000 of 1,200 images; the others are left out of the figures by votes"], OfVotes(faces));
    }

    [Fact]
    public void Load_FerCsv_FindsFacesByFileAndLine()
    {
        string pixels = string.Join(' ', new int[2304]);
        folder.Write("faces/fer.csv", $"emotion,pixels,Usage\n0,{pixels},Training\n0,{pixels},Training\n0,{pixels},PublicTest\n");
        string fer = Path.Combine(Root, "fer.csv");

        FaceDataset faces = FaceDataset.Load(FaceSource.Open(fer), new LoadOptions { Votes = [Votes("fer.csv:2,5", "faces/fer.csv:4,6", "fer.csv,7")] });

        Assert.Equal([5, null, 6], Angry(faces));
    }

    // Rows of a program, whose names are not unique.
    [Fact]
    public void Load_RowsOfOneName_AreSeveralImagesUnlessTheyAreTheSame()
    {
        var ml = new MLContext();
        Row[] rows = [new("a", 1, 4), new("a", 2, 4), new("b", 3, 4), new("b", 3, 4), new("c", 5, 4), new("c", 5, 5)];
        IDataView view = ml.Transforms.MapEmotionToKey("Label", "Number").Fit(ml.Data.LoadFromEnumerable(rows)).Transform(ml.Data.LoadFromEnumerable(rows));

        FaceDataset faces = FaceDataset.Load(view, new LoadOptions { Votes = [Votes("a,1", "b,2", "c,3")] });

        Assert.Equal([null, null, 2, 2, null, null], Angry(faces));
    }

    private static IEnumerable<int?> Angry(FaceDataset faces) => (faces.Votes ?? new Votes?[faces.Count]).Select(votes => votes?.Classes[0]);

    private static IEnumerable<string> OfVotes(FaceDataset faces) => faces.Warnings.Where(warning => !warning.Contains("no image of class", StringComparison.Ordinal));

    private FaceDataset Load(string votes) => FaceDataset.Load(FaceSource.Open(Root), new LoadOptions { Votes = [votes] });

    // Lines of a name and of votes for Angry.
    private string Votes(params string[] lines) => folder.Write("votes.csv", Header + string.Concat(lines.Select(line => $"{line},0,0,0,0,0,0\n")));

    private void Write(params string[] names)
    {
        foreach (string name in names)
        {
            folder.WritePgm($"faces/{name}", TemporaryFolder.Face(pixel++));
        }
    }

    private sealed class Row(string source, float pixel, int number)
    {
        [Microsoft.ML.Data.VectorType(1, 48, 48)]
        public float[] Face { get; set; } = [pixel, .. new float[2303]];

        public int Number { get; set; } = number;

        public string Source { get; set; } = source;
    }
}
