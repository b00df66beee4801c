using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Reports;

/// <summary>The data of a run's report. A label is the index of an emotion, or <see cref="TimelineBuilder.Uncertain"/>; times are in seconds since the first
/// frame.</summary>
/// <param name="Seconds">The end of the last frame.</param>
/// <param name="Faces">The number of different tracks, including those seen only for a moment.</param>
/// <param name="Tracks">The tracks seen longest, in order of appearance.</param>
/// <param name="SecondsByLabel">The seconds of each label, summed over all faces, double [8].</param>
/// <param name="Best">The moment of highest probability of each emotion that was shown.</param>
/// <param name="Images">The still images of the run, each of which lasts a second; null for a video.</param>
internal sealed record Timeline(
    long Frames, double Seconds, int Faces, IReadOnlyList<TimelineTrack> Tracks, double[] SecondsByLabel, IReadOnlyList<TimelineMoment> Best,
    IReadOnlyList<TimelineImage>? Images);

/// <summary>A still image, and the shown label and probability of each of its faces.</summary>
internal sealed record TimelineImage(string Source, IReadOnlyList<(string Shown, double Probability)> Faces);

/// <summary>The labels of one face over time, and the seconds of each label, double [8].</summary>
internal sealed record TimelineTrack(int TrackId, IReadOnlyList<TimelineSegment> Segments, double[] SecondsByLabel);

/// <summary>A time span during which a face's label stayed the same.</summary>
internal readonly record struct TimelineSegment(double Start, double End, int Label);

/// <summary>The moment at which an emotion's probability was highest.</summary>
/// <param name="Jpeg">The face as a JPEG file; null if thumbnails are off.</param>
internal sealed record TimelineMoment(int Label, double Probability, double Seconds, string Source, long Frame, int TrackId, byte[]? Jpeg);

/// <summary>Collects the labels of all faces of a run over time, for its report. Memory grows with the number of label changes, not with the number of
/// frames.</summary>
internal sealed class TimelineBuilder(double framesPerSecond, bool keepThumbnails, bool areStills = false) : IFrameSink
{
    /// <summary>The label after the seven emotions.</summary>
    public const int Uncertain = Emotions.Count;

    /// <summary>Maximum number of rows; more would be unreadable.</summary>
    internal const int MaxTracks = 30;

    /// <summary>Maximum number of images listed; a larger page opens slowly.</summary>
    internal const int MaxImages = 5000;

    private const int ThumbnailSize = 112;

    // A face counts as absent during longer gaps between its frames.
    private const double MaxGapSeconds = 1;

    private readonly Dictionary<int, Track> present = [];
    private readonly List<Track> longest = [];
    private readonly List<TimelineImage> images = [];
    private readonly double[] secondsByLabel = new double[Emotions.Count + 1];
    private readonly TimelineMoment?[] best = new TimelineMoment?[Emotions.Count];
    private long frames;
    private int faces;
    private double end;

    public void Write(Frame frame, FrameResult result)
    {
        frames++;
        double now = result.Timestamp.TotalSeconds;
        end = now + (1 / framesPerSecond);
        if (areStills && images.Count < MaxImages)
        {
            images.Add(new TimelineImage(result.Source, [.. result.Faces.Select(face => (face.Shown, (double)face.Confidence))]));
        }

        foreach (FaceResult face in result.Faces)
        {
            AddFace(face, now);
            int emotion = (int)face.Emotion;
            if (!face.IsUncertain && face.Confidence > (best[emotion]?.Probability ?? 0))
            {
                byte[]? jpeg = keepThumbnails ? Thumbnail(frame, face.Box) : null;
                best[emotion] = new TimelineMoment(emotion, face.Confidence, now, result.Source, result.Frame, face.TrackId, jpeg);
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
    }

    /// <summary>Returns the timeline of the frames so far.</summary>
    public Timeline Build()
    {
        IEnumerable<Track> shown = longest.Concat(present.Values).OrderByDescending(track => track.Seconds).Take(MaxTracks);
        TimelineTrack[] tracks =
        [
            .. shown.OrderBy(track => track.Segments.Count == 0 ? track.SegmentStart : track.Segments[0].Start).ThenBy(track => track.Id)
                .Select(track => new TimelineTrack(track.Id, [.. track.Segments, track.Open], track.SecondsByLabel)),
        ];
        return new Timeline(frames, end, faces, tracks, secondsByLabel, [.. best.OfType<TimelineMoment>()], areStills ? images : null);
    }

    private void AddFace(FaceResult face, double now)
    {
        int label = face.IsUncertain ? Uncertain : (int)face.Emotion;
        if (!present.TryGetValue(face.TrackId, out Track? track))
        {
            track = new Track(face.TrackId) { Label = label, SegmentStart = now, Until = now };
            present.Add(face.TrackId, track);
            faces++;
        }

        Count(track, now);    // the time since the previous frame belongs to the previous label
        if (label != track.Label)
        {
            track.Segments.Add(track.Open with { End = now });
            (track.Label, track.SegmentStart) = (label, now);
        }

        track.LastSeen = now;
        Count(track, now + (1 / framesPerSecond));
    }

    // A frame's duration is counted in advance; if the next frame comes sooner, only the time beyond it is added.
    private void Count(Track track, double until)
    {
        double more = Math.Max(0, until - track.Until);
        track.SecondsByLabel[track.Label] += more;
        secondsByLabel[track.Label] += more;
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
        public List<TimelineSegment> Segments { get; } = [];
        public double[] SecondsByLabel { get; } = new double[Emotions.Count + 1];
        public int Label { get; set; }
        public double SegmentStart { get; set; }
        public double LastSeen { get; set; }
        public double Until { get; set; }
        public TimelineSegment Open => new(SegmentStart, Until, Label);
        public double Seconds => SecondsByLabel.Sum();
    }
}
