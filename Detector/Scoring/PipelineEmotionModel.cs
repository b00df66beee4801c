using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNetEmotion.Detector.Scoring;

/// <summary>An ML.NET pipeline saved by <c>ml.Model.Save</c>, run by a <see cref="PredictionEngine{TSrc,TDst}"/>. Its input is a face in a column
/// <c>Face</c> (float32 [1, 48, 48], 0 to 255) or <c>Image</c>, its output a column <c>Score</c> with a Single per emotion. Earlier steps, such as loading
/// images from files, are skipped.</summary>
internal sealed class PipelineEmotionModel : IEmotionModel
{
    private readonly string path;
    private readonly int[] slots;

    // A prediction engine is not thread-safe.
    private readonly IdlePool<Engine> engines;

    public PipelineEmotionModel(string path)
    {
        this.path = path;
        var ml = new MLContext();
        ITransformer[] steps = Load(ml, path);
        foreach (bool takesImages in new[] { false, true })
        {
            for (int first = 0; first < steps.Length; first++)
            {
                var pipeline = new TransformerChain<ITransformer>(steps[first..]);
                var pool = new IdlePool<Engine>(() => new Engine(ml, pipeline, takesImages));
                try
                {
                    using IdlePool<Engine>.Loan loan = pool.Rent();
                    (slots, engines) = (Slots(loan.Engine.Output, path), pool);
                    loan.Return();
                    return;
                }
                catch (Exception e) when (e is ArgumentException or InvalidOperationException)
                {
                    // The remaining steps need a column of a skipped step, or another type; try the next.
                }
            }
        }

        throw new ModelException($"{path}: the pipeline does not accept faces; expected an input column 'Face' (Single [1, 48, 48]) or 'Image', and an output column 'Score'.");
    }

    public void Score(ReadOnlySpan<byte> faces, Span<EmotionScores> scores)
    {
        using IdlePool<Engine>.Loan loan = engines.Rent();
        Span<float> ordered = stackalloc float[Emotions.Count];
        for (int i = 0; i < scores.Length; i++)
        {
            if (loan.Engine.Score(faces.Slice(i * FacePreprocessor.PixelCount, FacePreprocessor.PixelCount)) is not { } score)
            {
                scores[i] = EmotionScores.Uncertain;
                continue;
            }

            for (int slot = 0; slot < slots.Length; slot++)
            {
                ordered[slots[slot]] = score[slot];
            }

            scores[i] = Checked(ordered);
        }

        loan.Return();
    }

    public void Dispose() => engines.Dispose();

    private EmotionScores Checked(ReadOnlySpan<float> probabilities)
    {
        try
        {
            return new EmotionScores(probabilities);
        }
        catch (ArgumentException e)
        {
            throw new ModelException($"{path}: its column 'Score' is no softmax: {e.Message}", e);
        }
    }

    private static ITransformer[] Load(MLContext ml, string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path}: no such file", path);
        }

        try
        {
            // Older files name the assembly that contained the transforms before they moved to this one.
            ml.ComponentCatalog.RegisterAssembly(typeof(EmotionCatalog).Assembly);
            ITransformer loaded = ml.Model.Load(path, out _);
            return loaded is IEnumerable<ITransformer> chain ? [.. chain] : [loaded];
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or InvalidOperationException or ArgumentException or IOException)
        {
            throw new ModelException($"{path}: not an ML.NET pipeline: {e.Message.TrimEnd('.')}. Save one with 'ml.Model.Save', or name an ONNX file.", e);
        }
    }

    // The emotion of each score: by slot names if the column has them, otherwise in order of the enum.
    private static int[] Slots(DataViewSchema output, string path)
    {
        DataViewSchema.Column score = output["Score"];
        if (score.Type is not VectorDataViewType { Size: Emotions.Count })
        {
            throw new ModelException($"{path}: its column 'Score' is {score.Type}, expected a Single for each of the {Emotions.Count} emotions.");
        }

        if (!score.HasSlotNames())
        {
            return [.. Enumerable.Range(0, Emotions.Count)];
        }

        VBuffer<ReadOnlyMemory<char>> names = default;
        score.GetSlotNames(ref names);
        return [.. names.DenseValues().Select(name => Emotions.TryParse($"{name}", out Emotion emotion)
            ? (int)emotion
            : throw new ModelException($"{path}: its column 'Score' has a value for '{name}', expected {string.Join(", ", Emotions.Labels)}."))];
    }

    private sealed class Engine : IDisposable
    {
        private readonly PredictionEngine<FaceRow, ScoreRow> engine;
        private readonly bool takesImages;
        private readonly FaceRow row = new();
        private ScoreRow answer = new();

        public Engine(MLContext ml, ITransformer pipeline, bool takesImages)
        {
            this.takesImages = takesImages;
            var input = SchemaDefinition.Create(typeof(FaceRow));
            input.Remove(input[takesImages ? nameof(FaceRow.Face) : nameof(FaceRow.Image)]);
            engine = ml.Model.CreatePredictionEngine<FaceRow, ScoreRow>(pipeline, inputSchemaDefinition: input);
        }

        public DataViewSchema Output => engine.OutputSchema;

        // Null for a blank face.
        public float[]? Score(ReadOnlySpan<byte> face)
        {
            for (int i = 0; i < face.Length; i++)
            {
                row.Face[i] = face[i];
            }

            if (FacePreprocessor.IsBlank(row.Face))
            {
                return null;
            }

            using MLImage? image = takesImages ? MLImages.Create(new ImageView(face, FacePreprocessor.Size, FacePreprocessor.Size, PixelFormat.Gray8)) : null;
            row.Image = image;
            engine.Predict(row, ref answer);
            return answer.Score;
        }

        public void Dispose() => engine.Dispose();
    }

    private sealed class FaceRow
    {
        [VectorType(1, FacePreprocessor.Size, FacePreprocessor.Size)]
        public float[] Face { get; set; } = new float[FacePreprocessor.PixelCount];

        [AnyImage]
        public MLImage? Image { get; set; }
    }

    private sealed class ScoreRow
    {
        public float[] Score { get; set; } = [];
    }
}
