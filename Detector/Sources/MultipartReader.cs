using System.Globalization;
using System.Text;

namespace MlNetEmotion.Detector.Sources;

/// <summary>Splits a stream into the parts of a multipart message (RFC 2046, section 5.1), as they come. Not thread-safe.</summary>
internal sealed class MultipartReader(Stream stream, string boundary) : IDisposable
{
    /// <summary>Larger parts are no camera's pictures, and would fill the memory.</summary>
    internal const int MaxPartBytes = 64 << 20;

    private const int MaxLineBytes = 8192;
    private const string Length = "Content-Length:";

    private readonly BufferedStream bytes = new(stream, 1 << 16);
    private readonly byte[] delimiter = Encoding.ASCII.GetBytes("--" + boundary.TrimStart('-'));
    private readonly StringBuilder line = new();
    private byte[] part = new byte[1 << 16];
    private bool isAtHeaders;

    /// <summary>Reads the next part, to its end.</summary>
    /// <exception cref="IOException">The stream failed.</exception>
    /// <exception cref="InvalidDataException">The part, or a header, is too long.</exception>
    public bool TryRead(out ReadOnlySpan<byte> content)
    {
        content = default;
        string prefix = Encoding.ASCII.GetString(delimiter);
        while (!isAtHeaders)
        {
            if (ReadLine() is not { } text)
            {
                return false;
            }

            isAtHeaders = text.StartsWith(prefix, StringComparison.Ordinal);
        }

        isAtHeaders = false;
        int? length = null;
        while (ReadLine() is { } header)
        {
            if (header.Length == 0)
            {
                return length is { } known ? ReadBytes(known, out content) : ReadToDelimiter(out content);
            }

            if (header.StartsWith(Length, StringComparison.OrdinalIgnoreCase)
                && int.TryParse(header.AsSpan(Length.Length), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out int stated))
            {
                length = stated;
            }
        }

        return false;
    }

    public void Dispose() => bytes.Dispose();

    // Without its end; null at the stream's.
    private string? ReadLine()
    {
        line.Clear();
        for (int value = bytes.ReadByte(); value != '\n'; value = bytes.ReadByte())
        {
            if (value < 0)
            {
                return null;
            }

            // What is no text, after a part whose length was wrong, need not be kept.
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
        int length = 0;
        while (!part.AsSpan(0, length).EndsWith(delimiter))
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
        content = part.AsSpan(0, length - delimiter.Length);
        return true;
    }

    private void MakeRoom(int length)
    {
        if (length > MaxPartBytes)
        {
            throw new InvalidDataException($"a part of more than {MaxPartBytes} bytes: no camera's picture");
        }

        if (length > part.Length)
        {
            Array.Resize(ref part, Math.Max(length, 2 * part.Length));
        }
    }
}
