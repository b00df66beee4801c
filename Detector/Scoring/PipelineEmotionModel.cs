using System.Collections.Concurrent;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetEmotion.Imaging;
using MlNetEmotion.Onnx;

namespace MlNetEmotion.Detector.Scoring;

/// <summary>
/// An ML.NET pipeline that <c>ml.Model.Save</c> wrote, through a <see cref="PredictionEngine{TSrc,TDst}"/>. It takes a face from a column
/// <c>Face</c> (float32 [1, 48, 48], 0 to 255) or <c>Image</c>, and puts a Single for each emotion into <c>Score</c>. Steps before these,
/// such as one that loads images from files, are left out.
/// </summary>
internal sealed class PipelineEmotionModel : IEmotionModel
{
    private readonly ITransformer pipeline;
    private readonly bool takesImages;
    private readonly int[] slots;

    // An engine serves one thread at a time.
    private readonly ConcurrentBag<Engine> idle = [];
    private readonly MLContext ml = new();

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelException">It is no pipeline that scores emotions.</exception>
    public PipelineEmotionModel(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path}: no such file", path);
        }

        ITransformer[] steps;
        try
        {
            ITransformer loaded = ml.Model.Load(path, out _);
            steps = loaded is IEnumerable<ITransformer> chain ? [.. chain] : [loaded];
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or InvalidOperationException or ArgumentException or IOException)
        {
            throw new ModelException($"{path}: no pipeline of ML.NET's: {e.Message.TrimEnd('.')}. Save one with 'ml.Model.Save', or name an ONNX file.", e);
        }

        foreach (bool images in new[] { false, true })
        {
            for (int first = 0; first < steps.Length; first++)
            {
                pipeline = new TransformerChain<ITransformer>(steps[first..]);
                takesImages = images;
                try
                {
                    Engine engine = Start();
                    slots = engine.Slots(path);
                    idle.Add(engine);
                    return;
                }
                catch (Exception e) when (e is ArgumentException or InvalidOperationException)
                {
                    // It lacks a column that an earlier step makes, or takes it otherwise.
                }
            }
        }

        throw new ModelException($"{path}: its pipeline takes no face; expected an input column 'Face' (Single [1, 48, 48]) or 'Image', and an output column 'Score'.");
    }

    public void Score(ReadOnlySpan<byte> faces, Span<EmotionScores> scores)
    {
        Engine engine = idle.TryTake(out Engine? free) ? free : Start();
        Span<float> ordered = stackalloc float[Emotions.Count];
        for (int i = 0; i < scores.Length; i++)
        {
            float[] score = engine.Score(faces.Slice(i * FacePreprocessor.PixelCount, FacePreprocessor.PixelCount));
            for (int slot = 0; slot < slots.Length; slot++)
            {
                ordered[slots[slot]] = score[slot];
            }

            scores[i] = new EmotionScores(ordered);
        }

        idle.Add(engine);
    }

    public void Dispose()
    {
        while (idle.TryTake(out Engine? engine))
        {
            engine.Dispose();
        }
    }

    private Engine Start() => takesImages ? new ImageEngine(ml, pipeline) : new FaceEngine(ml, pipeline);

    private abstract class Engine : IDisposable
    {
        protected abstract DataViewSchema Output { get; }

        public abstract float[] Score(ReadOnlySpan<byte> face);

        public abstract void Dispose();

        /// <summary>Which emotion each value of the score is for: by the names that the column gives, or else in index order.</summary>
        public int[] Slots(string path)
        {
            DataViewSchema.Column score = Output["Score"];
            if (score.Type is not VectorDataViewType { Size: Emotions.Count })
            {
                throw new ModelException($"{path}: its column 'Score' is {score.Type}, expected a Single for each of the {Emotions.Count} emotions.");
            }

            VBuffer<ReadOnlyMemory<char>> names = default;
            if (!score.HasSlotNames())
            {
                return [.. Enumerable.Range(0, Emotions.Count)];
            }

            score.GetSlotNames(ref names);
            return [.. names.DenseValues().Select(name => Emotions.TryParse($"{name}", out Emotion emotion)
                ? (int)emotion
                : throw new ModelException($"{path}: its column 'Score' has a value for '{name}', expected {string.Join(", ", Emotions.Labels)}."))];
        }
    }

    private sealed class FaceEngine(MLContext ml, ITransformer pipeline) : Engine
    {
        private readonly PredictionEngine<FaceRow, ScoreRow> engine = ml.Model.CreatePredictionEngine<FaceRow, ScoreRow>(pipeline);
        private readonly FaceRow row = new();
        private ScoreRow answer = new();

        protected override DataViewSchema Output => engine.OutputSchema;

        public override float[] Score(ReadOnlySpan<byte> face)
        {
            for (int i = 0; i < face.Length; i++)
            {
                row.Face[i] = face[i];
            }

            engine.Predict(row, ref answer);
            return answer.Score;
        }

        public override void Dispose() => engine.Dispose();
    }

    private sealed class ImageEngine(MLContext ml, ITransformer pipeline) : Engine
    {
        private readonly PredictionEngine<ImageRow, ScoreRow> engine = ml.Model.CreatePredictionEngine<ImageRow, ScoreRow>(pipeline);

        protected override DataViewSchema Output => engine.OutputSchema;

        public override float[] Score(ReadOnlySpan<byte> face)
        {
            byte[] bgra = new byte[4 * face.Length];
            for (int i = 0; i < face.Length; i++)
            {
                bgra.AsSpan(4 * i, 3).Fill(face[i]);
                bgra[(4 * i) + 3] = byte.MaxValue;
            }

            using MLImage image = MLImage.CreateFromPixels(FacePreprocessor.Size, FacePreprocessor.Size, MLPixelFormat.Bgra32, bgra);
            return engine.Predict(new ImageRow { Image = image }).Score;
        }

        public override void Dispose() => engine.Dispose();
    }

    private sealed class FaceRow
    {
        [VectorType(1, FacePreprocessor.Size, FacePreprocessor.Size)]
        public float[] Face { get; set; } = new float[FacePreprocessor.PixelCount];
    }

    private sealed class ImageRow
    {
        [AnyImage]
        public MLImage? Image { get; set; }
    }

    private sealed class ScoreRow
    {
        public float[] Score { get; set; } = [];
    }
}
