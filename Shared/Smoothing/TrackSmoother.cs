namespace MlNetEmotion.Smoothing;

/// <summary>Makes steady answers of many faces' scores, each face by its own past. Not thread-safe.</summary>
public sealed class TrackSmoother
{
    private readonly SmoothingOptions options;
    private readonly Dictionary<int, Track> tracks = [];
    private readonly List<int> gone = [];
    private TimeSpan lastSweep;

    /// <summary>Starts without faces.</summary>
    /// <param name="options">How steady; null for the defaults.</param>
    public TrackSmoother(SmoothingOptions? options = null) => this.options = options ?? new SmoothingOptions();

    /// <summary>Faces remembered: those seen within the last few seconds.</summary>
    public int Count => tracks.Count;

    /// <summary>Takes a face's scores in the next frame.</summary>
    /// <param name="trackId">Which face: the same number for the same face from frame to frame.</param>
    /// <param name="scores">Its scores in that frame alone.</param>
    /// <param name="timestamp">When the frame was.</param>
    /// <returns>The face's steady answer at that time.</returns>
    public EmotionReading Update(int trackId, EmotionScores scores, TimeSpan timestamp)
    {
        Sweep(timestamp);
        if (!tracks.TryGetValue(trackId, out Track? track))
        {
            track = new Track(new EmotionSmoother(this.options));
            tracks.Add(trackId, track);
        }

        track.LastSeen = timestamp;
        return track.Smoother.Update(scores, timestamp);
    }

    // A camera runs for days and sees many faces: those that went must not stay in memory. Once a second is soon enough.
    private void Sweep(TimeSpan now)
    {
        if (Math.Abs((now - lastSweep).TotalSeconds) < 1)
        {
            return;
        }

        lastSweep = now;
        gone.Clear();
        foreach ((int id, Track track) in tracks)
        {
            if ((now - track.LastSeen).TotalSeconds > this.options.ForgetAfterSeconds)
            {
                gone.Add(id);
            }
        }

        foreach (int id in gone)
        {
            tracks.Remove(id);
        }
    }

    private sealed class Track(EmotionSmoother smoother)
    {
        public EmotionSmoother Smoother { get; } = smoother;

        public TimeSpan LastSeen { get; set; }
    }
}
