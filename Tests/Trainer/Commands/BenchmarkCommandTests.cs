using System.Text.Json;
using MlNetEmotion.Tests.Shared;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Commands;

[Collection(nameof(TrainedRun))]
public sealed class BenchmarkCommandTests(TrainedRun run)
{
    [Fact]
    public async Task Benchmark_WithJson_WritesTheContractsFigures()
    {
        using var folder = new TemporaryFolder();
        string json = Path.Combine(folder.Root, "figures.json");
        (int exitCode, string output, string error) = await TrainerProcess.Run(
            "benchmark", "--network", "classic", "--batch-size", "4", "--batches", "2", "--precision", "fp32", "--json", json);
        Assert.Equal(("", 0), (error, exitCode));
        Assert.Equal(output.TrimEnd(), File.ReadAllText(json));

        JsonElement figures = JsonDocument.Parse(output).RootElement;
        Assert.Equal(
            [
                "network", "parameters", "precision", "batchSize", "threads", "trainImagesPerSecond", "convolutionImagesPerSecond", "inferImagesPerSecond",
                "loaderImagesPerSecond",
            ],
            figures.EnumerateObject().Select(figure => figure.Name));
        Assert.Equal("classic", figures.GetProperty("network").GetString());
        Assert.Equal(1_245_671, figures.GetProperty("parameters").GetInt64());
        Assert.Equal("fp32", figures.GetProperty("precision").GetString());
        Assert.Equal(4, figures.GetProperty("batchSize").GetInt32());
        Assert.Equal(Environment.ProcessorCount, figures.GetProperty("threads").GetInt32());
        Assert.All(
            new[] { "train", "convolution", "infer", "loader" },
            what => Assert.InRange(figures.GetProperty($"{what}ImagesPerSecond").GetDouble(), 1e-3, 1e9));
    }

    [Fact]
    public async Task Benchmark_OfModels_ComparesThemWithTheFirst()
    {
        string first = Fixture.Model("tiny"), second = Path.Combine(run.Output, "emotion.onnx");
        (int exitCode, string output, string error) = await TrainerProcess.Run("benchmark", "--model", first, "--model", second, "--batches", "3");
        Assert.Equal(("", 0), (error, exitCode));
        JsonElement[] times = [.. JsonDocument.Parse(output).RootElement.EnumerateArray()];
        Assert.Equal([first, second], times.Select(time => time.GetProperty("model").GetString()));
        Assert.Equal(1, times[0].GetProperty("ratioToFirst").GetDouble());
        Assert.Equal(
            times[1].GetProperty("millisecondsPerFace").GetDouble() / times[0].GetProperty("millisecondsPerFace").GetDouble(),
            times[1].GetProperty("ratioToFirst").GetDouble(),
            12);
        Assert.InRange(times[1].GetProperty("ratioToFirst").GetDouble(), 2, double.MaxValue);    // a linear layer is the faster one
    }

    [Theory]
    [InlineData("--model nowhere.onnx", "nowhere.onnx")]
    [InlineData("--batch-size 0", "--batch-size", "at least 1")]
    [InlineData("--batches 0", "--batches", "at least 1")]
    [InlineData("--network resnet", "'resnet'", "'classic'")]
    public async Task Benchmark_WrongUsage_SaysInOneLineWhatToDo(string typed, params string[] expected) =>
        CommandLineAssert.IsWrongUsage(await CommandRun.Run(["benchmark", .. typed.Split(' ')]), expected);
}
