namespace MlNetEmotion.Detector.Segments;

/// <summary>The settings of segments. Both durations are inclusive.</summary>
internal sealed record SegmentOptions
{
    // Macro-expressions last from 0.5 to 4 s (Matsumoto and Hwang 2011, doi:10.1007/s11031-011-9212-2), micro-expressions up to 0.5 s (Yan et al. 2013,
    // doi:10.1007/s10919-013-0159-8). Smoothing over 0.2 s leaves little of the latter.
    [Setting("Leave out segments that are shorter; 0 keeps single frames.", Name = "--segment-min", Value = "SECONDS", Min = 0, Max = 3600)] public double MinSeconds { get; init; } = 0.5;

    // The time constant of smoothing. Shorter than any segment that is kept, so a bridge never outlasts an expression.
    [Setting("Join two runs of the same emotion of a face if it is uncertain or not found for this long between them, and shows no other emotion.", Name = "--segment-gap", Value = "SECONDS", Min = 0, Max = 3600)]
    public double GapSeconds { get; init; } = 0.2;
}

/// <summary>A face in a frame.</summary>
/// <param name="TimeMs">The frame's time since the source's first, in ms.</param>
/// <param name="Shown">An emotion's label, or <see cref="Frames.FaceResult.Uncertain"/>.</param>
/// <param name="Box">The face's box in pixels of the frame; only from JSON lines that have it.</param>
internal readonly record struct ShownFace(string Source, long Frame, decimal TimeMs, int TrackId, string Shown, decimal Probability, Box Box = default);

/// <summary>A run of one shown emotion of one face. Times are in ms since the source's first frame.</summary>
/// <param name="StartMs">The time of the first frame.</param>
/// <param name="EndMs">The end of the last frame: its time and its duration.</param>
/// <param name="MeanProbability">The mean over the frames that show the emotion.</param>
/// <param name="PeakMs">The time of the first frame with the highest probability.</param>
/// <param name="Frames">The number of frames that show the emotion; those of a bridged gap do not count.</param>
internal sealed record Segment(string Emotion, decimal StartMs, decimal EndMs, decimal MeanProbability, decimal PeakProbability, decimal PeakMs, long Frames)
{
    public decimal DurationMs => EndMs - StartMs;
}

/// <summary>The segments of one face, in their order. They do not overlap.</summary>
/// <param name="PresentMs">The duration of all frames with the face, and of the gaps that its segments bridge.</param>
internal sealed record FaceSegments(string Source, int TrackId, decimal PresentMs, IReadOnlyList<Segment> Segments);

/// <summary>The segments of a run, or of results.</summary>
/// <param name="Faces">All faces, by their sources' order and their numbers, including those without a segment.</param>
/// <param name="EndMs">The end of each source's last frame with a face.</param>
/// <param name="AssumedFrames">The sources whose only frame got the default duration.</param>
internal sealed record SegmentTable(IReadOnlyList<FaceSegments> Faces, OrderedDictionary<string, decimal> EndMs, IReadOnlyList<string> AssumedFrames)
{
    /// <summary>The faces with a segment.</summary>
    public IEnumerable<FaceSegments> Shown => Faces.Where(face => face.Segments.Count > 0);

    public int Count => Faces.Sum(face => face.Segments.Count);

    /// <summary>Returns the segments of one source.</summary>
    public SegmentTable Of(string source) => new([.. Faces.Where(face => face.Source == source)], new([KeyValuePair.Create(source, EndMs[source])]), []);

    /// <summary>A face's name, unique within the table.</summary>
    public string NameOf(FaceSegments face) => EndMs.Count > 1 ? $"{face.Source}: Face {face.TrackId}" : $"Face {face.TrackId}";
}
