namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>Scores faces, as <see cref="EmotionClassifier.ClassifyBatch(ReadOnlySpan{byte}, Span{EmotionScores})"/> does.</summary>
/// <param name="faces">uint8 [n, 48, 48], gray.</param>
/// <param name="scores">Receives the n faces' probabilities.</param>
internal delegate void ScoreFaces(ReadOnlySpan<byte> faces, Span<EmotionScores> scores);
