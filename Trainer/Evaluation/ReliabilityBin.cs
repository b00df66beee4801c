namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>The samples whose confidence (largest probability) lies in an interval: a bar of the reliability diagram.</summary>
/// <param name="Lower">The interval's lower end, not part of it.</param>
/// <param name="Upper">The interval's upper end, part of it.</param>
/// <param name="Count">Samples in the interval.</param>
/// <param name="Confidence">Their mean confidence; 0 where there are none.</param>
/// <param name="Accuracy">The share of them that was classified correctly, or of the people who say the same; 0 where there are none.</param>
internal sealed record ReliabilityBin(double Lower, double Upper, int Count, double Confidence, double Accuracy);
