namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>The metrics on images with one corruption.</summary>
/// <param name="Corruption">Its name, for example <c>blur</c>.</param>
/// <param name="Severity">From 1 to 3.</param>
/// <param name="Parameter">The strength with its unit, for example <c>sigma 1.2 px</c>.</param>
/// <param name="Accuracy">Share of samples classified correctly, in [0, 1].</param>
/// <param name="Agreement">Share of samples with a majority of votes that are predicted as the majority's class, in [0, 1]; null without votes.</param>
internal sealed record RobustnessMetrics(string Corruption, int Severity, string Parameter, double Accuracy, double? Agreement = null);
