using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Google.Protobuf;
using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Export;
using MlNetEmotion.Trainer.Network;
using MlNetEmotion.Trainer.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetEmotion.Trainer.Commands;

/// <summary><c>Trainer benchmark</c>: measures images per second in training, loading and inference, or the time per face of given models.</summary>
internal static class BenchmarkCommand
{
    private const int WarmupBatches = 3;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static Command Create()
    {
        var network = new Option<string>("--network") { Description = "The network", DefaultValueFactory = _ => "emonet" };
        network.AcceptOnlyFromAmong([.. Networks.Names]);
        var batchSize = new Option<int>("--batch-size") { Description = "Images per step", HelpName = "N", DefaultValueFactory = _ => 128 };
        var batches = new Option<int>("--batches") { Description = "Measured steps or rounds", HelpName = "N", DefaultValueFactory = _ => 30 };
        var precision = new Option<Precision>("--precision") { Description = "The precision of training" };
        var models = new Option<string[]>("--model")
        {
            Description = "Instead of training, time an ONNX file: one face, one thread; repeat the option to compare",
            HelpName = "FILE.onnx",
        };
        var json = new Option<string>("--json") { Description = "Write the metrics as JSON", HelpName = "FILE" };
        batchSize.MustBe(1);
        batches.MustBe(1);
        Option<bool> force = OutputFiles.ForceOption();
        var command = new Command("benchmark", "Measure images per second") { network, batchSize, batches, precision, models, json, force };
        command.SetAction((parsed, stop) =>
        {
            OutputFiles.CheckEnding(parsed.GetValue(json), ".json");
            OutputFiles.Check(parsed.GetValue(force), parsed.GetValue(models) ?? [], parsed.GetValue(json));
            int rounds = parsed.GetValue(batches);
            object figures = parsed.GetValue(models) is [_, ..] files
                ? InferenceTime.Measure(files, rounds, stop)
                : Measure(Options(), rounds, stop);
            string text = JsonSerializer.Serialize(figures, Json);
            parsed.InvocationConfiguration.Output.WriteLine(text);
            if (parsed.GetValue(json) is { } path)
            {
                AtomicFile.WriteText(path, text);
            }

            return Task.FromResult(ExitCodes.Success);

            TrainingOptions Options() => TrainingOptions.For(parsed.GetRequiredValue(network)) with
            {
                BatchSize = parsed.GetValue(batchSize),
                Epochs = 1,
                Precision = parsed.GetValue(precision),
            };
        });
        return command;
    }

    private static BenchmarkResult Measure(TrainingOptions options, int batches, CancellationToken stop)
    {
        FaceDataset faces = FaceDataset.Load(FaceSource.Samples((WarmupBatches + batches) * options.BatchSize, 0, seed: 1));
        using var state = new TrainingState(options, Compute.Resolve(options.Device, options.Precision));
        var clock = new BatchClock(options.BatchSize, stop);
        var loop = new TrainingLoop(state, new TrainingData(faces, faces.Select([0]), IsHeldOut: false), clock);
        loop.Run(_ => { }, stop);
        return new BenchmarkResult(
            options.Network, state.Network.ParameterCount, state.Compute.PrecisionName,
            options.BatchSize, get_num_threads(),
            TrainImagesPerSecond: clock.ImagesPerSecond,
            ConvolutionImagesPerSecond: Convolutions(state, faces, batches, stop),
            InferImagesPerSecond: Inference(state, faces, options.BatchSize, stop),
            LoaderImagesPerSecond: Loading(faces, options, stop));
    }

    private static double Convolutions(TrainingState state, FaceDataset faces, int rounds, CancellationToken stop)
    {
        FaceBatch batch = new DataLoader(faces, new DataLoaderOptions { BatchSize = state.Options.BatchSize }).Epoch(0).First();
        using DisposeScope scope = NewDisposeScope();
        return ConvolutionCeiling.ImagesPerSecond(state, batch.ToTensors(state.Network.Device).Images, rounds, stop);
    }

    private static double Inference(TrainingState state, FaceDataset faces, int batchSize, CancellationToken stop)
    {
        var metadata = new ModelMetadata { Network = state.Network.Name };
        byte[] file = OnnxExporter.Build(state.Network, Calibration.None, metadata).ToByteArray();
        using var model = new MemoryStream(file);
        using var classifier = new EmotionClassifier(model);
        var clock = new BatchClock(batchSize, stop);
        var scores = new EmotionScores[batchSize];
        int batchPixels = batchSize * FacePreprocessor.PixelCount;
        for (int batch = 0; batch < faces.Count / batchSize; batch++)
        {
            classifier.ClassifyBatch(faces.Pixels.Span.Slice(batch * batchPixels, batchPixels), scores);
            clock.Tick();
        }

        return clock.ImagesPerSecond;
    }

    private static double Loading(FaceDataset faces, TrainingOptions options, CancellationToken stop)
    {
        var clock = new BatchClock(options.BatchSize, stop);
        var loader = new DataLoader(faces, new DataLoaderOptions { BatchSize = options.BatchSize, Shuffle = true, Augmentation = options.Augmentation });
        foreach (FaceBatch _ in loader.Epoch(0))
        {
            clock.Tick();
        }

        return clock.ImagesPerSecond;
    }

    /// <summary>Measures the time of batches, without the first few.</summary>
    private sealed class BatchClock(int batchSize, CancellationToken stop) : IProgress<StepUpdate>
    {
        private int ticks;
        private long started, ended;

        public double ImagesPerSecond => (ticks - WarmupBatches) * batchSize / Stopwatch.GetElapsedTime(started, ended).TotalSeconds;

        public void Tick()
        {
            stop.ThrowIfCancellationRequested();
            ended = Stopwatch.GetTimestamp();
            started = ++ticks == WarmupBatches ? ended : started;
        }

        public void Report(StepUpdate value) => Tick();
    }

    /// <param name="Precision">fp32 or bf16, in training.</param>
    /// <param name="Threads">libtorch's threads.</param>
    /// <param name="TrainImagesPerSecond">Training, including loading and augmentation.</param>
    /// <param name="ConvolutionImagesPerSecond">The ceiling: training with convolutions only.</param>
    /// <param name="InferImagesPerSecond">Inference with the exported file in ONNX Runtime, float32, in batches.</param>
    /// <param name="LoaderImagesPerSecond">Loading and augmentation alone.</param>
    private sealed record BenchmarkResult(
        string Network, long Parameters, string Precision, int BatchSize, int Threads,
        double TrainImagesPerSecond, double ConvolutionImagesPerSecond, double InferImagesPerSecond,
        double LoaderImagesPerSecond);
}
