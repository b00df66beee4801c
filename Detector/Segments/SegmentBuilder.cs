using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Segments;

/// <summary>Collects segments from faces, in the order of their frames. Memory grows with the number of segments, not of frames. Not thread-safe.</summary>
/// <remarks>A frame lasts until the source's next frame; if that one is not known because it has no face, as long as the frames up to the next known one on
/// average. A frame lasts a second at most, and the last one as long as the one before it.</remarks>
/// <param name="defaultFrameMs">The duration of a source's only frame, or of its last if its times stand still.</param>
internal sealed class SegmentBuilder(SegmentOptions options, decimal defaultFrameMs = SegmentBuilder.UnknownFrameMs) : IFrameSink
{
    /// <summary>The duration of a frame at 25 frames per second.</summary>
    public const decimal UnknownFrameMs = 40;

    private const decimal MaxFrameMs = 1000;
    private const int TimeDecimals = 3;    // as in events

    private readonly decimal minMs = (decimal)options.MinSeconds * 1000;
    private readonly decimal gapMs = (decimal)options.GapSeconds * 1000;
    private readonly OrderedDictionary<string, Recording> sources = [];

    public void Write(Frame frame, FrameResult result) => result.Faces.ForEach(face => Add(new ShownFace(
        result.Source, result.Frame, WrittenNumbers.Milliseconds(result.Timestamp), face.TrackId, face.Shown, WrittenNumbers.Probability(face.Confidence))));

    /// <summary>Adds a face. Times that go back count as standing still.</summary>
    public void Add(in ShownFace face)
    {
        Recording source = sources.GetValueOrDefault(face.Source) ?? (sources[face.Source] = new Recording());
        if (source.Waiting.Count > 0 && source.Frame != face.Frame)
        {
            decimal elapsed = Math.Max(0, face.TimeMs - source.TimeMs);
            decimal duration = Math.Min(elapsed / Math.Max(1, face.Frame - source.Frame), MaxFrameMs);
            source.FrameMs = duration > 0 ? duration : source.FrameMs;
            Deliver(source, duration);
            source.TimeMs += elapsed;
        }
        else if (source.Waiting.Count == 0)
        {
            source.TimeMs = face.TimeMs;
        }

        source.Frame = face.Frame;
        source.Waiting.Add(face);
    }

    /// <summary>Returns the segments of the faces so far. Nothing can be added afterwards.</summary>
    public SegmentTable Build()
    {
        var faces = new List<FaceSegments>();
        var ends = new OrderedDictionary<string, decimal>();
        var assumed = new List<string>();
        foreach ((string name, Recording source) in sources)
        {
            decimal last = source.FrameMs ?? Math.Min(defaultFrameMs, MaxFrameMs);
            if (source.FrameMs is null)
            {
                assumed.Add(name);
            }

            Deliver(source, last);
            ends.Add(name, WrittenNumbers.Plain(source.TimeMs + last, TimeDecimals));
            foreach (Track track in source.Tracks.Values)
            {
                Close(track);
                faces.Add(new FaceSegments(name, track.Id, track.PresentMs, track.Segments));
            }
        }

        return new SegmentTable(faces, ends, assumed);
    }

    private void Deliver(Recording source, decimal duration)
    {
        foreach (ShownFace face in source.Waiting)
        {
            Track track = source.Tracks.GetValueOrDefault(face.TrackId) ?? (source.Tracks[face.TrackId] = new Track(face.TrackId));
            Add(track, face, source.TimeMs, duration);
        }

        source.Waiting.Clear();
    }

    private void Add(Track track, in ShownFace face, decimal time, decimal duration)
    {
        track.PresentMs += duration;
        if (face.Shown == FaceResult.Uncertain)
        {
            track.UncertainMs += duration;
            return;
        }

        if (track.Open is { } run && run.Emotion == face.Shown && time - run.EndMs <= gapMs)
        {
            run.AbsentMs += time - run.EndMs - track.UncertainMs;
        }
        else
        {
            Close(track);
            track.Open = run = new Run(face.Shown, time);
        }

        track.UncertainMs = 0;
        run.EndMs = time + duration;
        run.Frames++;
        run.Sum += face.Probability;
        if (run.Frames == 1 || face.Probability > run.Peak)
        {
            (run.Peak, run.PeakMs) = (face.Probability, time);
        }
    }

    // A segment without a duration, of times that stand still, cannot be shown on a timeline.
    private void Close(Track track)
    {
        if (track.Open is { } run && run.EndMs > run.StartMs && run.EndMs - run.StartMs >= minMs)
        {
            track.Segments.Add(new Segment(run.Emotion, run.StartMs, WrittenNumbers.Plain(run.EndMs, TimeDecimals), run.Sum / run.Frames, run.Peak, run.PeakMs, run.Frames));
            track.PresentMs += run.AbsentMs;
        }

        track.Open = null;
    }

    // The newest frame waits for the next one, which ends it.
    private sealed class Recording
    {
        public List<ShownFace> Waiting { get; } = [];
        public SortedDictionary<int, Track> Tracks { get; } = [];
        public long Frame { get; set; }
        public decimal TimeMs { get; set; }
        public decimal? FrameMs { get; set; }
    }

    private sealed class Track(int id)
    {
        public int Id { get; } = id;
        public List<Segment> Segments { get; } = [];
        public decimal PresentMs { get; set; }
        public decimal UncertainMs { get; set; }    // since the open run's last frame
        public Run? Open { get; set; }
    }

    private sealed class Run(string emotion, decimal startMs)
    {
        public string Emotion { get; } = emotion;
        public decimal StartMs { get; } = startMs;
        public decimal EndMs { get; set; }
        public decimal AbsentMs { get; set; }
        public long Frames { get; set; }
        public decimal Sum { get; set; }
        public decimal Peak { get; set; }
        public decimal PeakMs { get; set; }
    }
}
