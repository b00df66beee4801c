using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Output;

/// <summary>How a face becomes a line of text.</summary>
internal interface IEventFormat : IDisposable
{
    /// <summary>The file's first line; null for none.</summary>
    string? Header { get; }

    /// <summary>Writes the line of a face, without its end, as UTF-8.</summary>
    void Write(FrameResult frame, FaceResult face, IBufferWriter<byte> line);
}

/// <summary>The precision of numbers: no more digits than mean something. Decimals, for they are never written with an exponent.</summary>
internal static class EventNumbers
{
    public static decimal Milliseconds(TimeSpan time) => Plain((decimal)time.TotalMilliseconds, 3);

    public static decimal Probability(float probability) => Plain((decimal)probability, 6);

    // A decimal keeps the zeros that its calculation left at its end; a division by one of the longest form drops them.
    private static decimal Plain(decimal value, int decimals) =>
        decimal.Round(value, decimals, MidpointRounding.AwayFromZero) / 1.0000000000000000000000000000m;
}

/// <summary>A JSON object a line. Not thread-safe.</summary>
internal sealed class JsonLinesFormat : IEventFormat
{
    private readonly Utf8JsonWriter json = new(Stream.Null);

    public string? Header => null;

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

    public void Dispose() => json.Dispose();
}

/// <summary>Comma-separated values (RFC 4180) with a header line.</summary>
internal sealed class CsvFormat : IEventFormat
{
    // Two numbers of 20 digits, five of 11, eight of 8, a label of 8, and the commas: 191 at most.
    private const int MaxLength = 256;

    public string Header => $"frame,timestampMs,trackId,x,y,width,height,emotion,confidence,{string.Join(',', Emotions.Labels)}";

    public void Write(FrameResult frame, FaceResult face, IBufferWriter<byte> line)
    {
        Span<byte> text = line.GetSpan(MaxLength);
        Utf8.TryWrite(
            text,
            CultureInfo.InvariantCulture,
            $"{frame.Frame},{EventNumbers.Milliseconds(frame.Timestamp)},{face.TrackId},{face.Box.X},{face.Box.Y},{face.Box.Width},{face.Box.Height},{Emotions.Labels[(int)face.Emotion]},{EventNumbers.Probability(face.Confidence)}",
            out int length);
        for (int i = 0; i < Emotions.Count; i++)
        {
            Utf8.TryWrite(text[length..], CultureInfo.InvariantCulture, $",{EventNumbers.Probability(face.Scores[(Emotion)i])}", out int more);
            length += more;
        }

        line.Advance(length);
    }

    public void Dispose()
    {
        // Nothing is kept between lines.
    }
}
