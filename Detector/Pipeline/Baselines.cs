using System.Globalization;
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
    public EmotionScores Correct(int trackId, EmotionScores scores, TimeSpan timestamp) => baseline.Correct(scores);
}

/// <summary>The resting face of each track, learned from its first seconds, whose scores stay as they are.</summary>
internal sealed class TrackBaselines(TimeSpan duration) : IBaselines
{
    // The tracker ends a track that was lost for longer.
    private static readonly TimeSpan ForgetAfter = TimeSpan.FromSeconds(10);

    private readonly Dictionary<int, (NeutralBaseline Baseline, TimeSpan First, TimeSpan Last, bool IsLearned)> tracks = [];
    private int faces;
    private int corrected;

    /// <summary>A message about faces that were seen too briefly to be corrected; null if there were none.</summary>
    public string? Shortfall => corrected == faces ? null
        : string.Create(CultureInfo.InvariantCulture, $"--baseline corrected {corrected} of {Quantity.Pluralize(faces, "face")}; the others were seen for less than {duration.TotalSeconds:0.###} s.");

    public EmotionScores Correct(int trackId, EmotionScores scores, TimeSpan timestamp)
    {
        if (!tracks.TryGetValue(trackId, out var track))
        {
            Forget(timestamp);
            track = (new NeutralBaseline(), timestamp, timestamp, false);
            faces++;
        }

        bool isLearned = timestamp - track.First >= duration;
        corrected += isLearned && !track.IsLearned ? 1 : 0;
        tracks[trackId] = track with { Last = timestamp, IsLearned = isLearned };
        if (!isLearned)
        {
            track.Baseline.Add(scores);
            return scores;
        }

        return track.Baseline.Correct(scores);
    }

    private void Forget(TimeSpan now)
    {
        foreach ((int id, (_, _, TimeSpan last, _)) in tracks)
        {
            if (now - last > ForgetAfter)
            {
                tracks.Remove(id); // removing is allowed while enumerating
            }
        }
    }
}
