using MlNetEmotion.Programs;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Programs;

public sealed class UrlRedactorTests
{
    [Theory]
    [InlineData("rtsp://admin:s3cret@10.0.0.7:554/live: cannot be reached", "rtsp://***@10.0.0.7:554/live: cannot be reached")]
    [InlineData("[tcp @ 0x5581] http://s3cret@host/a and HTTPS://u:s3cret@host", "[tcp @ 0x5581] http://***@host/a and HTTPS://***@host")]
    [InlineData("rtsp://admin:s3c/r@e?t@host/live", "rtsp://***@host/live")]    // written as it is, against the rules
    [InlineData("rtsp://admin:12345@host/", "rtsp://***@host/")]
    [InlineData("'http://[::1]:80/video.cgi?user=admin&pwd=s3cret&size=1': no video", "'http://[::1]:80/video.cgi?user=admin&pwd=***&size=1': no video")]
    [InlineData("http://host/live?access_token=s3cret: cannot be reached", "http://host/live?access_token=***: cannot be reached")]
    [InlineData("http://me:s3cret@host/live?token=s3cret&size=1&key=s3cret", "http://***@host/live?token=***&size=1&key=***")]
    public void Redact_AddressWithASecret_LeavesTheRest(string text, string expected) => Assert.Equal(expected, UrlRedactor.Redact(text));

    [Theory]
    [InlineData("http://host:8080/@somebody/live?size=1: closed")]
    [InlineData("http://host: cannot be reached. Ask a@b.org")]
    [InlineData("/films/a:b@c.mp4: no such file")]
    public void Redact_NoSecret_ChangesNothing(string text) => Assert.Equal(text, UrlRedactor.Redact(text));
}
