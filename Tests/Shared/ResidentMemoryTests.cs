using Xunit;

namespace MlNetEmotion.Tests.Shared;

/// <summary>Alone in the process while it runs: others' memory is not to be measured.</summary>
[Collection(nameof(ResidentMemoryTests))]
[CollectionDefinition(nameof(ResidentMemoryTests), DisableParallelization = true)]
public sealed class ResidentMemoryTests
{
    [Fact]
    public void Classify_10000Faces_LeavesResidentMemoryFlat()
    {
        // A small network: what could leak belongs to a run, whatever its model. One thread: with more, most of the time goes by
        // waiting for one another.
        using var classifier = new EmotionClassifier(Fixture.Model("tiny"), new OnnxOptions { Threads = 1 });
        byte[] frame = new byte[320 * 240 * 3];
        var faces = new byte[4 * FacePreprocessor.PixelCount];
        var scores = new EmotionScores[4];
        Score(1000);

        // 20,000 runs: a native tensor that is not freed would take 10 MB in all, a face's pixels 180 MB. Heaps breathe by about 4 MB.
        AssertFlat(() => Score(10_000), 8 << 20);

        void Score(int count)
        {
            for (int i = 0; i < count; i++)
            {
                classifier.Classify(new ImageView(frame, 320, 240, PixelFormat.Bgr24), new Box(i % 100, 20, 150, 150));
                classifier.ClassifyBatch(faces, scores);
            }
        }
    }

    [Fact]
    public void LoadAndRefuse_1000Times_LeavesResidentMemoryFlat()
    {
        byte[] model = File.ReadAllBytes(Fixture.Model("tiny"));
        string wrong = Fixture.Model("rgb64");
        var face = new byte[FacePreprocessor.PixelCount];
        var score = new EmotionScores[1];
        Load(100);

        // A session that is not freed takes some 100 KB, and so 100 MB in all.
        AssertFlat(() => Load(1000), 40 << 20);

        void Load(int count)
        {
            for (int i = 0; i < count; i++)
            {
                using (var classifier = new EmotionClassifier(new MemoryStream(model)))
                {
                    classifier.ClassifyBatch(face, score);    // a run's memory is made with the first face
                }

                Assert.Throws<ModelException>(() => new EmotionClassifier(wrong));
                Assert.Throws<ModelException>(() => new EmotionClassifier(new MemoryStream(model, 0, 100)));
            }
        }
    }

    // A leak grows in every round, a heap that settles only in some.
    private static void AssertFlat(Action round, long limit)
    {
        var growth = new List<long>();
        do
        {
            long before = Environment.WorkingSet;
            round();
            growth.Add(Environment.WorkingSet - before);
        }
        while (growth[^1] > limit && growth.Count < 4);

        Assert.True(growth[^1] <= limit, $"memory grew by {string.Join(", ", growth)} bytes, more than {limit} in each round");
    }
}
