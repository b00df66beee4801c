using Xunit;

namespace MlNetEmotion.Tests.Shared;

/// <summary>Most tests here use tiny.onnx, whose logits for pixels of mean m are (0, 0, 0, m/100, 0, -m/100, 0).</summary>
public sealed class EmotionClassifierTests
{
    private const string Labels = "Angry,Disgust,Fear,Happy,Sad,Surprise,Neutral";

    [Theory]
    [InlineData(10)]
    [InlineData(100)]
    [InlineData(245)]
    public void Classify_FaceOfAMean_ScoresAsByHand(byte mean)
    {
        using var classifier = new EmotionClassifier(Fixture.Model("tiny"));

        EmotionScores scores = classifier.Classify(new ImageView(Striped(mean), 48, 48, PixelFormat.Gray8));

        AssertScores(mean, scores);
    }

    [Theory]
    [InlineData(0, 0)] // black
    [InlineData(255, 0)] // white
    [InlineData(128, 0)]
    [InlineData(20, 3)] // a lens cap: noise from 17 to 23, whose deviation is 2 · 0.87 = 1.7
    public void Classify_NothingToSee_IsUncertain(byte luma, int noise)
    {
        using var classifier = new EmotionClassifier(Fixture.Model("tiny"));
        var random = new Random(1);
        byte[] blank = [.. Enumerable.Range(0, FacePreprocessor.PixelCount).Select(_ => (byte)(luma + Math.Round(noise * ((2 * random.NextDouble()) - 1))))];

        EmotionScores scores = classifier.Classify(new ImageView(blank, 48, 48, PixelFormat.Gray8));

        Assert.Equal(EmotionScores.Uncertain, scores);
        Assert.Null(scores.TopOrUncertain(0.15f));
    }

    [Fact]
    public void Classify_FaceInTheDark_IsScored()
    {
        using var classifier = new EmotionClassifier(Fixture.Model("tiny"));
        byte[] dark = [.. Enumerable.Range(0, FacePreprocessor.PixelCount).Select(i => (byte)(i % 2 == 0 ? 5 : 10))];    // a deviation of 2.5

        AssertScores(7.5, classifier.Classify(new ImageView(dark, 48, 48, PixelFormat.Gray8)));
    }

    [Fact]
    public void Classify_BoxOutsideTheFrame_Throws()
    {
        using var classifier = new EmotionClassifier(Fixture.Model("tiny"));

        var error = Assert.Throws<ArgumentException>(() => classifier.Classify(new ImageView(Striped(80), 48, 48, PixelFormat.Gray8), new Box(48, 0, 30, 30)));

        Assert.StartsWith("a face's box must overlap the frame; the frame has 48x48 pixels, this is Box { X = 48, Y = 0, ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Classify_BoxInColourFrame_ScoresTheBox()
    {
        using var classifier = new EmotionClassifier(Fixture.Model("tiny"));
        var pixels = new byte[200 * 100 * 3];
        for (int y = 20; y < 68; y++)
        {
            pixels.AsSpan(((y * 200) + 100) * 3, 48 * 3).Fill((byte)(y % 2 == 0 ? 140 : 160));
        }

        AssertScores(150, classifier.Classify(new ImageView(pixels, 200, 100, PixelFormat.Bgr24), new Box(100, 20, 48, 48)));
    }

    [Theory]
    [InlineData("tiny", 0)]
    [InlineData("tiny", 1)]
    [InlineData("tiny", 32)]
    [InlineData("tiny", 33)]
    [InlineData("tiny", 100)]
    [InlineData("tiny-batch1", 1)]
    [InlineData("tiny-batch1", 5)]
    public void ClassifyBatch_AnyCount_ScoresEachFace(string model, int count)
    {
        using var classifier = new EmotionClassifier(Fixture.Model(model));
        byte[] faces = [.. Enumerable.Range(0, count).SelectMany(i => Striped((byte)(10 + (2 * i))))];
        var scores = new EmotionScores[count];

        classifier.ClassifyBatch(faces, scores);

        for (int i = 0; i < count; i++)
        {
            AssertScores(10 + (2 * i), scores[i]);
        }
    }

    [Fact]
    public void ClassifyBatch_OtherLengths_Throws()
    {
        using var classifier = new EmotionClassifier(Fixture.Model("tiny"));

        var error = Assert.Throws<ArgumentException>(() => classifier.ClassifyBatch(new byte[2304], new EmotionScores[2]));

        Assert.StartsWith("2 faces take 4608 pixels, got 2304", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_FileStreamAndOptions_ScoreTheSame()
    {
        using FileStream file = File.OpenRead(Fixture.Model("tiny"));
        using var classifier = new EmotionClassifier(file, new OnnxOptions { Threads = 1 });

        AssertScores(80, classifier.Classify(new ImageView(Striped(80), 48, 48, PixelFormat.Gray8)));
    }

    [Fact]
    public void Load_Bytes_ScoresTheSame()
    {
        using var classifier = new EmotionClassifier(File.ReadAllBytes(Fixture.Model("tiny")));

        AssertScores(80, classifier.Classify(new ImageView(Striped(80), 48, 48, PixelFormat.Gray8)));
        Assert.StartsWith("model: not an ONNX model", Assert.Throws<ModelException>(() => new EmotionClassifier([1, 2, 3])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_Head_IsOneThatTheModelHas()
    {
        string path = Fixture.Model("tiny");
        using var classifier = new EmotionClassifier(path, head: EmotionHead.Default);

        Assert.False(classifier.HasLabelHead);
        Assert.StartsWith(
            $"{path}: output 'probabilities', expected 'labels'; ",
            Assert.Throws<ModelException>(() => new EmotionClassifier(path, head: EmotionHead.Labels)).Message, StringComparison.Ordinal);
        Assert.Equal("head", Assert.Throws<ArgumentOutOfRangeException>(() => new EmotionClassifier(path, head: (EmotionHead)2)).ParamName);
    }

    [Fact]
    public void Metadata_OfAModel_IsRead()
    {
        using var classifier = new EmotionClassifier(Fixture.Model("tiny"));

        Assert.Equal(Emotions.Labels, classifier.Metadata.Labels);
        Assert.Equal("tiny", classifier.Metadata.Network);
        Assert.Equal("none: made by hand", classifier.Metadata.TrainingData);
        Assert.Equal(0.5, classifier.Metadata.Figures["validationAccuracy"]);
        Assert.Equal("0.1.0", classifier.Metadata.Version);
    }

    [Theory]
    [InlineData("rgb64", "input 'image' is [1, 3, 64, 64], expected [N, 1, 48, 48]")]
    [InlineData("batch4", "input 'image' is [4, 1, 48, 48], expected [N, 1, 48, 48]")]
    [InlineData("labels8", "output 'probabilities' is [N, 8], expected [N, 7]")]
    [InlineData("uint8-input", "input 'image' is UInt8, expected Float32")]
    [InlineData("input-name", "input 'x', expected 'image'")]
    [InlineData("output-name", "output 'y', expected 'probabilities'")]
    [InlineData("two-in-two-out", "2 inputs, expected only 'image'")]
    [InlineData("no-metadata", "metadata 'labels' is missing, expected '" + Labels + "'")]
    [InlineData(
        "label-order",
        "metadata 'labels' is 'Happy,Disgust,Fear,Angry,Sad,Surprise,Neutral', expected '" + Labels + "'")]
    [InlineData(
        "input-range",
        "metadata 'input' is 'float32 [N, 1, 48, 48], gray, 0 to 1', expected 'float32 [N, 1, 48, 48], gray (BT.601 luma), 0 to 255'")]
    [InlineData("bad-figures", "metadata 'figures' is 'good', expected a JSON object of numbers")]
    public void Load_ModelThatDoesNotFit_SaysWhatWasExpectedAndFound(string model, string problem)
    {
        string path = Fixture.Model(model);

        var error = Assert.Throws<ModelException>(() => new EmotionClassifier(path));

        Assert.Equal($"{path}: {problem}; export it again with 'Trainer export', or wrap another system's model with 'Trainer adopt'.", error.Message);
    }

    [Fact]
    public void Load_DamagedOrMissingFile_SaysWhich()
    {
        byte[] model = File.ReadAllBytes(Fixture.Model("tiny"));
        using var truncated = new TemporaryFile(model.AsSpan(0, 200));

        var damaged = Assert.Throws<ModelException>(() => new EmotionClassifier(truncated.Path));
        Assert.StartsWith($"{truncated.Path}: not an ONNX model", damaged.Message, StringComparison.Ordinal);
        var empty = Assert.Throws<ModelException>(() => new EmotionClassifier(Stream.Null));
        Assert.StartsWith("model: not an ONNX model", empty.Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => new EmotionClassifier("nowhere.onnx"));
    }

    [Fact]
    public void Classify_ModelThatGivesNaN_SaysSo()
    {
        using var classifier = new EmotionClassifier(Fixture.Model("nan"));

        var error = Assert.Throws<ModelException>(() => classifier.Classify(new ImageView(Striped(10), 48, 48, PixelFormat.Gray8)));

        Assert.Contains("the probability of Angry is NaN", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Classify_ManyThreads_KeepsTheirFacesApart()
    {
        using var classifier = new EmotionClassifier(Fixture.Model("tiny"));

        Parallel.For(0, 1000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
            AssertScores(10 + (i % 236), classifier.Classify(new ImageView(Striped((byte)(10 + (i % 236))), 48, 48, PixelFormat.Gray8))));
    }

    [Fact]
    public void Classify_Again_AllocatesNothing()
    {
        using var classifier = new EmotionClassifier(Fixture.Model("tiny"));
        byte[] face = Striped(90);
        byte[] faces = [.. face, .. face, .. face];
        var scores = new EmotionScores[3];
        Classify();
        var rounds = new long[5];

        for (int round = 0; round < rounds.Length; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 20; i++)
            {
                Classify();
            }

            rounds[round] = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        // A garbage collection may take a rented array from its pool, which then makes a new one; what a call allocates is in every round.
        Assert.Equal(0, rounds.Min());

        void Classify()
        {
            classifier.Classify(new ImageView(face, 48, 48, PixelFormat.Gray8));
            classifier.ClassifyBatch(faces, scores);
        }
    }

    [Fact]
    public void Dispose_WhileOthersClassify_LetsThemFinishAndTakesNoMore()
    {
        var classifier = new EmotionClassifier(Fixture.Model("tiny"));
        byte[] faces = [.. Enumerable.Range(0, 32).SelectMany(i => Striped((byte)(10 + i)))];
        int finished = 0;
        int refused = 0;
        bool disposed = false;

        Parallel.For(0, 8, i =>
        {
            var scores = new EmotionScores[32];
            for (int run = 0; run < 200; run++)
            {
                bool begunAfterDisposal = Volatile.Read(ref disposed);
                try
                {
                    classifier.ClassifyBatch(faces, scores);
                    AssertScores(41, scores[31]);
                    Assert.False(begunAfterDisposal, "a disposed classifier answered");
                }
                catch (ObjectDisposedException)
                {
                    Interlocked.Increment(ref refused);
                }

                if (Interlocked.Increment(ref finished) == 50)
                {
                    classifier.Dispose();
                    Volatile.Write(ref disposed, true);
                }
            }
        });

        Assert.InRange(refused, 1, (8 * 200) - 50);
    }

    [Fact]
    public void Classify_AfterDispose_Throws()
    {
        var classifier = new EmotionClassifier(Fixture.Model("tiny"));
        classifier.Dispose();

        Assert.Throws<ObjectDisposedException>(() => classifier.Classify(new ImageView(Striped(10), 48, 48, PixelFormat.Gray8)));
    }

    [Fact]
    public void LoadDefault_ModelInside_GivesProbabilities()
    {
        Assert.SkipUnless(EmotionClassifier.HasDefaultModel, "onnx/emotion.onnx was missing when MlNetEmotion was built");
        using var classifier = EmotionClassifier.LoadDefault();

        EmotionScores scores = classifier.Classify(new ImageView(Striped(128), 48, 48, PixelFormat.Gray8));

        Assert.Equal(1, Enum.GetValues<Emotion>().Sum(emotion => scores[emotion]), 1e-4f);
    }

    [Fact]
    public void LoadDefault_NoModelInside_SaysWhatToDo()
    {
        Assert.SkipWhen(EmotionClassifier.HasDefaultModel, "this build has a default model inside");

        var error = Assert.Throws<FileNotFoundException>(() => EmotionClassifier.LoadDefault());

        Assert.Contains("dotnet run --project Trainer", error.Message, StringComparison.Ordinal);
    }

    // From 10 to 245: something to see, whose mean is exact.
    private static byte[] Striped(byte mean) => [.. Enumerable.Range(0, FacePreprocessor.PixelCount).Select(i => (byte)(i % 2 == 0 ? mean - 10 : mean + 10))];

    // float32 means of 2304 pixels and exponentials round at about 1e-6.
    private static void AssertScores(double mean, EmotionScores scores)
    {
        double up = Math.Exp(mean / 100), down = Math.Exp(-mean / 100), total = 5 + up + down;
        Assert.Equal(up / total, scores[Emotion.Happy], 1e-5);
        Assert.Equal(down / total, scores[Emotion.Surprise], 1e-5);
        Assert.Equal(1 / total, scores[Emotion.Angry], 1e-5);
        Assert.Equal(1 / total, scores[Emotion.Neutral], 1e-5);
    }
}
