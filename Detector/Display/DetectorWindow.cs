using System.Diagnostics;
using MlNetEmotion.CommandLine;
using MlNetEmotion.Native.OpenCv;

namespace MlNetEmotion.Detector.Display;

/// <summary>The window: shows frames at the rate they belong, until the user presses q or Esc or closes it. One thread only.</summary>
internal sealed class DetectorWindow : IDisposable
{
    private const int EscapeKey = 27;
    private const string Title = "MlNetEmotion";

    private readonly bool isLive;
    private readonly Stopwatch clock = new();
    private Window? window;
    private double framesPerSecond;
    private TimeSpan lastShown;

    /// <summary>Makes sure that a window can be opened; the first frame opens it.</summary>
    /// <param name="isLive">Whether to show frames at once, rather than at their time.</param>
    /// <exception cref="UsageException">There is no display.</exception>
    public DetectorWindow(bool isLive)
    {
        if (!Window.HasDisplay)
        {
            throw new UsageException("no display for a window: use '--headless', with '--output VIDEO' or '--events FILE' to keep the result.");
        }

        this.isLive = isLive;
    }

    /// <summary>Shows a frame when its time has come.</summary>
    /// <param name="frame">Drawn on: the frame rate, and how to quit.</param>
    /// <param name="timestamp">The frame's time, since the first.</param>
    /// <returns>False when the user wants to quit.</returns>
    public bool Show(Mat frame, TimeSpan timestamp)
    {
        window ??= new Window(Title, frame.Width, frame.Height);
        Annotator.DrawStatus(frame, $"{framesPerSecond:0} frames/s   q or Esc quits");
        window.Show(frame);
        bool goOn = true;
        do
        {
            // What is left of the frame's time, but never too long away from the keyboard.
            double waitMs = isLive ? 1 : (timestamp - clock.Elapsed).TotalMilliseconds;
            int key = Window.WaitKey((int)Math.Clamp(waitMs, 1, 50));
            goOn = key is not ('q' or 'Q' or EscapeKey) && window.IsOpen;
        }
        while (goOn && !isLive && clock.Elapsed < timestamp);
        clock.Start();
        MeasureRate();
        return goOn;
    }

    /// <inheritdoc/>
    public void Dispose() => window?.Dispose();

    private void MeasureRate()
    {
        TimeSpan now = clock.Elapsed;
        double rate = 1 / Math.Max((now - lastShown).TotalSeconds, 1e-3);
        framesPerSecond = lastShown == default ? 0 : framesPerSecond == 0 ? rate : (0.9 * framesPerSecond) + (0.1 * rate);
        lastShown = now;
    }
}
