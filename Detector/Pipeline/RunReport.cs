namespace MlNetEmotion.Detector.Pipeline;

/// <summary>A run's figures, as <c>--timings</c> writes them.</summary>
/// <param name="Frames">Frames processed.</param>
/// <param name="Faces">Faces found in them, all frames together.</param>
/// <param name="FramesPerSecond">Frames by the time from the first frame's reading to the last one's end.</param>
/// <param name="Stages">The stages of a frame, which overlap; <c>latency</c> is from a frame's capture to its delivery.</param>
/// <param name="StartupMs">From the process's start to the first frame's reading, in milliseconds.</param>
/// <param name="FirstFrameMs">From the process's start to the first frame's delivery, in milliseconds.</param>
/// <param name="PeakMemoryMb">The most memory that the process held at once, in units of 1,048,576 bytes.</param>
internal sealed record RunReport(
    long Frames, long Faces, double FramesPerSecond, IReadOnlyList<StageTiming> Stages, double StartupMs, double FirstFrameMs, double PeakMemoryMb);
