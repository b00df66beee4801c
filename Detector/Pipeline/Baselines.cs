using MlNetEmotion.Smoothing;

namespace MlNetEmotion.Detector.Pipeline;

/// <summary>Corrects the scores of faces by a resting face. Not thread-safe.</summary>
internal interface IBaselines
{
    /// <summary>Returns the corrected scores of a face, which must come in the order of the frames.</summary>
    EmotionScores Correct(int trackId, EmotionScores scores, TimeSpan timestamp);
}

/// <summary>One resting face for all faces.</summary>
internal sealed class SharedBaseline(NeutralBaseline baseline) : IBaselines
{
    /// <inheritdoc/>
    public EmotionScores Correct(int trackId, EmotionScores scores, TimeSpan timestamp) => baseline.Correct(scores);
}

/// <summary>The resting face of each track, learned from its first seconds, whose scores stay as they are.</summary>
internal sealed class TrackBaselines(TimeSpan duration) : IBaselines
{
    // The tracker ends a track that was lost for longer.
    private static readonly TimeSpan ForgetAfter = TimeSpan.FromSeconds(10);

    private readonly Dictionary<int, (NeutralBaseline Baseline, TimeSpan First, TimeSpan Last)> tracks = [];

    /// <inheritdoc/>
    public EmotionScores Correct(int trackId, EmotionScores scores, TimeSpan timestamp)
    {
        if (!tracks.TryGetValue(trackId, out var track))
        {
            Forget(timestamp);
            track = (new NeutralBaseline(), timestamp, timestamp);
        }

        tracks[trackId] = track with { Last = timestamp };
        if (timestamp - track.First < duration)
        {
            track.Baseline.Add(scores);
            return scores;
        }

        return track.Baseline.Correct(scores);
    }

    private void Forget(TimeSpan now)
    {
        foreach ((int id, (_, _, TimeSpan last)) in tracks)
        {
            if (now - last > ForgetAfter)
            {
                tracks.Remove(id); // removing is allowed while enumerating
            }
        }
    }
}
