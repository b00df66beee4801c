namespace MlNetEmotion.Detector.Pipeline;

/// <summary>
/// Decides on which frames faces are looked for. Adaptive: while tracking is sure, twice as seldom after each detection that brings
/// nothing new, down to twice a second; at once when a face is lost; always while there is none.
/// </summary>
/// <param name="every">Every so many frames; null for adaptive.</param>
/// <param name="framesPerSecond">The source's rate.</param>
internal sealed class DetectionSchedule(int? every, double framesPerSecond)
{
    private const double DetectionsPerSecond = 2;
    private const int MaxInterval = 15;

    private readonly int maxInterval = (int)Math.Clamp(framesPerSecond / DetectionsPerSecond, 1, MaxInterval);
    private int interval = every ?? 1;
    private int framesSince = int.MaxValue;

    /// <summary>Goes on to the next frame.</summary>
    /// <param name="isSure">Whether tracking knows all faces in it.</param>
    /// <returns>Whether to detect in it.</returns>
    public bool IsDue(bool isSure)
    {
        framesSince = framesSince == int.MaxValue ? framesSince : framesSince + 1;
        return framesSince >= interval || (every is null && !isSure);
    }

    /// <summary>Takes a detection's outcome.</summary>
    /// <param name="isAsKnown">Whether it found just the faces that were known.</param>
    public void Detected(bool isAsKnown)
    {
        framesSince = 0;
        interval = every ?? (isAsKnown ? Math.Min(2 * interval, maxInterval) : 1);
    }
}
