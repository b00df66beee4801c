namespace MlNetEmotion.Detector.Batch;

/// <summary>One of many inputs.</summary>
/// <param name="Path">A video, an image, or a folder whose images are meant.</param>
/// <param name="Name">What its results are called: its file name without the ending; in a folder that was named, the way to it as well.</param>
internal sealed record BatchInput(string Path, string Name);
