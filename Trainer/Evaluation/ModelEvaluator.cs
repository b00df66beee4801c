using MlNetEmotion.Trainer.Data;

namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>Runs a model over a dataset.</summary>
/// <param name="score">Scores a batch of faces, for example <see cref="EmotionClassifier.ClassifyBatch(ReadOnlySpan{byte}, Span{EmotionScores})"/>.</param>
internal sealed class ModelEvaluator(ScoreFaces score)
{
    private const int BatchSize = 100;

    /// <summary>Whether to average each face's probabilities over ten views: unchanged, shifted by two pixels in four directions, and all of these
    /// mirrored.</summary>
    public bool TestTimeAugmentation { get; init; }

    /// <summary>The side of the crops that replace the shifted views; 0 for none.</summary>
    public int Crop { get; init; }

    /// <summary>Scores every face.</summary>
    /// <param name="progress">Receives the number of scored faces after each batch.</param>
    /// <returns>Probabilities: float32 [count, 7].</returns>
    /// <exception cref="OperationCanceledException">It was cancelled, which takes effect between batches.</exception>
    public float[] Predict(FaceDataset dataset, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        int views = TestTimeAugmentation ? Evaluation.TestTimeAugmentation.ViewCount : 1;
        int facesPerBatch = BatchSize / views;
        var pixels = new byte[BatchSize * FacePreprocessor.PixelCount];
        var scores = new EmotionScores[BatchSize];
        var probabilities = new float[dataset.Count * Emotions.Count];
        for (int start = 0; start < dataset.Count; start += facesPerBatch)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = Math.Min(facesPerBatch, dataset.Count - start);
            for (int i = 0; i < count; i++)
            {
                Span<byte> faceViews = pixels.AsSpan(i * views * FacePreprocessor.PixelCount);
                if (TestTimeAugmentation)
                {
                    Evaluation.TestTimeAugmentation.Write(dataset.Face(start + i), Crop, faceViews);
                }
                else
                {
                    dataset.Face(start + i).CopyTo(faceViews);
                }
            }

            Span<EmotionScores> batch = scores.AsSpan(0, count * views);
            score(pixels.AsSpan(0, batch.Length * FacePreprocessor.PixelCount), batch);
            Average(batch, views, probabilities.AsSpan(start * Emotions.Count, count * Emotions.Count));
            progress?.Report(start + count);
        }

        return probabilities;
    }

    private static void Average(ReadOnlySpan<EmotionScores> scores, int views, Span<float> probabilities)
    {
        for (int i = 0; i < scores.Length; i++)
        {
            Span<float> row = probabilities.Slice(i / views * Emotions.Count, Emotions.Count);
            for (int c = 0; c < row.Length; c++)
            {
                row[c] += scores[i][(Emotion)c] / views;
            }
        }
    }
}

/// <summary>Scores faces, as <see cref="EmotionClassifier.ClassifyBatch(ReadOnlySpan{byte}, Span{EmotionScores})"/> does.</summary>
/// <param name="faces">uint8 [n, 48, 48], gray.</param>
/// <param name="scores">Receives the n faces' probabilities.</param>
internal delegate void ScoreFaces(ReadOnlySpan<byte> faces, Span<EmotionScores> scores);
