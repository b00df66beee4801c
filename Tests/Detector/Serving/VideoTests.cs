using System.Net;
using System.Text.Json;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Tests.Detector.Sources;
using MlNetEmotion.Tests.Shared;
using MlNetEmotion.Tests.Trainer.Data;
using OpenCvSharp;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Serving;

public sealed class VideoTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Video_Done_HasTheDetectorsEvents()
    {
        string video = Demo(frames: 20);
        (_, string events, _) = await DetectorProcess.Run(video, "--headless", "--model", Fixture.Model("tiny"), "--events", "-");
        using ServerProcess server = await Start();

        using HttpResponseMessage accepted = await server.Client.PostAsync("/api/videos", new ByteArrayContent(File.ReadAllBytes(video)), TestContext.Current.CancellationToken);
        string lines = await server.Client.GetStringAsync($"{accepted.Headers.Location}/events", TestContext.Current.CancellationToken);
        (_, JsonElement done) = await server.Get(accepted.Headers.Location!.OriginalString);

        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        Assert.Equal("Done", done.GetProperty("state").GetString());
        Assert.Equal((20, 20, 60), (done.GetProperty("frames").GetInt32(), done.GetProperty("frameCount").GetInt32(), done.GetProperty("faces").GetInt32()));
        Assert.Equal(JsonValueKind.Null, done.GetProperty("remark").ValueKind);
        Assert.Equal(events.Replace(video, done.GetProperty("id").GetString(), StringComparison.Ordinal), lines);    // no path of this machine
    }

    [Fact]
    public async Task Form_WithAVideo_IsTakenWhateverItsNameSays()
    {
        using ServerProcess server = await Start();
        using var form = new MultipartFormDataContent { { new ByteArrayContent(File.ReadAllBytes(Demo(frames: 3))), "video", "/etc/passwd" } };

        using HttpResponseMessage accepted = await server.Client.PostAsync("/api/videos", form, TestContext.Current.CancellationToken);

        string lines = await server.Client.GetStringAsync($"{accepted.Headers.Location}/events", TestContext.Current.CancellationToken);
        Assert.Equal(9, lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task Form_OfTwoVideos_IsRefusedAndNothingIsLeft()
    {
        using ServerProcess server = await Start();
        byte[] video = File.ReadAllBytes(Demo(frames: 3));
        using var form = new MultipartFormDataContent { { new ByteArrayContent(video), "video", "a.avi" }, { new ByteArrayContent(video), "video", "b.avi" } };

        using HttpResponseMessage refused = await server.Client.PostAsync("/api/videos", form, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal(
            "the form has more than one file, twice in the field 'video'; expected one file a request, in the field 'video'",
            Upload.Detail(JsonElement.Parse(await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))));
        Assert.Equal(["lock"], Left().Select(Path.GetFileName));
    }

    [Fact]
    public async Task Body_OfText_IsToldWhatToSend()
    {
        using ServerProcess server = await Start();

        (int status, JsonElement problem) = await server.Post("/api/videos", System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(new byte[600])));

        Assert.Equal(415, status);
        Assert.Equal("the body is base64 text; expected the video's own bytes as the body, or in the field 'video' of a form (multipart/form-data)", Upload.Detail(problem));
    }

    [Theory]
    [InlineData(5, "Failed", 5, "ended at the limit of 5 frames, after 5 frames; the rest of the video was left out")]
    [InlineData(20, "Done", 20, null)]
    public async Task Video_OfMoreFramesThanAllowed_EndsThereAndKeepsItsEvents(int limit, string state, int frames, string? remark)
    {
        using ServerProcess server = await Start($"Limits__VideoFrames={limit}");

        (_, JsonElement accepted) = await server.Post("/api/videos", File.ReadAllBytes(Demo(frames: 20)));
        string lines = await server.Client.GetStringAsync(accepted.GetProperty("events").GetString(), TestContext.Current.CancellationToken);
        (_, JsonElement ended) = await server.Get($"/api/videos/{accepted.GetProperty("id")}");

        Assert.Equal((state, frames, remark), (ended.GetProperty("state").GetString(), ended.GetProperty("frames").GetInt32(), ended.GetProperty("remark").GetString()));
        Assert.Equal(3 * frames, lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task Uploads_SlowOnes_TakeNoPlaceOfAVideo()
    {
        using ServerProcess server = await Start("Limits__Videos=1", "Limits__VideoUploads=3");
        var slow = new List<System.Net.Sockets.TcpClient>();
        for (int i = 0; i < 2; i++)
        {
            var client = new System.Net.Sockets.TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, server.Address.Port, TestContext.Current.CancellationToken);
            await client.GetStream().WriteAsync(
                System.Text.Encoding.ASCII.GetBytes("POST /api/videos HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000000\r\n\r\n0123"), TestContext.Current.CancellationToken);
            slow.Add(client);
        }

        (int status, JsonElement accepted) = await server.Post("/api/videos", File.ReadAllBytes(Demo(frames: 3)));
        string lines = await server.Client.GetStringAsync(accepted.GetProperty("events").GetString(), TestContext.Current.CancellationToken);

        Assert.Equal((202, 9), (status, lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length));
        slow.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task Head_OfTheEventsOfARunningVideo_DoesNotWaitForItsEnd()
    {
        using ServerProcess server = await Start();
        (_, JsonElement running) = await server.Post("/api/videos", File.ReadAllBytes(Demo(frames: 200)));
        using var request = new HttpRequestMessage(HttpMethod.Head, running.GetProperty("events").GetString());

        using HttpResponseMessage head = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);

        (_, JsonElement still) = await server.Get($"/api/videos/{running.GetProperty("id")}");
        Assert.Equal((HttpStatusCode.OK, "application/jsonl"), (head.StatusCode, head.Content.Headers.ContentType!.MediaType));
        Assert.True(still.GetProperty("state").GetString() is "Waiting" or "Running");
    }

    [Theory]
    [InlineData("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n")]
    [InlineData("ffconcat version 1.0\nfile '/etc/passwd'\n")]
    [InlineData("v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\n")]
    public async Task List_ThatNamesOtherFiles_IsNeverOpened(string list)
    {
        using ServerProcess server = await Start();

        (int status, JsonElement problem) = await server.Post("/api/videos", [.. System.Text.Encoding.ASCII.GetBytes(list), .. new byte[500]]);

        Assert.Equal(422, status);
        Assert.StartsWith("not a video of a known format", Upload.Detail(problem), StringComparison.Ordinal);
        Assert.Equal(["lock"], Left().Select(Path.GetFileName));
    }

    [Fact]
    public async Task Video_ThatCannotBeDecoded_IsToldWithoutAPath()
    {
        using ServerProcess server = await Start();

        (_, JsonElement accepted) = await server.Post("/api/videos", [0, 0, 0, 32, .. "ftypisom"u8, .. new byte[500]]);
        await server.Client.GetStringAsync(accepted.GetProperty("events").GetString(), TestContext.Current.CancellationToken);
        (_, JsonElement failed) = await server.Get($"/api/videos/{accepted.GetProperty("id")}");

        Assert.Equal("Failed", failed.GetProperty("state").GetString());
        Assert.Equal("the video: no video that can be read; expected a video file such as MP4, MKV, WebM or AVI.", failed.GetProperty("remark").GetString());
    }

    [Fact]
    public async Task Video_OfTooManyPixels_IsRefused()
    {
        using ServerProcess server = await Start("Limits__VideoMegapixels=0");

        (_, JsonElement accepted) = await server.Post("/api/videos", File.ReadAllBytes(Demo(frames: 2)));
        await server.Client.GetStringAsync(accepted.GetProperty("events").GetString(), TestContext.Current.CancellationToken);

        (_, JsonElement failed) = await server.Get($"/api/videos/{accepted.GetProperty("id")}");
        Assert.Equal("frames of 720x400 pixels, larger than the limit of 0 megapixels", failed.GetProperty("remark").GetString());
    }

    [Fact]
    public async Task Delete_WhileItRuns_StopsAndForgetsIt()
    {
        using ServerProcess server = await Start();
        byte[] video = File.ReadAllBytes(Demo(frames: 200));
        (_, JsonElement running) = await server.Post("/api/videos", video);
        (_, JsonElement waiting) = await server.Post("/api/videos", video);

        Assert.Equal(HttpStatusCode.NoContent, await Delete(server, running));
        Assert.Equal(HttpStatusCode.NoContent, await Delete(server, waiting));

        Assert.Equal(HttpStatusCode.NotFound, await Delete(server, running));
        Assert.Equal(404, (await server.Get($"/api/videos/{running.GetProperty("id")}")).Status);
        for (int attempt = 0; attempt < 100 && Left().Length > 1; attempt++)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        Assert.Equal(["lock"], Left().Select(Path.GetFileName));
    }

    [Fact]
    [Trait("Speed", "slow")]
    public async Task Videos_MoreThanAreKept_AreRefusedWhileNoneIsDone()
    {
        using ServerProcess server = await Start("Limits__Videos=2");
        byte[] video = File.ReadAllBytes(Demo(frames: 200));
        (_, JsonElement first) = await server.Post("/api/videos", video);
        (_, JsonElement second) = await server.Post("/api/videos", video);

        using HttpResponseMessage refused = await server.Client.PostAsync("/api/videos", new ByteArrayContent(video), TestContext.Current.CancellationToken);
        await server.Client.GetStringAsync(first.GetProperty("events").GetString(), TestContext.Current.CancellationToken);    // returns when the video is done
        (int status, _) = await server.Post("/api/videos", video);

        Assert.Equal((HttpStatusCode.TooManyRequests, "1"), (refused.StatusCode, refused.Headers.RetryAfter!.ToString()));
        Assert.Equal(202, status);
        Assert.Equal(404, (await server.Get($"/api/videos/{first.GetProperty("id")}")).Status);    // it was evicted
        Assert.Equal(200, (await server.Get($"/api/videos/{second.GetProperty("id")}")).Status);
    }

    // The beginnings of the formats; what follows is no video, which is noticed later.
    [Fact]
    public async Task Video_OfEachFormat_IsKnownByItsFirstBytes()
    {
        using ServerProcess server = await Start("Limits__Videos=20");
        byte[] packets = new byte[200];
        packets[0] = packets[188] = 0x47;
        byte[][] known = [[0, 0, 0, 32, .. "ftypisom"u8], [0x1A, 0x45, 0xDF, 0xA3], [0, 0, 1, 0xBA], [0, 0, 1, 0xB3], [.. "OggS"u8], [.. "RIFF0000AVI "u8], packets];
        byte[][] others = [[.. "RIFF0000WAVE"u8], [0, 0, 1, 0xBB], [0x47], new byte[188]];
        foreach (byte[] start in known)
        {
            Assert.Equal(202, (await server.Post("/api/videos", [.. start, .. new byte[200]])).Status);
        }

        foreach (byte[] start in others)
        {
            Assert.Equal(422, (await server.Post("/api/videos", [.. start, .. new byte[200]])).Status);
        }

        Assert.Equal(422, (await server.Post("/api/videos", [0, 0, 0, 32, .. "ftypisom"u8, .. new byte[188 - 12]])).Status);    // shorter than two packets
    }

    [Fact]
    public async Task Video_LargerThanAllowed_IsRefusedAndNothingIsLeft()
    {
        using ServerProcess server = await Start("Limits__VideoMegabytes=1");

        (int status, JsonElement problem) = await server.Post("/api/videos", [0, 0, 0, 32, .. "ftypisom"u8, .. new byte[1_000_000]]);

        Assert.Equal((413, "the body is larger than the limit of 1 megabyte"), (status, Upload.Detail(problem)));
        Assert.Equal(["lock"], Left().Select(Path.GetFileName));
    }

    [Fact]
    [Trait("Speed", "slow")]
    public async Task Folder_AfterAStopOrAKill_IsGone()
    {
        using (ServerProcess killed = await Start())
        {
            await killed.Post("/api/videos", File.ReadAllBytes(Demo(frames: 200)));
            Assert.NotEmpty(Left());
            killed.KillAll();
            await killed.Exit();
        }

        Assert.NotEmpty(Left());    // after a kill, the next start cleans up
        using ServerProcess next = await Start();
        Assert.Equal(["lock"], Left().Select(Path.GetFileName));
        await next.Post("/api/videos", File.ReadAllBytes(Demo(frames: 200)));
        next.Stop();
        (int exitCode, _, string error) = await next.Exit();

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Empty(Left());
    }

    [Fact]
    public async Task Signals_SeveralAtOnce_AreOneAndLeaveNoFolder()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such signals");
        using ServerProcess server = await Start();
        await server.Post("/api/videos", File.ReadAllBytes(Demo(frames: 200)));

        server.Signal("TERM", "INT", "TERM", "INT", "TERM");

        (int exitCode, string output, string error) = await server.Exit();
        Assert.Equal((0, ""), (exitCode, error));
        Assert.EndsWith("stopped\n", output, StringComparison.Ordinal);
        Assert.Empty(Left());
    }

    [Fact]
    public async Task Signal_AgainAfterAWhile_EndsAtOnce()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such signals");
        using ServerProcess server = await Start();
        using var open = new System.Net.Sockets.TcpClient();
        await open.ConnectAsync(IPAddress.Loopback, server.Address.Port, TestContext.Current.CancellationToken);
        await open.GetStream().WriteAsync("POST /api/faces HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        await Task.Delay(200, TestContext.Current.CancellationToken);

        server.Stop();    // waits up to five seconds for the request
        await Task.Delay(1200, TestContext.Current.CancellationToken);
        Assert.False(server.HasExited);
        server.Stop();

        (int exitCode, string output, _) = await server.Exit();
        Assert.Equal(128 + 15, exitCode);
        Assert.DoesNotContain("stopped", output, StringComparison.Ordinal);
    }

    private async Task<ServerProcess> Start(params string[] settings)
    {
        string temporary = Path.Combine(folder.Root, "tmp");
        Directory.CreateDirectory(temporary);
        return await ServerProcess.Start(settings: [$"TMPDIR={temporary}", $"TMP={temporary}", .. settings]);
    }

    private string[] Left() =>
    [
        .. Directory.GetDirectories(Path.Combine(folder.Root, "tmp"), "mlnetemotion-serve-*").SelectMany(Directory.GetFiles),
    ];

    private string Demo(int frames)
    {
        string video = Path.Combine(folder.Root, $"{frames}.avi");
        using var source = new DemoSource();
        using var frame = new Frame();
        using VideoWriter writer = VideoFile.Create(video, source.FramesPerSecond, DemoSource.Width, DemoSource.Height);
        for (int i = 0; i < frames; i++)
        {
            source.Read(frame, out _);
            writer.Write(frame.Mat);
        }

        return video;
    }

    private static async Task<HttpStatusCode> Delete(ServerProcess server, JsonElement job)
    {
        using HttpResponseMessage response = await server.Client.DeleteAsync($"/api/videos/{job.GetProperty("id")}", TestContext.Current.CancellationToken);
        return response.StatusCode;
    }
}
