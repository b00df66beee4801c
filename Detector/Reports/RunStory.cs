using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Reports;

/// <summary>What a report shows of a run. Answers are an emotion's index, or <see cref="RunStory.Uncertain"/>; times
/// are in seconds, since the first frame.</summary>
/// <param name="Seconds">To the end of the last frame.</param>
/// <param name="Faces">How many different faces were followed, those seen for a moment only included.</param>
/// <param name="Tracks">The faces seen longest, in order of appearance.</param>
/// <param name="SecondsByAnswer">All faces' time together, double [8].</param>
/// <param name="Best">The surest moment of each emotion that was shown.</param>
internal sealed record Story(
    long Frames, double Seconds, int Faces, IReadOnlyList<StoryTrack> Tracks, double[] SecondsByAnswer, IReadOnlyList<StoryMoment> Best)
{
    /// <summary>Still pictures, each of which takes a second; null for a film.</summary>
    public IReadOnlyList<StoryPicture>? Pictures { get; init; }
}

/// <summary>A still picture, and what each of its faces showed.</summary>
internal sealed record StoryPicture(string Source, IReadOnlyList<(string Shown, double Probability)> Faces);

/// <summary>A face's time: its answers in order, and how long it gave each, double [8].</summary>
internal sealed record StoryTrack(int TrackId, IReadOnlyList<StorySegment> Segments, double[] SecondsByAnswer);

/// <summary>A time during which a face's answer stayed the same.</summary>
internal readonly record struct StorySegment(double Start, double End, int Answer);

/// <summary>The moment at which an emotion's probability was highest.</summary>
/// <param name="Source">Which file, or device, it is of.</param>
/// <param name="Frame">The frame's number within it, from 0.</param>
/// <param name="Jpeg">The face as a JPEG file's bytes; null where no pictures were asked for.</param>
internal sealed record StoryMoment(int Answer, double Probability, double Seconds, string Source, long Frame, int TrackId, byte[]? Jpeg);

/// <summary>Collects what a report tells of a run: who showed what, when, for how long. Memory grows with changes of
/// answers, not with a film's frames.</summary>
internal sealed class RunStory(double framesPerSecond, bool keepThumbnails, bool areStills = false) : IFrameSink
{
    /// <summary>The answer after the seven emotions.</summary>
    public const int Uncertain = Emotions.Count;

    /// <summary>Faces shown; more would make the timeline a carpet.</summary>
    internal const int MaxTracks = 30;

    /// <summary>Pictures listed; a page of more opens slowly.</summary>
    internal const int MaxPictures = 5000;

    private const int ThumbnailSize = 112;

    // Between frames of a face that are further apart it was not there.
    private const double MaxGapSeconds = 1;

    private readonly Dictionary<int, Track> present = [];
    private readonly List<Track> longest = [];
    private readonly List<StoryPicture> pictures = [];
    private readonly double[] secondsByAnswer = new double[Emotions.Count + 1];
    private readonly StoryMoment?[] best = new StoryMoment?[Emotions.Count];
    private long frames;
    private int faces;
    private double end;

    public bool Write(Frame frame, FrameResult result)
    {
        frames++;
        double now = result.Timestamp.TotalSeconds;
        end = now + (1 / framesPerSecond);
        if (areStills && pictures.Count < MaxPictures)
        {
            pictures.Add(new StoryPicture(result.Source, [.. result.Faces.Select(face => (face.Shown, (double)face.Confidence))]));
        }

        foreach (FaceResult face in result.Faces)
        {
            AddFace(face, now);
            int emotion = (int)face.Emotion;
            if (!face.IsUncertain && face.Confidence > (best[emotion]?.Probability ?? 0))
            {
                byte[]? jpeg = keepThumbnails ? Thumbnail(frame, face.Box) : null;
                best[emotion] = new StoryMoment(emotion, face.Confidence, now, result.Source, result.Frame, face.TrackId, jpeg);
            }
        }

        foreach (Track track in present.Values)
        {
            if (now - track.LastSeen > MaxGapSeconds)
            {
                present.Remove(track.Id);
                Keep(track);
            }
        }

        return true;
    }

    /// <summary>The story so far.</summary>
    public Story Tell()
    {
        IEnumerable<Track> shown = longest.Concat(present.Values).OrderByDescending(track => track.Seconds).Take(MaxTracks);
        StoryTrack[] tracks =
        [
            .. shown.OrderBy(track => track.Segments.Count == 0 ? track.SegmentStart : track.Segments[0].Start).ThenBy(track => track.Id)
                .Select(track => new StoryTrack(track.Id, [.. track.Segments, track.Open], track.SecondsByAnswer)),
        ];
        return new Story(frames, end, faces, tracks, secondsByAnswer, [.. best.OfType<StoryMoment>()]) { Pictures = areStills ? pictures : null };
    }

    private void AddFace(FaceResult face, double now)
    {
        int answer = face.IsUncertain ? Uncertain : (int)face.Emotion;
        if (!present.TryGetValue(face.TrackId, out Track? track))
        {
            track = new Track(face.TrackId) { Answer = answer, SegmentStart = now, Until = now };
            present.Add(face.TrackId, track);
            faces++;
        }

        Count(track, now);    // the time since the frame before belongs to the answer before
        if (answer != track.Answer)
        {
            track.Segments.Add(track.Open with { End = now });
            (track.Answer, track.SegmentStart) = (answer, now);
        }

        track.LastSeen = now;
        Count(track, now + (1 / framesPerSecond));
    }

    // The last frame's time is counted ahead; where the next one comes sooner, the rest is its own.
    private void Count(Track track, double until)
    {
        double more = Math.Max(0, until - track.Until);
        track.SecondsByAnswer[track.Answer] += more;
        secondsByAnswer[track.Answer] += more;
        track.Until = Math.Max(track.Until, until);
    }

    private void Keep(Track track)
    {
        longest.Add(track);
        if (longest.Count > 2 * MaxTracks)
        {
            longest.Sort((a, b) => b.Seconds.CompareTo(a.Seconds));
            longest.RemoveRange(MaxTracks, longest.Count - MaxTracks);
        }
    }

    private static byte[]? Thumbnail(Frame frame, Box face)
    {
        Box visible = frame.Clip(face);
        if (visible.Width == 0 || visible.Height == 0)
        {
            return null;
        }

        using var part = new Mat(frame.Mat, visible.ToRect());
        using Mat small = part.Resize(new Size(ThumbnailSize, Math.Max(1, ThumbnailSize * visible.Height / visible.Width)), interpolation: InterpolationFlags.Area);
        return small.ImEncode(".jpg");
    }

    private sealed class Track(int id)
    {
        public int Id { get; } = id;
        public List<StorySegment> Segments { get; } = [];
        public double[] SecondsByAnswer { get; } = new double[Emotions.Count + 1];
        public int Answer { get; set; }
        public double SegmentStart { get; set; }
        public double LastSeen { get; set; }
        public double Until { get; set; }
        public StorySegment Open => new(SegmentStart, Until, Answer);
        public double Seconds => SecondsByAnswer.Sum();
    }
}
