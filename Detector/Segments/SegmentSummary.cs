namespace MlNetEmotion.Detector.Segments;

/// <summary>An emotion of a face over all its segments.</summary>
/// <param name="Share">The segments' share of the time that the face is present, in [0, 1].</param>
/// <param name="FirstMs">The start of the first segment.</param>
/// <param name="Next">The number of times that each emotion's segment follows, by label, with or without a gap between the two.</param>
internal sealed record EmotionSummary(
    string Source, int TrackId, string Emotion, int Segments, decimal DurationMs, decimal Share, decimal MeanDurationMs, decimal FirstMs, OrderedDictionary<string, int> Next)
{
    /// <summary>Summarizes each emotion that a face shows, in the order of the labels.</summary>
    public static IEnumerable<EmotionSummary> Of(FaceSegments face) => Emotions.Labels
        .Select(label => (Label: label, Segments: face.Segments.Where(segment => segment.Emotion == label).ToArray()))
        .Where(emotion => emotion.Segments.Length > 0)
        .Select(emotion =>
        {
            decimal duration = emotion.Segments.Sum(segment => segment.DurationMs);
            return new EmotionSummary(
                face.Source, face.TrackId, emotion.Label, emotion.Segments.Length, duration, duration / face.PresentMs, duration / emotion.Segments.Length,
                emotion.Segments[0].StartMs, Followers(face.Segments, emotion.Label));
        });

    private static OrderedDictionary<string, int> Followers(IReadOnlyList<Segment> segments, string emotion) => new(Emotions.Labels.Select(label =>
        KeyValuePair.Create(label, segments.Zip(segments.Skip(1)).Count(pair => pair.First.Emotion == emotion && pair.Second.Emotion == label))));
}
