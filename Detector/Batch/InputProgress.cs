using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Running;
using MlNetEmotion.Detector.Sources;

namespace MlNetEmotion.Detector.Batch;

/// <summary>Reports the progress of an input to the display, at the display's interval.</summary>
/// <param name="frames">The total number of frames; null if unknown.</param>
internal sealed class InputProgress(BatchDisplay display, int input, long? frames) : IFrameSink
{
    private long written;
    private long reportedAt = Stopwatch.GetTimestamp();

    public static InputProgress Of(IFrameSource source, DetectorOptions options, BatchDisplay display, int input = 0)
    {
        long frames = Math.Min(source.FrameCount ?? long.MaxValue, InputRun.MaxFrames(source, options) ?? long.MaxValue);
        return new InputProgress(display, input, frames < long.MaxValue ? frames : null);
    }

    public void Write(Frame frame, FrameResult result)
    {
        written++;
        if (Stopwatch.GetElapsedTime(reportedAt) >= display.Interval)
        {
            reportedAt = Stopwatch.GetTimestamp();
            string of = frames is null ? "" : $" of {frames}";
            display.Advance(input, frames is null ? null : Math.Min((double)written / frames.Value, 1), $"{written}{of} frames");
        }
    }
}
