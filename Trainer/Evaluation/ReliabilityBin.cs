namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>A bin of the reliability diagram: the samples whose confidence (highest probability) is in an interval.</summary>
/// <param name="Lower">The interval's lower end, exclusive.</param>
/// <param name="Upper">The interval's upper end, inclusive.</param>
/// <param name="Count">The number of samples.</param>
/// <param name="Confidence">Their mean confidence; 0 if there are none.</param>
/// <param name="Accuracy">The share classified correctly, or of people who chose the predicted class; 0 if there are none.</param>
internal sealed record ReliabilityBin(double Lower, double Upper, int Count, double Confidence, double Accuracy);
