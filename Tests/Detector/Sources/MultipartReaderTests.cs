using System.Text;
using MlNetEmotion.Detector.Sources;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Sources;

public sealed class MultipartReaderTests
{
    [Theory]
    [InlineData("--cut\r\nContent-Type: image/jpeg\r\nContent-Length: 3\r\n\r\none\r\n--cut\r\nContent-Length: 5\r\n\r\nt--wo\r\n--cut--\r\n")]
    [InlineData("--cut\r\nContent-Type: image/jpeg\r\n\r\none\r\n--cut\r\ncontent-length: 5\r\n\r\nt--wo\r\n--cut--\r\n")]
    [InlineData("a preamble\r\n\r\n--cut\nX: 1\n\none--cut\n\nt--wo--cut")]
    public void TryRead_WithAndWithoutLength_GivesTheContent(string message) => Assert.Equal(["one", "t--wo"], Parts(message, "cut"));

    [Fact]
    public void TryRead_BoundaryWithHyphens_IsTheSame() => Assert.Equal(["one"], Parts("--cut\r\nContent-Length: 3\r\n\r\none\r\n", "--cut"));

    [Fact]
    public void TryRead_LengthTooSmall_FindsTheNextPart() =>
        Assert.Equal(["o", "two"], Parts("--cut\r\nContent-Length: 1\r\n\r\none\r\n--cut\r\nContent-Length: 3\r\n\r\ntwo", "cut"));

    [Fact]
    public void TryRead_EndsWithinAPart_GivesNone() => Assert.Empty(Parts("--cut\r\nContent-Length: 9\r\n\r\none", "cut"));

    [Fact]
    public void TryRead_HugeLength_Throws() =>
        Assert.Throws<InvalidDataException>(() => Parts($"--cut\r\nContent-Length: {MultipartReader.MaxPartBytes + 1}\r\n\r\none", "cut"));

    private static List<string> Parts(string message, string boundary)
    {
        using var stream = new MemoryStream(Encoding.ASCII.GetBytes(message));
        using var reader = new MultipartReader(stream, boundary);
        var parts = new List<string>();
        while (reader.TryRead(out ReadOnlySpan<byte> content))
        {
            parts.Add(Encoding.ASCII.GetString(content).TrimEnd());
        }

        return parts;
    }
}
