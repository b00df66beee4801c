using System.Buffers;
using System.Globalization;
using System.Text.Unicode;
using MlNetEmotion.Detector.Pipeline;

namespace MlNetEmotion.Detector.Output;

/// <summary>Comma-separated values (RFC 4180) with a header line.</summary>
internal sealed class CsvFormat : IEventFormat
{
    // Two numbers of 20 digits, five of 11, eight of 8, a label of 8, and the commas: 191 at most.
    private const int MaxLength = 256;

    /// <inheritdoc/>
    public string Header => $"frame,timestampMs,trackId,x,y,width,height,emotion,confidence,{string.Join(',', Emotions.Labels)}";

    /// <inheritdoc/>
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

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is kept between lines.
    }
}
