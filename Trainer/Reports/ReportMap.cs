namespace MlNetEmotion.Trainer.Reports;

/// <summary>A face, and where in it a model looks.</summary>
/// <param name="Face">The face.</param>
/// <param name="Png">The face with its occlusion-sensitivity map over it, as a PNG file's bytes.</param>
public sealed record ReportMap(ReportFace Face, byte[] Png);
