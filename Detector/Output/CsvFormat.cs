using System.Globalization;
using MlNetEmotion.Detector.Pipeline;

namespace MlNetEmotion.Detector.Output;

/// <summary>Comma-separated values (RFC 4180) with a header line.</summary>
internal sealed class CsvFormat : IEventFormat
{
    /// <inheritdoc/>
    public string Header => $"frame,timestampMs,trackId,x,y,width,height,emotion,confidence,{string.Join(',', Emotions.Labels)}";

    /// <inheritdoc/>
    public string Line(FrameResult frame, FaceResult face)
    {
        EmotionScores scores = face.Scores;
        IEnumerable<decimal> probabilities = Enum.GetValues<Emotion>().Select(e => EventNumbers.Probability(scores[e]));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{frame.Frame},{EventNumbers.Milliseconds(frame.Timestamp)},{face.TrackId},{face.Box.X},{face.Box.Y},{face.Box.Width},{face.Box.Height},{face.Emotion},{EventNumbers.Probability(face.Confidence)},{string.Join(',', probabilities)}");
    }
}
