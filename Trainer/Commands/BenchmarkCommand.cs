using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Google.Protobuf;
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
        var options = new CommandOptions<BenchmarkOptions>();
        ((Option<string>)options["--network"]).AcceptOnlyFromAmong([.. Networks.Names]);
        return options.AddTo(new Command("benchmark", "Measure images per second"), Run);
    }

    private static int Run(BenchmarkOptions options, InvocationConfiguration console, CancellationToken stop)
    {
        OutputFiles.CheckEnding(options.Json, ".json");
        OutputFiles.Check(options.Force, options.Models, options.Json);
        object figures = options.Models.Length > 0
            ? InferenceTime.Measure(options.Models, options.Batches, stop)
            : Measure(TrainingOptions.For(options.Network) with { BatchSize = options.BatchSize, Epochs = 1, Precision = options.Precision }, options.Batches, stop);
        string text = JsonSerializer.Serialize(figures, Json);
        console.Output.WriteLine(text);
        if (options.Json is { } path)
        {
            AtomicFile.WriteText(path, text);
        }

        return ExitCodes.Success;
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
        using var classifier = new EmotionClassifier(OnnxExporter.Build(state.Network, Calibration.None, metadata).ToByteArray());
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

    private sealed record BenchmarkOptions
    {
        [Setting("The network [default: emonet]")] public string Network { get; init; } = "emonet";
        [Setting("Images per step", Min = 1)] public int BatchSize { get; init; } = 128;
        [Setting("Measured steps or rounds", Min = 1)] public int Batches { get; init; } = 30;
        [Setting("The precision of training")] public Precision Precision { get; init; }
        [Setting("Instead of training, time an ONNX file: one face, one thread; repeat the option to compare", Name = "--model", Value = "FILE.onnx")] public string[] Models { get; init; } = [];
        [Setting("Write the metrics as JSON", Value = "FILE")] public string? Json { get; init; }
        [Setting(OutputFiles.ForceHelp)] public bool Force { get; init; }
    }
}
