namespace MlNetEmotion.Smoothing;

/// <summary>Makes steady answers of many faces' scores, each face by its own past. Not thread-safe.</summary>
public sealed class TrackSmoother
{
    private readonly SmoothingOptions _options;
    private readonly Dictionary<int, Track> _tracks = [];
    private readonly List<int> _gone = [];
    private TimeSpan _lastSweep;

    /// <summary>Starts without faces.</summary>
    /// <param name="options">How steady; null for the defaults.</param>
    public TrackSmoother(SmoothingOptions? options = null) => _options = options ?? new SmoothingOptions();

    /// <summary>Faces remembered: those seen within the last few seconds.</summary>
    public int Count => _tracks.Count;

    /// <summary>Takes a face's scores in the next frame.</summary>
    /// <param name="trackId">Which face: the same number for the same face from frame to frame.</param>
    /// <param name="scores">Its scores in that frame alone.</param>
    /// <param name="timestamp">When the frame was.</param>
    /// <returns>The face's steady answer at that time.</returns>
    public EmotionReading Update(int trackId, EmotionScores scores, TimeSpan timestamp)
    {
        Sweep(timestamp);
        if (!_tracks.TryGetValue(trackId, out Track? track))
        {
            track = new Track(new EmotionSmoother(_options));
            _tracks.Add(trackId, track);
        }

        track.LastSeen = timestamp;
        return track.Smoother.Update(scores, timestamp);
    }

    // A camera runs for days and sees many faces: those that went must not stay in memory. Once a second is soon enough.
    private void Sweep(TimeSpan now)
    {
        if (Math.Abs((now - _lastSweep).TotalSeconds) < 1)
        {
            return;
        }

        _lastSweep = now;
        _gone.Clear();
        foreach ((int id, Track track) in _tracks)
        {
            if ((now - track.LastSeen).TotalSeconds > _options.ForgetAfterSeconds)
            {
                _gone.Add(id);
            }
        }

        foreach (int id in _gone)
        {
            _tracks.Remove(id);
        }
    }

    private sealed class Track(EmotionSmoother smoother)
    {
        public EmotionSmoother Smoother { get; } = smoother;

        public TimeSpan LastSeen { get; set; }
    }
}
