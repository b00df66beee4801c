using System.Diagnostics;
using MlNetEmotion.Programs;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Display;

/// <summary>The window: shows frames at the rate they belong, and does what the keys ask. One thread only.</summary>
internal sealed class DetectorWindow : IFrameSink, IDisposable
{
    private const int EscapeKey = 27;
    private const string Title = "MlNetEmotion";
    private const int MaxWidth = 1280;
    private const int MaxHeight = 720;

    // How long the keyboard, and Ctrl+C, may go unnoticed.
    private const int MaxWaitMs = 50;

    // A frame that becomes ready meanwhile is late by as much.
    private const int IdleMs = 2;

    private static readonly TimeSpan NoticeTime = TimeSpan.FromSeconds(2);

    private readonly IFrameSource source;
    private readonly string snapshotFolder;
    private readonly StageTimings timings;
    private readonly CancellationToken stop;
    private readonly Stopwatch clock = new();
    private readonly DisplayRate rate = new();
    private readonly Frame picture = new();
    private readonly Frame canvas = new();
    private readonly Annotator annotator = new();
    private readonly List<FaceResult> faces = [];
    private readonly List<FaceResult> mirrored = [];
    private (int FramesPerSecond, int LatencyMs, string Text) figures = (-1, -1, "");
    private Screen? window;
    private (int Width, int Height) frameSize;
    private bool showBars = true;
    private bool showHelp;
    private bool isMirrored;
    private bool isPaused;
    private bool wantsToQuit;
    private string? trouble;
    private string? notice;
    private long noticeSince;

    /// <summary>Makes sure that a window can be opened; the first frame opens it.</summary>
    /// <exception cref="UsageException">There is no display.</exception>
    public DetectorWindow(IFrameSource source, string snapshotFolder, StageTimings timings, CancellationToken stop)
    {
        if (!Screen.IsThere)
        {
            throw new UsageException("no display for a window: use '--headless', with '--output VIDEO' or '--events FILE' to keep the result.");
        }

        this.source = source;
        this.snapshotFolder = snapshotFolder;
        this.timings = timings;
        this.stop = stop;
    }

    /// <summary>Shows a frame when its time has come; while paused, for as long as the pause lasts.</summary>
    public bool Write(Frame frame, FrameResult result)
    {
        using StageTimings.Measurement showing = timings.Measure("show");
        TimeSpan latency = Stopwatch.GetElapsedTime(result.CapturedAt);
        while (!source.IsLive && clock.Elapsed < result.Timestamp && GoesOn)
        {
            HandleKey((result.Timestamp - clock.Elapsed).TotalMilliseconds);
        }

        rate.Add(latency);
        frame.CopyTo(picture);
        faces.Clear();
        faces.AddRange(result.Faces);    // the frame's own list may be used again while this one lingers
        Draw();
        HandleKey(1);
        clock.Stop();    // a pause takes no time
        while (isPaused && GoesOn)
        {
            HandleKey(MaxWaitMs);
        }

        clock.Start();
        return GoesOn;
    }

    /// <summary>Lets the window work while no frame is ready.</summary>
    public bool Idle()
    {
        if (window is null)
        {
            Thread.Sleep(IdleMs);
        }
        else
        {
            HandleKey(IdleMs);
            if (source.Trouble != trouble)
            {
                Draw();
            }
        }

        return GoesOn;
    }

    /// <summary>Leaves the last frame on the screen until the user quits.</summary>
    public void Linger()
    {
        while (Idle())
        {
        }
    }

    public void Dispose()
    {
        window?.Dispose();
        picture.Dispose();
        canvas.Dispose();
    }

    private bool GoesOn => !wantsToQuit && !stop.IsCancellationRequested && window is not { IsOpen: false };

    private void HandleKey(double waitMs)
    {
        int key = Screen.WaitKey((int)Math.Clamp(waitMs, 1, MaxWaitMs));
        switch (key)
        {
            case < 0: return;
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
        if (picture.Width == 0 || window is { IsOpen: false })
        {
            return;
        }

        trouble = source.Trouble;
        DrawFaces();
        Overlay.DrawStatus(canvas, Status());
        if (showHelp)
        {
            Overlay.DrawHelp(canvas);
        }

        window ??= new Screen(Title);
        Fit(canvas.Width, canvas.Height);
        window.Show(canvas);
    }

    // Text is drawn after mirroring, so that it can be read.
    private void DrawFaces()
    {
        if (isMirrored)
        {
            picture.MirrorTo(canvas);
            mirrored.Clear();
            foreach (FaceResult face in faces)
            {
                mirrored.Add(face with { Box = face.Box with { X = picture.Width - face.Box.X - face.Box.Width } });
            }

            annotator.Draw(canvas, mirrored, showBars);
        }
        else
        {
            picture.CopyTo(canvas);
            annotator.Draw(canvas, faces, showBars);
        }
    }

    private string Status() =>
        notice is not null && Stopwatch.GetElapsedTime(noticeSince) < NoticeTime ? notice
        : trouble is not null ? trouble
        : isPaused ? "paused: space goes on"
        : Figures();

    // Made anew only when a figure changes.
    private string Figures()
    {
        (int framesPerSecond, int latencyMs) = ((int)Math.Round(rate.FramesPerSecond), (int)Math.Round(rate.LatencyMs));
        if ((framesPerSecond, latencyMs) != (figures.FramesPerSecond, figures.LatencyMs))
        {
            figures = (framesPerSecond, latencyMs, $"{framesPerSecond} frames/s  {latencyMs} ms   ? help");
        }

        return figures.Text;
    }

    private void SaveSnapshot()
    {
        if (picture.Width == 0)
        {
            return;
        }

        DrawFaces();
        try
        {
            string path = Snapshots.Save(snapshotFolder, canvas.Encode(".png"), DateTime.Now);
            notice = $"saved {Path.GetFileName(path)}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            notice = "not saved: " + e.Message;
        }

        noticeSince = Stopwatch.GetTimestamp();
    }

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
}

/// <summary>How fast frames come to the screen and how old they are by then, each as a mean over the last ten or so.</summary>
internal sealed class DisplayRate
{
    private const double Weight = 0.1;

    private long last;

    /// <summary>Frames a second; 0 before the second frame.</summary>
    public double FramesPerSecond { get; private set; }

    /// <summary>From taking a frame to showing it, in milliseconds.</summary>
    public double LatencyMs { get; private set; }

    /// <summary>Counts a frame.</summary>
    public void Add(TimeSpan latency)
    {
        long now = Stopwatch.GetTimestamp();
        LatencyMs = last == 0 ? latency.TotalMilliseconds : Mean(LatencyMs, latency.TotalMilliseconds);
        if (last != 0)
        {
            double rate = 1 / Math.Max(Stopwatch.GetElapsedTime(last, now).TotalSeconds, 1e-3);
            FramesPerSecond = FramesPerSecond == 0 ? rate : Mean(FramesPerSecond, rate);
        }

        last = now;
    }

    private static double Mean(double before, double now) => ((1 - Weight) * before) + (Weight * now);
}
