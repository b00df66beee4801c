using System.Text.Json;
using MlNetEmotion.Detector.Pipeline;

namespace MlNetEmotion.Detector.Output;

/// <summary>A JSON object a line.</summary>
internal sealed class JsonLinesFormat : IEventFormat
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <inheritdoc/>
    public string? Header => null;

    /// <inheritdoc/>
    public string Line(FrameResult frame, FaceResult face)
    {
        EmotionScores scores = face.Scores;
        return JsonSerializer.Serialize(
            new
            {
                frame.Frame,
                TimestampMs = EventNumbers.Milliseconds(frame.Timestamp),
                face.TrackId,
                face.Box,
                Emotion = face.Emotion.ToString(),
                Confidence = EventNumbers.Probability(face.Confidence),
                Probabilities = Enum.GetValues<Emotion>().ToDictionary(e => e.ToString(), e => EventNumbers.Probability(scores[e])),
            },
            Options);
    }
}
