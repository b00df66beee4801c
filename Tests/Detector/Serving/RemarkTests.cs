using System.Text.Json;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Serving;

public sealed class RemarkTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly ServerProcess server = shared.Process;

    [Theory]
    [InlineData("/api/faces")]
    [InlineData("/api/emotions")]
    public async Task Image_NotLookedAtInFull_IsRemarkedOn(string path)
    {
        byte[] film = [.. "GIF89a"u8, 1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 90, 90, 90,
            .. Enumerable.Repeat<byte[]>([0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x4C, 1, 0], 2).SelectMany(image => image), 0x3B];
        byte[] thermal = [.. "P5 2 1 65535 "u8, 0x1C, 0x20, 0x20, 0xD0];

        Assert.Equal("the first of 2 images, the others are not looked at", await Remark(film));
        Assert.Equal("values from 7200 to 8400 are stretched to 8 bits", await Remark(thermal));
        Assert.Null(await Remark(Upload.ThreeFaces(".png")));

        // Omitted rather than null if there is none.
        async Task<string?> Remark(byte[] image)
        {
            (int status, JsonElement answer) = await server.Post(path, image);
            Assert.Equal(200, status);
            return answer.TryGetProperty("remark", out JsonElement remark) ? remark.GetString() ?? "null" : null;
        }
    }
}
