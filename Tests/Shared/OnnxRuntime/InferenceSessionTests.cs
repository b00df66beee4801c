using MlNetEmotion.Native;
using MlNetEmotion.OnnxRuntime;
using Xunit;

namespace MlNetEmotion.Tests.Shared.OnnxRuntime;

public sealed class InferenceSessionTests
{
    private static readonly string TwoInTwoOut = Fixture.Model("two-in-two-out");

    [Fact]
    public void Load_Model_TellsItsInputsAndOutputs()
    {
        using var session = new InferenceSession(TwoInTwoOut);

        Assert.Equal(["a", "b"], session.Inputs.Select(tensor => tensor.Name));
        Assert.Equal(["sum", "product"], session.Outputs.Select(tensor => tensor.Name));
        Assert.All(session.Inputs.Concat(session.Outputs), tensor => Assert.Equal(TensorElementType.Float32, tensor.ElementType));
        Assert.Equal([-1, 3], session.Inputs[0].Shape);
        Assert.Equal([3], session.Inputs[1].Shape);
        Assert.Equal("[N, 3]", session.Inputs[0].ShapeText);
    }

    [Fact]
    public void Load_Model_ReadsItsMetadataAsUtf8()
    {
        using var session = new InferenceSession(TwoInTwoOut);

        Assert.Equal(2, session.Metadata.Count);
        Assert.Equal("naïve ☺", session.Metadata["Grüße"]);
        Assert.Equal("", session.Metadata["empty"]);
    }

    [Fact]
    public void Run_TensorsInAnyOrder_GivesEveryOutput()
    {
        using var session = new InferenceSession(TwoInTwoOut);

        var outputs = session.Run(
            new FloatTensor("b", new float[] { 10, 20, 30 }, [3]),
            new FloatTensor("a", new float[] { 1, 2, 3, 4, 5, 6 }, [2, 3]));

        Assert.Equal(["sum", "product"], outputs.Select(output => output.Name));
        Assert.All(outputs, output => Assert.Equal([2, 3], output.Shape));
        Assert.Equal([11, 22, 33, 14, 25, 36], outputs[0].Values.ToArray());
        Assert.Equal([10, 40, 90, 40, 100, 180], outputs[1].Values.ToArray());
    }

    [Fact]
    public void Run_CallersMemory_FillsIt()
    {
        using var session = new InferenceSession(Fixture.Model("tiny"));
        float[] images = [.. Enumerable.Repeat(0f, 2304), .. Enumerable.Repeat(200f, 2304)];
        var probabilities = new float[14];

        session.Run("image", images, [2, 1, 48, 48], "probabilities", probabilities, [2, 7]);

        Assert.All(probabilities[..7], probability => Assert.Equal(1 / 7f, probability, 1e-6f));
        double total = 5 + Math.Exp(2) + Math.Exp(-2); // logits 0, 0, 0, 2, 0, -2, 0
        Assert.Equal(1 / total, probabilities[7], 1e-6);
        Assert.Equal(Math.Exp(2) / total, probabilities[10], 1e-6);
        Assert.Equal(Math.Exp(-2) / total, probabilities[12], 1e-6);
    }

    [Fact]
    public void Run_Buffers_FillsThemAgainAndAgain()
    {
        using var session = new InferenceSession(Fixture.Model("tiny"));
        var image = new TensorBuffer("image", 1, 1, 48, 48);
        var probabilities = new TensorBuffer("probabilities", 1, 7);
        session.Run(image, probabilities);
        Assert.All(probabilities.Values.ToArray(), probability => Assert.Equal(1 / 7f, probability, 1e-6f));

        image.Values.Fill(200);
        session.Run(image, probabilities);

        double total = 5 + Math.Exp(2) + Math.Exp(-2); // logits 0, 0, 0, 2, 0, -2, 0
        Assert.Equal(Math.Exp(2) / total, probabilities.Values[3], 1e-6);
    }

    [Fact]
    public void Run_BufferOfAnotherShape_Throws()
    {
        using var session = new InferenceSession(Fixture.Model("tiny"));

        Assert.Throws<NativeException>(() => session.Run(new TensorBuffer("image", 1, 1, 48, 48), new TensorBuffer("probabilities", 1, 8)));
        Assert.Throws<ArgumentException>(() => session.Run(new TensorBuffer("image", 1, 1, 48, 48), new TensorBuffer("other", 1, 7)));
    }

    [Theory]
    [InlineData(1, false, GraphOptimizationLevel.None)]
    [InlineData(0, true, GraphOptimizationLevel.Basic)]
    [InlineData(3, false, GraphOptimizationLevel.Extended)]
    public void Run_AnyOptions_GivesTheSame(int threads, bool spinning, GraphOptimizationLevel optimization)
    {
        var options = new SessionOptions { IntraOpThreads = threads, Spinning = spinning, GraphOptimization = optimization };
        using var session = new InferenceSession(TwoInTwoOut, options);

        var outputs = session.Run(new FloatTensor("a", new float[] { 1, 2, 3 }, [1, 3]), new FloatTensor("b", new float[] { 4, 5, 6 }, [3]));

        Assert.Equal([5, 7, 9], outputs[0].Values.ToArray());
    }

    [Fact]
    public void Options_NegativeThreads_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SessionOptions { IntraOpThreads = -1 });

    [Fact]
    public void Run_UnknownName_NamesThoseThatExist()
    {
        using var session = new InferenceSession(TwoInTwoOut);

        var error = Assert.Throws<ArgumentException>(() => session.Run(new FloatTensor("c", new float[3], [3])));

        Assert.StartsWith("the model has no 'c', but 'a', 'b'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_TooFewValues_SaysHowManyAreNeeded()
    {
        using var session = new InferenceSession(TwoInTwoOut);

        var error = Assert.Throws<ArgumentException>(() => session.Run(new FloatTensor("a", new float[5], [2, 3])));

        Assert.StartsWith("'a' of shape [2, 3] takes 6 values, got 5", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_OtherShapeThanTheModels_ThrowsWhatOnnxRuntimeSays()
    {
        using var session = new InferenceSession(Fixture.Model("tiny"));

        var error = Assert.Throws<NativeException>(() =>
            session.Run("image", new float[4096], [1, 1, 64, 64], "probabilities", new float[7], [1, 7]));

        Assert.Equal("OrtApi.Run", error.Operation);
        Assert.Contains("invalid dimensions", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_OtherOutputShapeThanTheModels_Throws()
    {
        using var session = new InferenceSession(Fixture.Model("tiny"));

        Assert.Throws<NativeException>(() =>
            session.Run("image", new float[2304], [1, 1, 48, 48], "probabilities", new float[14], [2, 7]));
    }

    [Fact]
    public void Run_MissingInput_Throws()
    {
        using var session = new InferenceSession(TwoInTwoOut);

        Assert.Throws<NativeException>(() => session.Run(new FloatTensor("a", new float[3], [1, 3])));
    }

    [Fact]
    public void Run_OutputThatIsNotFloat_SaysSo()
    {
        using var session = new InferenceSession(Fixture.Model("int64-output"));

        var error = Assert.Throws<ModelException>(() => session.Run(new FloatTensor("x", new float[3], [1, 3])));

        Assert.Equal("output 'index' is Int64, expected Float32", error.Message);
    }

    [Fact]
    public void Load_MissingFile_SaysWhich()
    {
        var error = Assert.Throws<FileNotFoundException>(() => new InferenceSession("nowhere/emotion.onnx"));

        Assert.Equal("nowhere/emotion.onnx", error.FileName);
        Assert.Contains("nowhere/emotion.onnx", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_NotOnnx_SaysWhichFile()
    {
        using var text = new TemporaryFile("This is not a model."u8);
        using var empty = new TemporaryFile([]);
        byte[] model = File.ReadAllBytes(TwoInTwoOut);
        using var truncated = new TemporaryFile(model.AsSpan(0, model.Length / 2));

        foreach (string path in new[] { text.Path, empty.Path, truncated.Path })
        {
            var error = Assert.Throws<ModelException>(() => new InferenceSession(path));
            Assert.StartsWith($"{path}: not an ONNX model", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Run_ManyThreads_KeepsTheirTensorsApart()
    {
        using var session = new InferenceSession(TwoInTwoOut);

        Parallel.For(0, 2000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            var outputs = session.Run(new FloatTensor("a", new float[] { i, i, i }, [1, 3]), new FloatTensor("b", new float[] { 1, 2, 3 }, [3]));
            Assert.Equal([i + 1, i + 2, i + 3], outputs[0].Values.ToArray());
        });
    }

    [Fact]
    public void Dispose_WhileOthersRun_LetsThemFinishAndTakesNoMore()
    {
        var session = new InferenceSession(TwoInTwoOut);
        var a = new FloatTensor("a", new float[30000], [10000, 3]);
        var b = new FloatTensor("b", new float[3], [3]);
        int finished = 0;
        int refused = 0;
        bool disposed = false;

        Parallel.For(0, 8, i =>
        {
            for (int run = 0; run < 200; run++)
            {
                bool begunAfterDisposal = Volatile.Read(ref disposed);
                try
                {
                    Assert.Equal(30000, session.Run(a, b)[0].Values.Length);
                    Assert.False(begunAfterDisposal, "a disposed session ran");
                }
                catch (ObjectDisposedException)
                {
                    Interlocked.Increment(ref refused);
                }

                if (Interlocked.Increment(ref finished) == 50)
                {
                    session.Dispose();
                    Volatile.Write(ref disposed, true);
                }
            }
        });

        Assert.InRange(refused, 1, (8 * 200) - 50);
    }
}
