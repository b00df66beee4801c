namespace MlNetEmotion.Trainer.Reports;

/// <summary>A face in a report.</summary>
/// <param name="Source">Where it comes from, for example a file name.</param>
/// <param name="Label">The true class.</param>
/// <param name="Predicted">The predicted class.</param>
/// <param name="Probability">The predicted class's probability, in [0, 1].</param>
/// <param name="Png">The face as a PNG file's bytes.</param>
public sealed record ReportFace(string Source, Emotion Label, Emotion Predicted, double Probability, byte[] Png);
