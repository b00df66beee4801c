using System.Runtime.CompilerServices;
using Microsoft.ML.OnnxRuntime;
using MlNetEmotion.Onnx;

namespace MlNetEmotion;

/// <summary>
/// Scores faces with an emotion model: seven probabilities per face.
/// <para>Thread-safe: threads can share one classifier. Scoring is allocation-free.</para>
/// <para>A model is an ONNX file as <c>Trainer export</c> writes it: the input <c>image</c>, float32 [N, 1, 48, 48], gray, 0 to 255; the output
/// <c>probabilities</c>, float32 [N, 7], softmax, in the order of <see cref="Emotion"/>; optionally a second output <c>labels</c> of the same shape; N
/// free or 1; metadata with the labels and the input's format.</para>
/// </summary>
public sealed class EmotionClassifier : IDisposable
{
    /// <summary>Larger batches are split so that activations need only a few megabytes.</summary>
    private const int MaxBatch = 32;

    private const string DefaultModelResource = "emotion.onnx";

    private readonly RunPool<Scorer> scorers;
    private readonly int maxBatch;

    /// <summary>Loads a model file.</summary>
    /// <param name="path">An ONNX file as written by <c>Trainer export</c>.</param>
    /// <param name="onnx">ONNX Runtime settings; null for the defaults.</param>
    /// <param name="head">The head to score with; <see cref="EmotionHead.Labels"/> only for a model with <see cref="HasLabelHead"/>.</param>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="ModelException">The file is not an ONNX file, not an emotion model as described above, or has no such head.</exception>
    /// <exception cref="DllNotFoundException">ONNX Runtime's native library is missing, or not for this system.</exception>
    public EmotionClassifier(string path, OnnxOptions? onnx = null, EmotionHead head = EmotionHead.Default)
        : this(OnnxSession.Load(path, onnx), path, head)
    {
    }

    /// <summary>Loads a model from a stream with an ONNX file's bytes. Reads to the end and leaves the stream open.</summary>
    /// <inheritdoc cref="EmotionClassifier(byte[], OnnxOptions, EmotionHead)"/>
    public EmotionClassifier(Stream model, OnnxOptions? onnx = null, EmotionHead head = EmotionHead.Default)
        : this(OnnxSession.Load(model, onnx), OnnxSession.NameOf(model), head)
    {
    }

    /// <summary>Loads a model from memory.</summary>
    /// <param name="model">An ONNX file's bytes; not used after the call.</param>
    /// <param name="onnx">ONNX Runtime settings; null for the defaults.</param>
    /// <param name="head">The head to score with; <see cref="EmotionHead.Labels"/> only for a model with <see cref="HasLabelHead"/>.</param>
    /// <exception cref="ModelException">The bytes are not an ONNX file, not an emotion model as described above, or have no such head.</exception>
    /// <exception cref="DllNotFoundException">ONNX Runtime's native library is missing, or not for this system.</exception>
    public EmotionClassifier(byte[] model, OnnxOptions? onnx = null, EmotionHead head = EmotionHead.Default)
        : this(OnnxSession.Load(model, OnnxSession.Unnamed, onnx), OnnxSession.Unnamed, head)
    {
    }

    private EmotionClassifier(InferenceSession session, string name, EmotionHead head)
    {
        string output;
        try
        {
            output = EmotionModel.OutputOf(head);
            Metadata = EmotionModel.Check(session, name, output: output);
        }
        catch
        {
            session.Dispose();
            throw;
        }

        HasLabelHead = session.OutputMetadata.ContainsKey(EmotionModel.LabelsOutputName);
        maxBatch = session.InputMetadata[EmotionModel.InputName].Dimensions[0] == 1 ? 1 : MaxBatch;
        scorers = new RunPool<Scorer>(session, () => new Scorer(session, output, maxBatch));
    }

    /// <summary>Whether this build contains the default model, for <see cref="LoadDefault"/>.</summary>
    public static bool HasDefaultModel => typeof(EmotionClassifier).Assembly.GetManifestResourceInfo(DefaultModelResource) is not null;

    /// <summary>The model's metadata: its network, training data and measured figures.</summary>
    public ModelMetadata Metadata { get; }

    /// <summary>Whether the model has a second head, <see cref="EmotionHead.Labels"/>.</summary>
    public bool HasLabelHead { get; }

    /// <summary>Loads the default model, which is part of this library.</summary>
    /// <param name="onnx">ONNX Runtime settings; null for the defaults.</param>
    /// <param name="head">The head to score with: <see cref="EmotionHead.Default"/> predicts the votes of people, <see cref="EmotionHead.Labels"/>
    /// FER2013's labels.</param>
    /// <exception cref="FileNotFoundException">This build does not contain the model.</exception>
    /// <exception cref="DllNotFoundException">ONNX Runtime's native library is missing, or not for this system.</exception>
    public static EmotionClassifier LoadDefault(OnnxOptions? onnx = null, EmotionHead head = EmotionHead.Default)
    {
        const string Name = "the default model";
        using Stream model = OpenDefaultModel();
        return new EmotionClassifier(OnnxSession.Load(OnnxSession.ReadToEnd(model), Name, onnx), Name, head);
    }

    /// <exception cref="FileNotFoundException">This build does not contain the model.</exception>
    internal static Stream OpenDefaultModel() => typeof(EmotionClassifier).Assembly.GetManifestResourceStream(DefaultModelResource)
        ?? throw new FileNotFoundException(
            "this build of MlNetEmotion does not contain the default model, because onnx/emotion.onnx was missing when it was built; "
            + "name a model file, or train one with 'dotnet run --project Trainer'.", DefaultModelResource);

    /// <summary>Scores an image that is cropped to a face.</summary>
    /// <param name="face">The image, of any size and format, cropped to the face.</param>
    /// <exception cref="ArgumentException">The image is empty, or wider or higher than 1,048,576 pixels.</exception>
    [OverloadResolutionPriority(1)]
    public EmotionScores Classify(ImageView face) => Classify(face, new Box(0, 0, face.Width, face.Height));

    /// <inheritdoc cref="Classify(ImageView)"/>
    public EmotionScores Classify(ImageMemory face) => Classify(face.View);

    /// <summary>Scores a face in a frame.</summary>
    /// <param name="frame">The frame, of any size and format.</param>
    /// <param name="face">The face's box in pixels; may extend beyond the frame.</param>
    /// <returns>The face's scores; <see cref="EmotionScores.Uncertain"/> if the box is a uniform gray.</returns>
    /// <exception cref="ArgumentException">The frame or the box is empty, or the box outside the frame, or wider or higher than 1,048,576 pixels.</exception>
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

    /// <summary>Scores a batch of faces.</summary>
    /// <param name="faces">uint8 [n, 48, 48], gray, as <see cref="FacePreprocessor"/> returns them.</param>
    /// <returns>The scores of each face, in the same order; <see cref="EmotionScores.Uncertain"/> for a uniform gray.</returns>
    /// <exception cref="ArgumentException">The length is not a multiple of 2304.</exception>
    /// <exception cref="ModelException">The model's output is not a probability vector.</exception>
    /// <exception cref="ObjectDisposedException">The classifier was disposed of.</exception>
    public EmotionScores[] ClassifyBatch(ReadOnlyMemory<byte> faces)
    {
        if (faces.Length % FacePreprocessor.PixelCount != 0)
        {
            throw new ArgumentException($"a face has {FacePreprocessor.PixelCount} pixels, got {faces.Length}, which is not a multiple of that", nameof(faces));
        }

        var scores = new EmotionScores[faces.Length / FacePreprocessor.PixelCount];
        ClassifyBatch(faces.Span, scores);
        return scores;
    }

    /// <summary>Scores a batch of faces; allocation-free.</summary>
    /// <param name="faces">uint8 [n, 48, 48], gray, as <see cref="FacePreprocessor"/> returns them.</param>
    /// <param name="scores">Receives the n faces' scores, in the same order; <see cref="EmotionScores.Uncertain"/> for a uniform gray.</param>
    /// <exception cref="ArgumentException">The number of pixels is not 2304 times the number of scores.</exception>
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

    /// <summary>Frees the model as soon as the calls in progress have returned.</summary>
    public void Dispose() => scorers.Dispose();

    /// <summary>The buffers of one caller, with an I/O binding for each batch size used so far.</summary>
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

/// <summary>An output of an emotion model.</summary>
public enum EmotionHead
{
    /// <summary>The output <c>probabilities</c>, which every model has: the votes of people if the model was trained on them, otherwise the label;
    /// calibrated.</summary>
    Default,

    /// <summary>The output <c>labels</c> of models trained on people's votes (<see cref="EmotionClassifier.HasLabelHead"/>): the label that FER2013 would
    /// give the face; calibrated.</summary>
    Labels,
}
