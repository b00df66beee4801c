using System.Buffers;
using System.Text.Json;
using MlNetEmotion.Detector.Pipeline;

namespace MlNetEmotion.Detector.Output;

/// <summary>A JSON object a line. Not thread-safe.</summary>
internal sealed class JsonLinesFormat : IEventFormat
{
    private readonly Utf8JsonWriter json = new(Stream.Null);

    /// <inheritdoc/>
    public string? Header => null;

    /// <inheritdoc/>
    public void Write(FrameResult frame, FaceResult face, IBufferWriter<byte> line)
    {
        json.Reset(line);
        json.WriteStartObject();
        json.WriteNumber("frame", frame.Frame);
        json.WriteNumber("timestampMs", EventNumbers.Milliseconds(frame.Timestamp));
        json.WriteNumber("trackId", face.TrackId);
        json.WriteStartObject("box");
        json.WriteNumber("x", face.Box.X);
        json.WriteNumber("y", face.Box.Y);
        json.WriteNumber("width", face.Box.Width);
        json.WriteNumber("height", face.Box.Height);
        json.WriteEndObject();
        json.WriteString("emotion", Emotions.Labels[(int)face.Emotion]);
        json.WriteNumber("confidence", EventNumbers.Probability(face.Confidence));
        json.WriteStartObject("probabilities");
        for (int i = 0; i < Emotions.Count; i++)
        {
            json.WriteNumber(Emotions.Labels[i], EventNumbers.Probability(face.Scores[(Emotion)i]));
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => json.Dispose();
}
