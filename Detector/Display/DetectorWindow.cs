using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Sources;

namespace MlNetEmotion.Detector.Display;

/// <summary>The window: shows frames at their playback rate and handles keys. Single-threaded.</summary>
internal sealed class DetectorWindow : IFrameSink, IDisposable
{
    private const int EscapeKey = 27;
    private const int MaxWidth = 1280;
    private const int MaxHeight = 720;

    // Longest time between checks of the keyboard and Ctrl+C.
    private const int MaxWaitMs = 50;

    // Longest delay of a frame that becomes ready during a wait.
    private const int IdleMs = 2;

    private static readonly TimeSpan NoticeTime = TimeSpan.FromSeconds(2);

    private readonly IFrameSource source;
    private readonly string snapshotFolder;
    private readonly StageTimings timings;
    private readonly CancellationToken stop;
    private readonly Stopwatch clock = new();
    private readonly Frame image = new();
    private readonly Frame canvas = new();
    private readonly Annotator annotator = new();
    private readonly List<FaceResult> faces = [];
    private MovingAverage framesPerSecond;
    private MovingAverage latencyMs;
    private long shownAt;
    private Screen? window;
    private (int Width, int Height) frameSize;
    private bool showBars = true;
    private bool showHelp;
    private bool isMirrored;
    private bool isPaused;
    private bool wantsToQuit;
    private string? stallMessage;
    private string? notice;
    private long noticeSince;

    /// <summary>Checks that a window can be opened; it opens with the first frame.</summary>
    public DetectorWindow(IFrameSource source, string snapshotFolder, StageTimings timings, CancellationToken stop)
    {
        if (!Screen.IsAvailable)
        {
            throw new UsageException("no display for a window: use '--headless', with '--output VIDEO' or '--events FILE' to keep the result.");
        }

        (this.source, this.snapshotFolder, this.timings, this.stop) = (source, snapshotFolder, timings, stop);
    }

    /// <summary>Whether the user has neither quit nor closed the window.</summary>
    public bool IsRunning => !wantsToQuit && !stop.IsCancellationRequested && window is not { IsOpen: false };

    /// <summary>Shows a frame at its time and returns, when paused, after the pause.</summary>
    public void Write(Frame frame, FrameResult result)
    {
        using StageTimings.Measurement showing = timings.Measure("show");
        latencyMs.Add(Stopwatch.GetElapsedTime(result.CapturedAt).TotalMilliseconds);
        while (!source.IsLive && clock.Elapsed < result.Timestamp && IsRunning)
        {
            HandleKey((result.Timestamp - clock.Elapsed).TotalMilliseconds);
        }

        if (shownAt != 0)
        {
            framesPerSecond.Add(1 / Math.Max(Stopwatch.GetElapsedTime(shownAt).TotalSeconds, 1e-3));
        }

        shownAt = Stopwatch.GetTimestamp();
        frame.CopyTo(image);
        faces.Clear();
        faces.AddRange(result.Faces);    // a copy: the frame's list is reused while this frame is still shown
        Draw();
        HandleKey(1);
        clock.Stop();    // the clock excludes pauses
        while (isPaused && IsRunning)
        {
            HandleKey(MaxWaitMs);
        }

        clock.Start();
    }

    /// <summary>Handles the window's events while no frame is ready; returns false to end the run.</summary>
    public bool Idle()
    {
        if (window is null)
        {
            Thread.Sleep(IdleMs);
            return IsRunning;
        }

        HandleKey(IdleMs);
        if (source.StallMessage != stallMessage)
        {
            Draw();
        }

        return IsRunning;
    }

    /// <summary>Shows the last frame until the user quits.</summary>
    public void Linger()
    {
        while (Idle())
        {
        }
    }

    public void Dispose()
    {
        window?.Dispose();
        image.Dispose();
        canvas.Dispose();
    }

    private void HandleKey(double waitMs)
    {
        switch (Screen.WaitKey((int)Math.Clamp(waitMs, 1, MaxWaitMs)))
        {
            case 'q' or 'Q' or EscapeKey: wantsToQuit = true; return;
            case ' ': isPaused = !isPaused; break;
            case 'b' or 'B': showBars = !showBars; break;
            case 'm' or 'M': isMirrored = !isMirrored; break;
            case '?' or 'h' or 'H': showHelp = !showHelp; break;
            case 's' or 'S': SaveSnapshot(); break;
            default: return;
        }

        Draw();
    }

    private void Draw()
    {
        if (image.Width == 0 || window is { IsOpen: false })
        {
            return;
        }

        stallMessage = source.StallMessage;
        DrawFaces();
        Overlay.DrawStatus(canvas, Status());
        if (showHelp)
        {
            Overlay.DrawHelp(canvas);
        }

        window ??= new Screen("MlNetEmotion");
        Fit(window);
        window.Show(canvas);
    }

    // Mirrors the image before text is drawn, to keep the text readable.
    private void DrawFaces()
    {
        if (!isMirrored)
        {
            image.CopyTo(canvas);
            annotator.Draw(canvas, faces, showBars);
            return;
        }

        Cv2.Flip(image.Mat, canvas.Mat, FlipMode.Y);
        annotator.Draw(canvas, [.. faces.Select(face => face with { Box = face.Box with { X = image.Width - face.Box.X - face.Box.Width } })], showBars);
    }

    private string Status() =>
        notice is not null && Stopwatch.GetElapsedTime(noticeSince) < NoticeTime ? notice
        : stallMessage is not null ? stallMessage
        : isPaused ? "paused: space resumes"
        : $"{Math.Round(framesPerSecond.Value)} frames/s  {Math.Round(latencyMs.Value)} ms   ? help";

    private void SaveSnapshot()
    {
        if (image.Width == 0)
        {
            return;
        }

        DrawFaces();
        try
        {
            notice = $"saved {Path.GetFileName(Snapshots.Save(snapshotFolder, canvas.Mat.ImEncode(), DateTime.Now))}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            notice = "not saved: " + e.Message;
        }

        noticeSince = Stopwatch.GetTimestamp();
    }

    // Resizes the window to the frame's size, up to the size of a small screen. While the frame size stays the same, the user may resize it freely.
    private void Fit(Screen screen)
    {
        if (frameSize != (canvas.Width, canvas.Height))
        {
            frameSize = (canvas.Width, canvas.Height);
            double scale = Math.Min(1, Math.Min((double)MaxWidth / canvas.Width, (double)MaxHeight / canvas.Height));
            screen.Resize(Math.Max(1, (int)(canvas.Width * scale)), Math.Max(1, (int)(canvas.Height * scale)));
        }
    }
}

/// <summary>An exponential moving average over about ten values; 0 before the first.</summary>
internal struct MovingAverage
{
    private const double Weight = 0.1;

    private double? mean;

    public readonly double Value => mean ?? 0;

    public void Add(double value) => mean = mean is { } before ? ((1 - Weight) * before) + (Weight * value) : value;
}

internal static class Snapshots
{
    /// <summary>Saves an image under a name with the time; never overwrites a file. Returns its path.</summary>
    public static string Save(string folder, ReadOnlySpan<byte> png, DateTime time)
    {
        Directory.CreateDirectory(folder);
        string name = $"snapshot-{time:yyyyMMdd-HHmmss}";
        string path = Path.Combine(folder, $"{name}.png");
        for (int i = 2; File.Exists(path); i++)
        {
            path = Path.Combine(folder, $"{name}-{i}.png");
        }

        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        file.Write(png);
        return path;
    }
}
