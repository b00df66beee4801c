using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Running;
using MlNetEmotion.Detector.Sources;

namespace MlNetEmotion.Detector.Batch;

/// <summary>Tells a display how far an input is, as often as the display wants to know.</summary>
/// <param name="frames">How many there will be; null for no idea.</param>
internal sealed class InputProgress(BatchDisplay display, int input, long? frames) : IFrameSink
{
    private long written;
    private long toldAt = Stopwatch.GetTimestamp();

    public static InputProgress Of(IFrameSource source, DetectorOptions options, BatchDisplay display, int input = 0)
    {
        long frames = Math.Min(source.FrameCount ?? long.MaxValue, InputRun.MaxFrames(source, options) ?? long.MaxValue);
        return new InputProgress(display, input, frames < long.MaxValue ? frames : null);
    }

    public bool Write(Frame frame, FrameResult result)
    {
        written++;
        if (Stopwatch.GetElapsedTime(toldAt) >= display.Interval)
        {
            toldAt = Stopwatch.GetTimestamp();
            string of = frames is null ? "" : $" of {frames}";
            display.Advance(input, frames is null ? null : Math.Min((double)written / frames.Value, 1), $"{written}{of} frames");
        }

        return true;
    }
}
