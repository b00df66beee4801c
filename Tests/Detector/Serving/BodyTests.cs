using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using MlNetEmotion.Detector.Serving;
using MlNetEmotion.Programs.Samples;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Serving;

/// <summary>Request bodies in common forms: multipart forms, text, compressed.</summary>
public sealed class BodyTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private const string Expected = "expected the image's own bytes as the body, or in the field 'image' of a form (multipart/form-data)";

    private static readonly byte[] Face = Upload.Pgm(SampleFaces.Draw(seed: 5, index: 0));

    private readonly ServerProcess server = shared.Process;

    [Theory]
    [InlineData("image", "image", "twice in the field 'image'")]
    [InlineData("image", "second", "in the fields 'image' and 'second'")]
    [InlineData("first", "image", "in the fields 'first' and 'image'")]
    public async Task Form_OfTwoFiles_IsRefused(string first, string second, string where)
    {
        foreach (string path in new[] { "/api/faces", "/api/emotions" })
        {
            using var form = new MultipartFormDataContent { { new ByteArrayContent(Face), first, "a.pgm" }, { new ByteArrayContent(Face), second, "b.pgm" } };

            (HttpStatusCode status, string detail) = await Send(path, form);

            Assert.Equal((HttpStatusCode.BadRequest, $"the form has more than one file, {where}; expected one file a request, in the field 'image'"), (status, detail));
        }
    }

    [Fact]
    public async Task Form_WithTextsAndAnEmptyFileField_IsTaken()
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent("before"), "a" }, { new ByteArrayContent(Face), "image", "a.pgm" }, { new StringContent("after"), "b" }, { Empty(), "c" },
        };

        (HttpStatusCode status, _) = await Send("/api/emotions", form);

        Assert.Equal(HttpStatusCode.OK, status);

        // The body that a browser sends if no file was chosen.
        static ByteArrayContent Empty() => new([]) { Headers = { ContentDisposition = new("form-data") { Name = "c", FileName = "\"\"" } } };
    }

    [Fact]
    public async Task Form_WithTheLongestBoundary_IsTaken()
    {
        using var form = new MultipartFormDataContent(new string('b', 70)) { { new ByteArrayContent(Face), "image", "a.pgm" } };

        Assert.Equal(HttpStatusCode.OK, (await Send("/api/emotions", form)).Status);
    }

    [Fact]
    public async Task Form_WithoutItsEnd_IsToldInASentence()
    {
        using var content = new ByteArrayContent(Encoding.ASCII.GetBytes("--x\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a\"\r\n\r\nP5\n48 48\n"));
        content.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=x");

        Assert.Equal((HttpStatusCode.BadRequest, "the form is damaged, or ends too early"), await Send("/api/faces", content));
    }

    [Theory]
    [InlineData("multipart/form-data", HttpStatusCode.BadRequest, "the form's boundary has 0 characters, expected 1 to 70")]
    [InlineData("multipart/form-data; boundary=12345678901234567890123456789012345678901234567890123456789012345678901", HttpStatusCode.BadRequest, "the form's boundary has 71 characters, expected 1 to 70")]
    [InlineData("multipart/mixed; boundary=x", HttpStatusCode.UnsupportedMediaType, "the body is of the type 'multipart/mixed'; expected a form of the type multipart/form-data, or the file itself")]
    public async Task Form_OfAnotherKind_IsRefused(string type, HttpStatusCode status, string detail)
    {
        using var content = new ByteArrayContent(Face);
        content.Headers.TryAddWithoutValidation("Content-Type", type);

        Assert.Equal((status, detail), await Send("/api/faces", content));
    }

    [Theory]
    [InlineData("/api/faces", "{\"image\":\"/9j/4AAQSkZJRg==\"}", "application/json", "JSON")]
    [InlineData("/api/emotions", "no json", "application/vnd.api+json", "JSON")]
    [InlineData("/api/faces", "data:image/png;base64,iVBORw0KGgo=", "text/plain", "a data URI")]
    [InlineData("/api/emotions", "iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB", "text/plain", "base64 text")]
    [InlineData("/api/faces", "image=%89PNG%0D%0A&b=2", "application/x-www-form-urlencoded", "a URL-encoded form")]
    public async Task Body_OfText_IsToldWhatToSend(string path, string text, string type, string what)
    {
        using var content = new StringContent(text, Encoding.ASCII, type);

        Assert.Equal((HttpStatusCode.UnsupportedMediaType, $"the body is {what}; {Expected}"), await Send(path, content));
    }

    [Fact]
    public async Task Image_OfAnyContentType_IsTakenByItsBytes()
    {
        foreach (string type in new[] { "application/json", "text/plain", "application/x-www-form-urlencoded", "image/png" })
        {
            using var content = new ByteArrayContent(Face) { Headers = { ContentType = new(type) } };

            Assert.Equal(HttpStatusCode.OK, (await Send("/api/emotions", content)).Status);
        }
    }

    [Theory]
    [InlineData("{\"a\":1}", "JSON")]
    [InlineData("\uFEFF\r\n [1]", "JSON")]
    [InlineData("data:,x", "a data URI")]
    [InlineData("AAAAAAAAAAAAAAAA", "base64 text")]
    [InlineData("AAAAAAAAAAAAAAA", null)]
    [InlineData("_-AAAAAAAAAAAAAAAA==\r\n", "base64 text")]
    [InlineData("AAAAAAAAAAAAAAAA\nBBBB", "base64 text")]
    [InlineData("P3\n48\n48\n255\n0\n0\n0\n0\n0\n0", null)]    // a PNM of text
    [InlineData("AAAAAAAAAAAAAAAA!", null)]
    [InlineData("a=b", "a URL-encoded form")]
    [InlineData("=b", null)]
    [InlineData("a b=c", null)]
    [InlineData("no image", null)]
    [InlineData("{\u0001", null)]
    [InlineData("", null)]
    public void Describe_Text_NamesItsKind(string text, string? expected) => Assert.Equal(expected, TextBody.Describe(Encoding.UTF8.GetBytes(text), "text/plain"));

    [Theory]
    [InlineData("gzip")]
    [InlineData("X-GZip")]
    [InlineData("br")]
    [InlineData("deflate")]
    [InlineData("identity")]
    public async Task Body_Compressed_AnswersAsTheImageItself(string coding)
    {
        (_, JsonElement expected) = await server.Post("/api/emotions", Face);

        using HttpResponseMessage answer = await PostCompressed(server, "/api/emotions", coding, Compress(coding, Face));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(expected.GetRawText(), await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("zstd")]
    [InlineData("gzip, br")]
    public async Task Body_CompressedOtherwise_IsToldWhatIsRead(string coding)
    {
        using HttpResponseMessage answer = await PostCompressed(server, "/api/emotions", coding, Face);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
        Assert.Equal("gzip, br, deflate", string.Join(", ", answer.Headers.GetValues("Accept-Encoding")));
        Assert.Equal("the body's Content-Encoding is not supported; expected one of gzip, br, deflate, or none", await Detail(answer));
    }

    [Fact]
    public async Task Body_NotCompressedAsItSays_IsRefused()
    {
        using HttpResponseMessage answer = await PostCompressed(server, "/api/emotions", "gzip", Face);

        Assert.Equal((HttpStatusCode.BadRequest, "the body is not complete gzip data, as its Content-Encoding requires"), (answer.StatusCode, await Detail(answer)));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task Body_LargerOnceDecompressed_IsHeldToTheLimit(string coding)
    {
        using ServerProcess small = await ServerProcess.Start(settings: "Limits__PictureMegabytes=2");
        byte[] exact = [.. "P5\n48 48\n255\n"u8, .. new byte[2_000_000 - 13]];

        using HttpResponseMessage allowed = await PostCompressed(small, "/api/emotions", coding, Compress(coding, exact));
        using HttpResponseMessage refused = await PostCompressed(small, "/api/emotions", coding, Compress(coding, [.. exact, 0]));
        using HttpResponseMessage bomb = await PostCompressed(small, "/api/emotions", coding, Compress(coding, new byte[200_000_000]));

        Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "the body is larger than the limit of 2 megabytes"), (refused.StatusCode, await Detail(refused)));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, bomb.StatusCode);
        Assert.InRange(small.PeakMemory, 0, 500_000_000);
    }

    private static byte[] Compress(string coding, byte[] plain)
    {
        using var packed = new MemoryStream();
        using (Stream stream = coding.ToLowerInvariant() switch
        {
            "br" => new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true),
            "deflate" => new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true),    // RFC 9110, 8.4.1.2
            "identity" => new BufferedStream(packed),
            _ => new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true),
        })
        {
            stream.Write(plain);
            stream.Flush();
            if (coding == "identity")
            {
                return packed.ToArray();
            }
        }

        return packed.ToArray();
    }

    private static async Task<HttpResponseMessage> PostCompressed(ServerProcess server, string path, string coding, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("Content-Encoding", coding);
        return await server.Client.PostAsync(path, content, TestContext.Current.CancellationToken);
    }

    private static async Task<string> Detail(HttpResponseMessage response) =>
        Upload.Detail(JsonElement.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));

    private async Task<(HttpStatusCode Status, string Detail)> Send(string path, HttpContent content)
    {
        using HttpResponseMessage response = await server.Client.PostAsync(path, content, TestContext.Current.CancellationToken);
        return (response.StatusCode, response.IsSuccessStatusCode ? "" : await Detail(response));
    }
}
