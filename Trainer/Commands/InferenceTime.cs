using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;
using MlNetEmotion.Onnx;
using MlNetEmotion.Trainer.Data;

namespace MlNetEmotion.Trainer.Commands;

/// <summary>A model's time for one face on one thread in ONNX Runtime.</summary>
/// <param name="MillisecondsPerFace">The median over the rounds.</param>
/// <param name="RatioToFirst">The ratio to the first model's time in the same run.</param>
internal sealed record InferenceTime(string Model, double MillisecondsPerFace, double RatioToFirst)
{
    private const int FacesPerRound = 20;

    /// <summary>Times models alternately, so that changes of the machine's load affect all of them.</summary>
    /// <param name="paths">ONNX files with <see cref="EmotionModel"/>'s inputs and outputs; metadata is not needed.</param>
    public static IReadOnlyList<InferenceTime> Measure(IReadOnlyList<string> paths, int rounds, CancellationToken stop)
    {
        float[] face = [.. FaceDataset.Load(FaceSource.Samples(1, 0, seed: 1)).Face(0)];
        var sessions = new List<InferenceSession>();
        try
        {
            sessions.AddRange(paths.Select(path => OnnxSession.Load(path, new OnnxOptions { Threads = 1 })));
            double[][] rows = [.. Enumerable.Range(0, rounds).Select(_ => sessions.Select(session => Time(session, face, stop)).ToArray())];
            double[] medians = [.. sessions.Select((_, i) => rows.Select(row => row[i]).Order().ElementAt(rounds / 2))];
            return [.. paths.Zip(medians, (path, median) => new InferenceTime(path, median, median / medians[0]))];
        }
        finally
        {
            sessions.ForEach(session => session.Dispose());
        }
    }

    private static double Time(InferenceSession session, float[] face, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        using var options = new RunOptions();
        using var input = OrtValue.CreateTensorValueFromMemory(face, [1, .. EmotionModel.InputShape.Skip(1)]);
        using var output = OrtValue.CreateTensorValueFromMemory(new float[Emotions.Count], [1, Emotions.Count]);
        long started = 0;
        for (int i = -1; i < FacesPerRound; i++)
        {
            // The first call, which is not timed, loads the weights into the caches.
            started = i == 0 ? Stopwatch.GetTimestamp() : started;
            session.Run(options, [EmotionModel.InputName], [input], [EmotionModel.OutputName], [output]);
        }

        return Stopwatch.GetElapsedTime(started).TotalMilliseconds / FacesPerRound;
    }
}
