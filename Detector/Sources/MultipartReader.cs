using System.Text;

namespace MlNetEmotion.Detector.Sources;

/// <summary>Splits a stream into the parts of a multipart message (RFC 2046, section 5.1) as they arrive. Accepts deviations of cameras that ASP.NET's reader
/// of the same name rejects: lines that end in a line feed alone, a boundary that is not on a separate line, a wrong length. Not thread-safe.</summary>
internal sealed class MultipartReader(Stream stream, string boundary) : IDisposable
{
    /// <summary>The largest accepted part in bytes: no camera sends larger images, and they would exhaust memory.</summary>
    internal const int MaxPartBytes = 64 << 20;

    private const int MaxLineBytes = 8192;
    private const string Length = "Content-Length:";

    private readonly BufferedStream bytes = new(stream, 1 << 16);
    private readonly string delimiter = "--" + boundary.TrimStart('-');
    private readonly StringBuilder line = new();
    private byte[] part = new byte[1 << 16];
    private bool isAtHeaders;

    /// <summary>Reads the next complete part; returns false at the end of the stream. The content is valid until the next call.</summary>
    public bool TryRead(out ReadOnlySpan<byte> content)
    {
        content = default;
        string? text = "";
        while (!isAtHeaders && (text = ReadLine()) is not null)
        {
            isAtHeaders = text.StartsWith(delimiter, StringComparison.Ordinal);
        }

        isAtHeaders = false;
        int length = -1;
        while (text is not null && (text = ReadLine()) is { Length: > 0 })
        {
            if (text.StartsWith(Length, StringComparison.OrdinalIgnoreCase) && int.TryParse(text.AsSpan(Length.Length), out int stated))
            {
                length = stated;
            }
        }

        return text is not null && (length >= 0 ? ReadBytes(length, out content) : ReadToDelimiter(out content));
    }

    public void Dispose() => bytes.Dispose();

    // Reads a line without its line break; null at the end of the stream.
    private string? ReadLine()
    {
        line.Clear();
        for (int value = bytes.ReadByte(); value != '\n'; value = bytes.ReadByte())
        {
            if (value < 0)
            {
                return null;
            }

            // The rest is dropped: after a part with a wrong length, these bytes are not text.
            _ = line.Length < MaxLineBytes ? line.Append((char)value) : line;
        }

        return line.ToString().TrimEnd('\r');
    }

    private bool ReadBytes(int length, out ReadOnlySpan<byte> content)
    {
        MakeRoom(length);
        content = part.AsSpan(0, length);
        return bytes.ReadAtLeast(part.AsSpan(0, length), length, throwOnEndOfStream: false) == length;
    }

    private bool ReadToDelimiter(out ReadOnlySpan<byte> content)
    {
        content = default;
        byte[] end = Encoding.ASCII.GetBytes(delimiter);
        int length = 0;
        while (!part.AsSpan(0, length).EndsWith(end))
        {
            int value = bytes.ReadByte();
            if (value < 0)
            {
                return false;
            }

            MakeRoom(length + 1);
            part[length++] = (byte)value;
        }

        isAtHeaders = ReadLine() is not null;    // the rest of the delimiter's line
        content = part.AsSpan(0, length - end.Length);
        return true;
    }

    private void MakeRoom(int length)
    {
        if (length > MaxPartBytes)
        {
            throw new InvalidDataException($"a part of more than {MaxPartBytes} bytes, too large for a camera's image");
        }

        if (length > part.Length)
        {
            Array.Resize(ref part, Math.Max(length, 2 * part.Length));
        }
    }
}
