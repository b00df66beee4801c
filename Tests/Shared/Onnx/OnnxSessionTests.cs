using Microsoft.ML.OnnxRuntime;
using MlNetEmotion.Onnx;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Onnx;

public sealed class OnnxSessionTests
{
    private static readonly string TwoInTwoOut = Fixture.Model("two-in-two-out");

    [Theory]
    [InlineData(1, false)]
    [InlineData(null, true)]
    public void Load_AnyOptions_ComputesTheSame(int? threads, bool spinning)
    {
        using InferenceSession session = OnnxSession.Load(TwoInTwoOut, new OnnxOptions { Threads = threads, Spinning = spinning });
        using var a = OrtValue.CreateTensorValueFromMemory(new float[] { 1, 2, 3 }, [1, 3]);
        using var b = OrtValue.CreateTensorValueFromMemory(new float[] { 4, 5, 6 }, [3]);
        using var options = new RunOptions();

        using var outputs = session.Run(options, ["a", "b"], [a, b], ["sum"]);

        Assert.Equal([5, 7, 9], outputs[0].GetTensorDataAsSpan<float>().ToArray());
    }

    [Fact]
    public void Load_Configure_ReachesOnnxRuntimesOwnOptions()
    {
        // Profiling is what leaves a visible trace.
        string prefix = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        string file;
        using (InferenceSession session = OnnxSession.Load(
            TwoInTwoOut, new OnnxOptions { Configure = options => (options.ProfileOutputPathPrefix, options.EnableProfiling) = (prefix, true) }))
        {
            file = session.EndProfiling();
        }

        Assert.StartsWith(prefix, file, StringComparison.Ordinal);
        File.Delete(file);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(3)]
    public void Load_Threads_AreThoseOfTheOptionsOrAllProcessors(int? threads)
    {
        int found = 0;
        using InferenceSession session = OnnxSession.Load(
            TwoInTwoOut, new OnnxOptions { Threads = threads, Configure = options => found = options.IntraOpNumThreads });

        Assert.Equal(threads ?? Environment.ProcessorCount, found);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Options_ThreadsNotPositive_Throws(int threads) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new OnnxOptions { Threads = threads });

    [Fact]
    public void Load_MissingFile_SaysWhich()
    {
        var error = Assert.Throws<FileNotFoundException>(() => OnnxSession.Load("nowhere/emotion.onnx"));

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
            var error = Assert.Throws<ModelException>(() => OnnxSession.Load(path));
            Assert.StartsWith($"{path}: not an ONNX model", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void BoundRun_ChangedMemory_IsReadAndWrittenAgain()
    {
        using InferenceSession session = OnnxSession.Load(Fixture.Model("tiny"));
        var image = new TensorBuffer("image", 1, 1, 48, 48);
        var probabilities = new TensorBuffer("probabilities", 1, 7);
        using var run = new BoundRun(session, image, probabilities);
        run.Run();
        Assert.All(probabilities.Values.ToArray(), probability => Assert.Equal(1 / 7f, probability, 1e-6f));

        image.Values.Span.Fill(200);
        run.Run();

        double total = 5 + Math.Exp(2) + Math.Exp(-2); // logits 0, 0, 0, 2, 0, -2, 0
        Assert.Equal(Math.Exp(2) / total, probabilities.Values.Span[3], 1e-6);
    }

    [Fact]
    public void BoundRun_MemoryOfAnotherShape_ThrowsWhatOnnxRuntimeSays()
    {
        using InferenceSession session = OnnxSession.Load(Fixture.Model("tiny"));
        using var run = new BoundRun(session, new TensorBuffer("image", 1, 1, 64, 64), new TensorBuffer("probabilities", 1, 7));

        Assert.Contains("invalid dimensions", Assert.Throws<OnnxRuntimeException>(run.Run).Message, StringComparison.Ordinal);
    }
}
