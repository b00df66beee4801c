using MlNetEmotion.Programs.Samples;
using MlNetEmotion.Tests.Trainer.Data;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Reports;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Reports;

public sealed class FaceChoiceTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void From_ManyFaces_ChoosesSomeOfEachWantedClassAndDecodesOnlyThose()
    {
        int decoded = 0;
        FaceDataView view = View(() => decoded++);
        ILookup<Emotion, byte[]> chosen = new FaceChoice([Emotion.Fear, Emotion.Sad], count: 3, seed: 1).From(view, TextWriter.Null, Stop);
        Assert.Equal([Emotion.Fear, Emotion.Sad], chosen.Select(group => group.Key).Order());
        Assert.All(chosen, group => Assert.Equal(3, group.DistinctBy(face => face[0]).Count()));
        Assert.All(chosen, group => Assert.All(group, face => Assert.Equal((int)group.Key, face[0] % 7)));
        Assert.Equal(6, decoded);
    }

    [Fact]
    public void From_FewerFacesThanWanted_GivesThemAll() =>
        Assert.Equal(30, new FaceChoice([Emotion.Happy], count: 100, seed: 1).From(View(() => { }), TextWriter.Null, Stop)[Emotion.Happy].Count());

    [Fact]
    public void From_SameSeed_ChoosesTheSame_OtherSeed_Others()
    {
        Assert.Equal(Chosen(seed: 5), Chosen(seed: 5));
        Assert.NotEqual(Chosen(seed: 5), Chosen(seed: 6));

        static byte[] Chosen(ulong seed) =>
            [.. new FaceChoice([Emotion.Happy], count: 5, seed).From(View(() => { }), TextWriter.Null, Stop)[Emotion.Happy].Select(face => face[0])];
    }

    [Fact]
    public void From_AnyFace_HasTheSameChance()
    {
        // Five of thirty under 600 seeds: each face is expected 100 times, with a standard deviation of sqrt(600 * 5/30 * 25/30) = 9.1.
        var counts = new int[210];
        for (ulong seed = 0; seed < 600; seed++)
        {
            foreach (byte[] face in new FaceChoice([Emotion.Happy], count: 5, seed).From(View(() => { }), TextWriter.Null, Stop)[Emotion.Happy])
            {
                counts[face[0]]++;
            }
        }

        Assert.All(counts.Where((_, i) => i % 7 == (int)Emotion.Happy), count => Assert.InRange(count, 100 - 46, 100 + 46));
    }

    [Fact]
    public void From_UnreadableImage_IsNamedAndLeftOut()
    {
        using var folder = new TemporaryFolder();
        folder.WritePgm("happy/good.pgm", TemporaryFolder.Face(9));
        folder.Write("happy/bad.png", "no image");
        var notices = new StringWriter();
        ILookup<Emotion, byte[]> chosen =
            new FaceChoice([Emotion.Happy], count: 5, seed: 1).From(FaceSource.Open(folder.Root), notices, Stop);
        Assert.Equal(TemporaryFolder.Face(9), Assert.Single(chosen[Emotion.Happy]));
        Assert.Contains("bad.png", notices.ToString());
    }

    [Fact]
    public void From_NoSuchFace_Throws() => Assert.Throws<InvalidDataException>(() =>
        new FaceChoice([Emotion.Happy], count: 5, seed: 1).From(MemoryFaces.View((Emotion.Sad, new byte[2304])), TextWriter.Null, Stop));

    [Fact]
    public void Generated_Seed_GivesTheSampleFacesOfThatSeed()
    {
        ILookup<Emotion, byte[]> faces = new FaceChoice([Emotion.Sad], count: 2, seed: 3).Generated();
        Assert.Equal([SampleFaces.Draw(3, (int)Emotion.Sad), SampleFaces.Draw(3, 7 + (int)Emotion.Sad)], faces[Emotion.Sad]);
    }

    /// <summary>Thirty faces of each class, all pixels of a face its index; the class is the index modulo 7.</summary>
    private static FaceDataView View(Action decoding) =>
        MemoryFaces.View(decoding, [.. Enumerable.Range(0, 210).Select(i => ((Emotion)(i % 7), Enumerable.Repeat((byte)i, 2304).ToArray()))]);
}
