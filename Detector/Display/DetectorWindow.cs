using System.Diagnostics;
using MlNetEmotion.CommandLine;
using MlNetEmotion.Native.OpenCv;

namespace MlNetEmotion.Detector.Display;

/// <summary>The window: shows frames at the rate they belong, until the user presses q or Esc or closes it. One thread only.</summary>
internal sealed class DetectorWindow : IDisposable
{
    private const int EscapeKey = 27;
    private const string Title = "MlNetEmotion";
    private const int MaxWidth = 1280;
    private const int MaxHeight = 720;

    // How long the keyboard, and Ctrl+C, may go unnoticed.
    private const int MaxWaitMs = 50;

    // A frame that becomes ready meanwhile is late by as much.
    private const int IdleMs = 2;

    private readonly bool isLive;
    private readonly Stopwatch clock = new();
    private Window? window;
    private (int Width, int Height) frameSize;
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
        while (!isLive && clock.Elapsed < timestamp)
        {
            if (WantsToQuit((timestamp - clock.Elapsed).TotalMilliseconds))
            {
                return false;
            }
        }

        clock.Start();
        Annotator.DrawStatus(frame, $"{framesPerSecond:0} frames/s   q or Esc quits");
        window ??= new Window(Title);
        Fit(frame.Width, frame.Height);
        window.Show(frame);
        MeasureRate();
        return !WantsToQuit(1);
    }

    /// <summary>Lets the window work while no frame is ready.</summary>
    /// <returns>False when the user wants to quit.</returns>
    public bool Idle()
    {
        if (window is null)
        {
            Thread.Sleep(IdleMs);
            return true;
        }

        return !WantsToQuit(IdleMs);
    }

    /// <summary>Leaves the last frame on the screen until the user quits.</summary>
    /// <param name="stop">Ends it too.</param>
    public void Linger(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested && !WantsToQuit(MaxWaitMs))
        {
        }
    }

    /// <inheritdoc/>
    public void Dispose() => window?.Dispose();

    private bool WantsToQuit(double waitMs) =>
        Window.WaitKey((int)Math.Clamp(waitMs, 1, MaxWaitMs)) is 'q' or 'Q' or EscapeKey || window is { IsOpen: false };

    // As large as the frames, but never larger than a small screen; between frames of a size the user may drag it to any.
    private void Fit(int width, int height)
    {
        if (frameSize != (width, height))
        {
            frameSize = (width, height);
            double scale = Math.Min(1, Math.Min((double)MaxWidth / width, (double)MaxHeight / height));
            window!.Resize(Math.Max(1, (int)(width * scale)), Math.Max(1, (int)(height * scale)));
        }
    }

    private void MeasureRate()
    {
        TimeSpan now = clock.Elapsed;
        double rate = 1 / Math.Max((now - lastShown).TotalSeconds, 1e-3);
        framesPerSecond = lastShown == default ? 0 : framesPerSecond == 0 ? rate : (0.9 * framesPerSecond) + (0.1 * rate);
        lastShown = now;
    }
}
