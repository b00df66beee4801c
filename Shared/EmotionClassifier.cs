using System.Runtime.CompilerServices;
using Microsoft.ML.OnnxRuntime;
using MlNetEmotion.Imaging;
using MlNetEmotion.Onnx;

namespace MlNetEmotion;

/// <summary>
/// Scores faces by an emotion model: seven probabilities a face.
/// <para>Thread-safe: one classifier serves any number of threads at once. Scoring allocates nothing on the managed heap.</para>
/// </summary>
public sealed class EmotionClassifier : IDisposable
{
    /// <summary>More faces than these are scored by turns, so that the network's activations stay within some megabytes.</summary>
    private const int MaxBatch = 32;

    private const string DefaultModelResource = "emotion.onnx";

    private readonly RunPool<Scorer> scorers;
    private readonly int maxBatch;

    /// <summary>Loads a model file.</summary>
    /// <param name="path">An ONNX file as <c>Trainer export</c> writes it.</param>
    /// <param name="options">How to run it; null for the defaults.</param>
    /// <param name="output">What to answer with: <see cref="EmotionModel.OutputName"/>, or <see cref="EmotionModel.LabelsOutputName"/> of a model that <see cref="HasLabels"/>.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelException">It is not an ONNX file, or not an emotion model by <see cref="EmotionModel"/>.</exception>
    /// <exception cref="DllNotFoundException">ONNX Runtime's native library is missing, or not for this system.</exception>
    public EmotionClassifier(string path, OnnxOptions? options = null, string output = EmotionModel.OutputName)
        : this(OnnxSession.Load(path, options), path, output)
    {
    }

    /// <summary>Loads a model from a stream: an ONNX file's bytes, read to the end and left open.</summary>
    /// <exception cref="ModelException">It is not an ONNX file, or not an emotion model by <see cref="EmotionModel"/>.</exception>
    /// <exception cref="DllNotFoundException">ONNX Runtime's native library is missing, or not for this system.</exception>
    public EmotionClassifier(Stream model, OnnxOptions? options = null, string output = EmotionModel.OutputName)
        : this(model, model is FileStream file ? file.Name : "model", options, output)
    {
    }

    private EmotionClassifier(Stream model, string name, OnnxOptions? options, string output)
        : this(OnnxSession.Load(ReadToEnd(model), name, options), name, output)
    {
    }

    private EmotionClassifier(InferenceSession session, string name, string output)
    {
        try
        {
            Metadata = EmotionModel.Check(session, name, output: output);
        }
        catch
        {
            session.Dispose();
            throw;
        }

        HasLabels = session.OutputMetadata.ContainsKey(EmotionModel.LabelsOutputName);
        maxBatch = session.InputMetadata[EmotionModel.InputName].Dimensions[0] == 1 ? 1 : MaxBatch;
        scorers = new RunPool<Scorer>(session, () => new Scorer(session, output, maxBatch));
    }

    /// <summary>Whether this build has a model inside, for <see cref="LoadDefault"/>.</summary>
    public static bool HasDefaultModel => typeof(EmotionClassifier).Assembly.GetManifestResourceInfo(DefaultModelResource) is not null;

    /// <summary>What the model says of itself.</summary>
    public ModelMetadata Metadata { get; }

    /// <summary>Whether the model answers with more than labels, and keeps those as a second output.</summary>
    public bool HasLabels { get; }

    /// <summary>Loads the model that comes with this library.</summary>
    /// <param name="options">How to run it; null for the defaults.</param>
    /// <param name="output">What to answer with: what most people would say, or by <see cref="EmotionModel.LabelsOutputName"/> what FER2013's labels would.</param>
    /// <exception cref="FileNotFoundException">This build has none inside.</exception>
    /// <exception cref="DllNotFoundException">ONNX Runtime's native library is missing, or not for this system.</exception>
    public static EmotionClassifier LoadDefault(OnnxOptions? options = null, string output = EmotionModel.OutputName)
    {
        using Stream model = OpenDefaultModel();
        return new EmotionClassifier(model, "the default model", options, output);
    }

    /// <exception cref="FileNotFoundException">This build has no model inside.</exception>
    internal static Stream OpenDefaultModel() => typeof(EmotionClassifier).Assembly.GetManifestResourceStream(DefaultModelResource)
        ?? throw new FileNotFoundException(
            "this build of MlNetEmotion has no default model, because onnx/emotion.onnx was missing when it was built; "
            + "name a model file, or train one with 'dotnet run --project Trainer'.", DefaultModelResource);

    /// <summary>Scores an image that is a face.</summary>
    /// <param name="face">The image, of any size and format, cropped to the face.</param>
    /// <exception cref="ArgumentException">The image is empty, or wider or higher than 1,048,576 pixels.</exception>
    [OverloadResolutionPriority(1)]
    public EmotionScores Classify(ImageView face) => Classify(face, new Box(0, 0, face.Width, face.Height));

    /// <inheritdoc cref="Classify(ImageView)"/>
    public EmotionScores Classify(ImageMemory face) => Classify(face.View);

    /// <summary>Scores a face in a frame.</summary>
    /// <param name="frame">The frame, of any size and format.</param>
    /// <param name="face">Where the face is; may stick out of the frame.</param>
    /// <returns>Its scores; <see cref="EmotionScores.Uncertain"/> where the box is one gray all over.</returns>
    /// <exception cref="ArgumentException">The frame or the box is empty, or the box outside the frame or wider or higher than 1,048,576 pixels.</exception>
    /// <exception cref="ModelException">The model's output is not a probability vector.</exception>
    /// <exception cref="ObjectDisposedException">The classifier was disposed of.</exception>
    [OverloadResolutionPriority(1)]
    public EmotionScores Classify(ImageView frame, Box face)
    {
        Span<byte> pixels = stackalloc byte[FacePreprocessor.PixelCount];
        FacePreprocessor.ToFace(frame, face, pixels);
        EmotionScores scores = default;
        ClassifyBatch(pixels, new Span<EmotionScores>(ref scores));
        return scores;
    }

    /// <inheritdoc cref="Classify(ImageView, Box)"/>
    public EmotionScores Classify(ImageMemory frame, Box face) => Classify(frame.View, face);

    /// <summary>Scores many faces at once.</summary>
    /// <param name="faces">uint8 [n, 48, 48], gray, as <see cref="FacePreprocessor"/> makes them.</param>
    /// <returns>The faces' scores, in their order. One gray all over is <see cref="EmotionScores.Uncertain"/>.</returns>
    /// <exception cref="ArgumentException">The pixels are not a multiple of 2304.</exception>
    /// <exception cref="ModelException">The model's output is not a probability vector.</exception>
    /// <exception cref="ObjectDisposedException">The classifier was disposed of.</exception>
    public EmotionScores[] ClassifyBatch(ReadOnlyMemory<byte> faces)
    {
        if (faces.Length % FacePreprocessor.PixelCount != 0)
        {
            throw new ArgumentException($"a face takes {FacePreprocessor.PixelCount} pixels, got {faces.Length}, which is no multiple of it", nameof(faces));
        }

        var scores = new EmotionScores[faces.Length / FacePreprocessor.PixelCount];
        ClassifyBatch(faces.Span, scores);
        return scores;
    }

    /// <summary>Scores many faces at once, without an allocation.</summary>
    /// <param name="faces">uint8 [n, 48, 48], gray, as <see cref="FacePreprocessor"/> makes them.</param>
    /// <param name="scores">Receives a face's scores at its index; n long. One gray all over is <see cref="EmotionScores.Uncertain"/>.</param>
    /// <exception cref="ArgumentException">The pixels are not 2304 for each of the scores.</exception>
    /// <exception cref="ModelException">The model's output is not a probability vector.</exception>
    /// <exception cref="ObjectDisposedException">The classifier was disposed of.</exception>
    public void ClassifyBatch(ReadOnlySpan<byte> faces, Span<EmotionScores> scores)
    {
        if (faces.Length != (long)scores.Length * FacePreprocessor.PixelCount)
        {
            throw new ArgumentException(
                $"{scores.Length} faces take {(long)scores.Length * FacePreprocessor.PixelCount} pixels, got {faces.Length}", nameof(faces));
        }

        Scorer scorer = scorers.Rent();
        try
        {
            for (int first = 0; first < scores.Length; first += maxBatch)
            {
                int count = Math.Min(maxBatch, scores.Length - first);
                scorer.Score(faces.Slice(first * FacePreprocessor.PixelCount, count * FacePreprocessor.PixelCount), scores.Slice(first, count));
            }
        }
        finally
        {
            scorers.Return(scorer);
        }
    }

    /// <summary>Frees the model, once the last call that is under way is over.</summary>
    public void Dispose() => scorers.Dispose();

    internal static byte[] ReadToEnd(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }

    /// <summary>Memory for one caller's batches, and a binding to it for each batch size seen so far.</summary>
    private sealed class Scorer(InferenceSession session, string output, int maxBatch) : IDisposable
    {
        private readonly float[] images = GC.AllocateArray<float>(maxBatch * FacePreprocessor.PixelCount, pinned: true);
        private readonly float[] probabilities = GC.AllocateArray<float>(maxBatch * Emotions.Count, pinned: true);
        private readonly BoundRun?[] runs = new BoundRun?[maxBatch + 1];

        public void Score(ReadOnlySpan<byte> faces, Span<EmotionScores> scores)
        {
            for (int i = 0; i < faces.Length; i++)
            {
                images[i] = faces[i];
            }

            (runs[scores.Length] ??= Bind(scores.Length)).Run();
            try
            {
                for (int i = 0; i < scores.Length; i++)
                {
                    scores[i] = FacePreprocessor.IsBlank(images.AsSpan(i * FacePreprocessor.PixelCount, FacePreprocessor.PixelCount))
                        ? EmotionScores.Uncertain
                        : new EmotionScores(probabilities.AsSpan(i * Emotions.Count, Emotions.Count));
                }
            }
            catch (ArgumentException e)
            {
                throw new ModelException($"the model's output '{output}' is no softmax: {e.Message}", e);
            }
        }

        public void Dispose()
        {
            foreach (BoundRun? run in runs)
            {
                run?.Dispose();
            }
        }

        private BoundRun Bind(int count) => new(
            session,
            new TensorBuffer(EmotionModel.InputName, [count, 1, FacePreprocessor.Size, FacePreprocessor.Size], images.AsMemory(0, count * FacePreprocessor.PixelCount)),
            new TensorBuffer(output, [count, Emotions.Count], probabilities.AsMemory(0, count * Emotions.Count)));
    }
}
