namespace MlNetEmotion.Trainer.Commands;

/// <summary>What <c>Trainer benchmark</c> measured.</summary>
/// <param name="Network">The network.</param>
/// <param name="Parameters">Its learned parameters.</param>
/// <param name="Precision">fp32 or bf16, in training.</param>
/// <param name="BatchSize">Images a step.</param>
/// <param name="Threads">Threads of libtorch.</param>
/// <param name="TrainImagesPerSecond">Training, loading and augmentation included.</param>
/// <param name="ConvolutionImagesPerSecond">What training would reach if it were the network's convolutions alone, forward and backward.</param>
/// <param name="InferImagesPerSecond">The exported file in ONNX Runtime, float32, in batches.</param>
/// <param name="LoaderImagesPerSecond">Loading and augmentation alone.</param>
internal sealed record BenchmarkResult(
    string Network,
    long Parameters,
    string Precision,
    int BatchSize,
    int Threads,
    double TrainImagesPerSecond,
    double ConvolutionImagesPerSecond,
    double InferImagesPerSecond,
    double LoaderImagesPerSecond);
