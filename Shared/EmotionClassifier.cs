using System.Buffers;
using MlNetEmotion.Imaging;
using MlNetEmotion.Native;
using MlNetEmotion.OnnxRuntime;

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

    private readonly InferenceSession session;
    private readonly int maxBatch;

    /// <summary>Loads a model file.</summary>
    /// <param name="path">An ONNX file as <c>Trainer export</c> writes it.</param>
    /// <param name="options">How to run it; null for the defaults.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelException">It is not an ONNX file, or not an emotion model by <see cref="ModelContract"/>.</exception>
    /// <exception cref="NativeException">ONNX Runtime's library is missing or too old.</exception>
    public EmotionClassifier(string path, SessionOptions? options = null)
        : this(new InferenceSession(path, options), path)
    {
    }

    /// <summary>Loads a model from a stream.</summary>
    /// <param name="model">An ONNX file's bytes, read to the end and left open.</param>
    /// <param name="options">How to run it; null for the defaults.</param>
    /// <exception cref="ModelException">It is not an ONNX file, or not an emotion model by <see cref="ModelContract"/>.</exception>
    /// <exception cref="NativeException">ONNX Runtime's library is missing or too old.</exception>
    public EmotionClassifier(Stream model, SessionOptions? options = null)
        : this(model, model is FileStream file ? file.Name : "model", options)
    {
    }

    private EmotionClassifier(Stream model, string name, SessionOptions? options)
        : this(new InferenceSession(ReadToEnd(model), name, options), name)
    {
    }

    private EmotionClassifier(InferenceSession session, string name)
    {
        try
        {
            Metadata = ModelCheck.Check(session, name);
        }
        catch
        {
            session.Dispose();
            throw;
        }

        this.session = session;
        maxBatch = session.Inputs[0].Shape[0] == 1 ? 1 : MaxBatch;
    }

    /// <summary>Whether this build has a model inside, for <see cref="LoadDefault"/>.</summary>
    public static bool HasDefaultModel => typeof(EmotionClassifier).Assembly.GetManifestResourceInfo(DefaultModelResource) is not null;

    /// <summary>What the model says of itself.</summary>
    public ModelMetadata Metadata { get; }

    /// <summary>Loads the model that comes with this library.</summary>
    /// <param name="options">How to run it; null for the defaults.</param>
    /// <exception cref="FileNotFoundException">This build has none inside.</exception>
    /// <exception cref="NativeException">ONNX Runtime's library is missing or too old.</exception>
    public static EmotionClassifier LoadDefault(SessionOptions? options = null)
    {
        using Stream model = typeof(EmotionClassifier).Assembly.GetManifestResourceStream(DefaultModelResource)
            ?? throw new FileNotFoundException(
                "this build of MlNetEmotion has no default model, because onnx/emotion.onnx was missing when it was built; "
                + "name a model file, or train one with 'dotnet run --project Trainer'.", DefaultModelResource);
        return new EmotionClassifier(model, "the default model", options);
    }

    /// <summary>Scores an image that is a face.</summary>
    /// <param name="face">The image, of any size and format, cropped to the face.</param>
    /// <exception cref="ArgumentException">The image is empty, or wider or higher than 1,048,576 pixels.</exception>
    /// <exception cref="ModelException">The model's output is not a probability vector.</exception>
    /// <exception cref="NativeException">ONNX Runtime failed.</exception>
    /// <exception cref="ObjectDisposedException">The classifier was disposed of.</exception>
    public EmotionScores Classify(ImageView face) => Classify(face, new Box(0, 0, face.Width, face.Height));

    /// <summary>Scores a face in a frame.</summary>
    /// <param name="frame">The frame, of any size and format.</param>
    /// <param name="face">Where the face is; may stick out of the frame.</param>
    /// <exception cref="ArgumentException">The frame or the box is empty, or the box wider or higher than 1,048,576 pixels.</exception>
    /// <exception cref="ModelException">The model's output is not a probability vector.</exception>
    /// <exception cref="NativeException">ONNX Runtime failed.</exception>
    /// <exception cref="ObjectDisposedException">The classifier was disposed of.</exception>
    public EmotionScores Classify(ImageView frame, Box face)
    {
        Span<byte> pixels = stackalloc byte[FacePreprocessor.PixelCount];
        FacePreprocessor.ToFace(frame, face, pixels);
        EmotionScores scores = default;
        ClassifyBatch(pixels, new Span<EmotionScores>(ref scores));
        return scores;
    }

    /// <summary>Names the emotion of a face in a frame, or answers "uncertain".</summary>
    /// <param name="frame">The frame, of any size and format.</param>
    /// <param name="face">Where the face is; may stick out of the frame.</param>
    /// <param name="minConfidence">The least probability of an answer, in [0, 1].</param>
    /// <returns>The most probable emotion; null where its probability is under the threshold.</returns>
    /// <exception cref="ArgumentException">As in <see cref="Classify(ImageView, Box)"/>, or the threshold is not in [0, 1].</exception>
    /// <exception cref="ModelException">The model's output is not a probability vector.</exception>
    /// <exception cref="NativeException">ONNX Runtime failed.</exception>
    /// <exception cref="ObjectDisposedException">The classifier was disposed of.</exception>
    public Emotion? ClassifyOrUncertain(ImageView frame, Box face, float minConfidence) =>
        Classify(frame, face).TopOrUncertain(minConfidence);

    /// <summary>Scores many faces at once.</summary>
    /// <param name="faces">uint8 [n, 48, 48], gray, as <see cref="FacePreprocessor"/> makes them.</param>
    /// <param name="scores">Receives a face's scores at its index; n long.</param>
    /// <exception cref="ArgumentException">The pixels are not 2304 for each of the scores.</exception>
    /// <exception cref="ModelException">The model's output is not a probability vector.</exception>
    /// <exception cref="NativeException">ONNX Runtime failed.</exception>
    /// <exception cref="ObjectDisposedException">The classifier was disposed of.</exception>
    public void ClassifyBatch(ReadOnlySpan<byte> faces, Span<EmotionScores> scores)
    {
        if (faces.Length != (long)scores.Length * FacePreprocessor.PixelCount)
        {
            throw new ArgumentException(
                $"{scores.Length} faces take {(long)scores.Length * FacePreprocessor.PixelCount} pixels, got {faces.Length}", nameof(faces));
        }

        int batch = Math.Min(scores.Length, maxBatch);
        float[] images = ArrayPool<float>.Shared.Rent(batch * FacePreprocessor.PixelCount);
        try
        {
            for (int first = 0; first < scores.Length; first += batch)
            {
                int count = Math.Min(batch, scores.Length - first);
                Span<float> input = images.AsSpan(0, count * FacePreprocessor.PixelCount);
                Widen(faces.Slice(first * FacePreprocessor.PixelCount, input.Length), input);
                Run(input, scores.Slice(first, count));
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(images);
        }
    }

    /// <summary>Frees the model.</summary>
    public void Dispose() => session.Dispose();

    private void Run(ReadOnlySpan<float> images, Span<EmotionScores> scores)
    {
        ReadOnlySpan<long> inputShape = [scores.Length, 1, FacePreprocessor.Size, FacePreprocessor.Size];
        ReadOnlySpan<long> outputShape = [scores.Length, Emotions.Count];
        Span<float> probabilities = stackalloc float[scores.Length * Emotions.Count];
        session.Run(ModelContract.InputName, images, inputShape, ModelContract.OutputName, probabilities, outputShape);
        try
        {
            for (int i = 0; i < scores.Length; i++)
            {
                scores[i] = new EmotionScores(probabilities.Slice(i * Emotions.Count, Emotions.Count));
            }
        }
        catch (ArgumentException e)
        {
            throw new ModelException($"the model's output '{ModelContract.OutputName}' is no softmax: {e.Message}", e);
        }
    }

    private static void Widen(ReadOnlySpan<byte> pixels, Span<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = pixels[i];
        }
    }

    private static byte[] ReadToEnd(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }
}
