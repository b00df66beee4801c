namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>Accuracy on images that were made worse in one way.</summary>
/// <param name="Corruption">The way, for example <c>blur</c>.</param>
/// <param name="Severity">How much, from 1 to 3.</param>
/// <param name="Parameter">How much in the corruption's own unit, for example <c>sigma 1.2 px</c>.</param>
/// <param name="Accuracy">Share of samples classified correctly, in [0, 1].</param>
/// <param name="Agreement">Share of those with a majority of votes whose answer is the majority's, in [0, 1]; null without votes.</param>
internal sealed record RobustnessFigure(string Corruption, int Severity, string Parameter, double Accuracy, double? Agreement = null);
