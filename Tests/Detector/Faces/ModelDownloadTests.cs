using System.Security.Cryptography;
using System.Text.RegularExpressions;
using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Programs;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Faces;

/// <summary>Downloads from a server on loopback; docs/faults.md names these tests.</summary>
public sealed class ModelDownloadTests : IDisposable
{
    private static readonly byte[] Content = ModelServer.Content;

    private readonly TemporaryFolder folder = new();
    private readonly string models;

    public ModelDownloadTests() => models = Path.Combine(folder.Root, "data", "models");

    /// <summary>Responses other than the published file: the header, the body, the message to the user.</summary>
    public static TheoryData<string, byte[], string> Faults => new()
    {
        { "200 OK\r\nContent-Length: 200000", [.. Content[..^1], (byte)(Content[^1] ^ 1)], "is not the file that was published: SHA-256 " },
        { "200 OK\r\nContent-Length: 200000", Content[..1000], "ended after 1000 of 200000 bytes" },
        { "200 OK", Content[..1000], "ended after 1000 of 200000 bytes" },
        { "200 OK", [], "ended after 0 of 200000 bytes" },
        { "200 OK", [.. Content, 0], "sends more than the 200000 bytes that were published" },
        { "404 Not Found\r\nContent-Length: 4", [.. "gone"u8], "the server answers 404 Not Found" },
        { "503 Busy\r\nContent-Length: 0", [], "the server answers 503 Busy" },
    };

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Fetch_PublishedFile_IsThereWholeAndAlone()
    {
        using var server = new ModelServer(ModelServer.Sends("200 OK\r\nContent-Length: 200000", Content));
        using var download = new ModelDownload(models);
        long last = 0;

        await download.FetchAsync(server.Model, received => last = received, TestContext.Current.CancellationToken);

        Assert.Equal(Content.Length, last);
        Assert.Equal([Path.Combine(models, "face.onnx")], Directory.GetFileSystemEntries(models));
        Assert.Equal(Content, await File.ReadAllBytesAsync(Path.Combine(models, "face.onnx"), TestContext.Current.CancellationToken));
        Assert.True(download.IsPresent(server.Model, force: false));
    }

    [Fact]
    public async Task Fetch_Redirected_Follows()
    {
        using var server = new ModelServer(ModelServer.Sends("302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0", []), ModelServer.Sends("200 OK", Content));
        using var download = new ModelDownload(models);

        await download.FetchAsync(server.Model, _ => { }, TestContext.Current.CancellationToken);

        Assert.True(download.IsPresent(server.Model, force: false));
    }

    [Fact]
    public async Task Fetch_SlowServer_HasThePatienceForEachPart()
    {
        using var server = new ModelServer(async (stream, stop) =>
        {
            await ModelServer.Sends("200 OK", [])(stream, stop);
            foreach (byte[] part in Content.Chunk(Content.Length / 6))
            {
                await Task.Delay(400, stop);
                await stream.WriteAsync(part, stop);
            }
        });
        using var download = new ModelDownload(models) { IdleTimeout = TimeSpan.FromSeconds(2) };

        await download.FetchAsync(server.Model, _ => { }, TestContext.Current.CancellationToken);

        Assert.True(download.IsPresent(server.Model, force: false));
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Fetch_SomethingElse_SaysWhatAndKeepsNothing(string head, byte[] body, string expected)
    {
        using var server = new ModelServer(ModelServer.Sends(head, body));

        string message = await Refused<HttpRequestException>(server.Model);

        Assert.StartsWith($"{server.Model.Address}: {expected}", message, StringComparison.Ordinal);
        Assert.EndsWith($". Try again later, or put the file into {models} yourself.", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fetch_EndlessFile_StopsEarly()
    {
        long sent = 0;
        using var server = new ModelServer(async (stream, stop) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray(), stop);
            for (; !stop.IsCancellationRequested; sent += Content.Length)
            {
                await stream.WriteAsync(Content, stop);
            }
        });

        await Refused<HttpRequestException>(server.Model);

        Assert.InRange(sent, 0, 100 << 20);    // no more than the system's buffers hold
    }

    [Fact]
    public async Task Fetch_NobodyServes_SaysSo()
    {
        PublishedModel model;
        using (var server = new ModelServer())
        {
            model = server.Model;
        }

        // The reason in the system's words: on Linux 'Connection refused'.
        Assert.Matches($@"^{Regex.Escape(model.Address)}: cannot be reached \([^()]+ \(127\.0\.0\.1:", await Refused<HttpRequestException>(model));
    }

    [Fact]
    public async Task Fetch_ServerFallsSilent_GivesUp()
    {
        using var server = new ModelServer(ModelServer.SendsHalf(new TaskCompletionSource()));

        string message = await Refused<HttpRequestException>(server.Model, TimeSpan.FromMilliseconds(300));

        Assert.StartsWith($"{server.Model.Address}: no data for 0.3 s.", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fetch_Stopped_LeavesNothing()
    {
        var half = new TaskCompletionSource();
        using var server = new ModelServer(ModelServer.SendsHalf(half));
        using var download = new ModelDownload(models);
        using var stop = new CancellationTokenSource();

        Task fetch = download.FetchAsync(server.Model, _ => { }, stop.Token);
        await half.Task;
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetch);
        Assert.Empty(Directory.EnumerateFiles(folder.Root, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Fetch_FolderThatCannotBe_SaysWhatToDo()
    {
        using var server = new ModelServer(ModelServer.Sends("200 OK", Content));
        folder.Write("data", "a file where a folder should be");
        using var download = new ModelDownload(models);

        string message = (await Assert.ThrowsAsync<UsageException>(
            () => download.FetchAsync(server.Model, _ => { }, TestContext.Current.CancellationToken))).Message;

        Assert.StartsWith($"{Path.Combine(models, "face.onnx")}: cannot be written (", message, StringComparison.Ordinal);
        Assert.Contains($"fetch {server.Model.Address} yourself", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fetch_DiskFull_KeepsNothing()
    {
        using FaultTests.SmallDisk disk = await FaultTests.SmallDisk.Mount(folder, megabytes: 1);
        await File.WriteAllBytesAsync(Path.Combine(disk.Root, "others"), new byte[900 << 10], TestContext.Current.CancellationToken);
        using var server = new ModelServer(ModelServer.Sends("200 OK", Content));
        using var download = new ModelDownload(disk.Root);

        string message = (await Assert.ThrowsAsync<IOException>(
            () => download.FetchAsync(server.Model, _ => { }, TestContext.Current.CancellationToken))).Message;

        Assert.Contains("face.onnx: cannot be written (No space left on device", message, StringComparison.Ordinal);
        Assert.Equal(["others"], Directory.EnumerateFiles(disk.Root).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData(0, CascadeFiles.Haar)]
    [InlineData(1, CascadeFiles.Lbp)]
    public void Cascades_AreThoseThatSystemsInstallFromACommit(int index, string name)
    {
        PublishedModel cascade = PublishedModel.Cascades[index];
        Assert.Matches($"^https://raw.githubusercontent.com/opencv/opencv/[0-9a-f]{{40}}/data/{name}$", cascade.Address);
        Assert.Equal(Path.GetFileName(name), cascade.FileName);

        string installed = Path.Combine("/usr/share/opencv4", name);
        Assert.SkipUnless(File.Exists(installed), "needs Debian's opencv-data");
        byte[] file = File.ReadAllBytes(installed);
        Assert.Equal((file.Length, Convert.ToHexStringLower(SHA256.HashData(file))), (cascade.Bytes, cascade.Sha256));
    }

    private async Task<string> Refused<T>(PublishedModel model, TimeSpan? idleTimeout = null)
        where T : Exception
    {
        using var download = new ModelDownload(models) { IdleTimeout = idleTimeout ?? TimeSpan.FromSeconds(30) };
        T refusal = await Assert.ThrowsAsync<T>(() => download.FetchAsync(model, _ => { }, TestContext.Current.CancellationToken));
        Assert.Empty(Directory.EnumerateFiles(folder.Root, "*", SearchOption.AllDirectories));
        return refusal.Message;
    }
}
