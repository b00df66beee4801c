using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using MlNetEmotion.Detector.Serving;
using NJsonSchema;
using NSwag;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Serving;

/// <summary>The responses that the OpenAPI document promises: each is caused, and is as described.</summary>
[NeedsLinux("it removes a folder in use")]
public sealed class OpenApiStatusTests
{
    private const string Token = "o8Jv5wqkLw2Z";
    private const string Problem = "application/problem+json";

    private static readonly byte[] Face = Upload.Pgm(new byte[2304]);
    private static readonly byte[] Video = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "wwwroot/demo.webm"));

    private static readonly string[] Images = ["findFaces", "scoreFace"];
    private static readonly string[] Files = [.. Images, "sendVideo"];
    private static readonly string[] ById = ["getVideo", "getVideoEvents", "deleteVideo"];
    private static readonly string[] All = [.. Files, .. ById, "getModel"];

    [Fact]
    public async Task Statuses_OfTheDocument_AreGivenAsDescribed()
    {
        await using InProcessServer usual = await InProcessServer.Start(Token, new ServeLimits { PictureMegabytes = 2, BodiesMegabytes = 1, VideoMegabytes = 2 });
        await using InProcessServer tight = await InProcessServer.Start(limits: new ServeLimits { Requests = 1, Queue = 0, Videos = 0 });
        await using InProcessServer hasty = await InProcessServer.Start(limits: new ServeLimits { VideoUploadSeconds = 1 });
        OpenApiDocument document = await OpenApiDocument.FromJsonAsync(await usual.Client.GetStringAsync("/openapi/v1.json", TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        var table = new Table(document);

        Task slow = Task.WhenAll(Files.Select(file => table.Check(file, 408, SendSlowly(usual, table.PathOf(file)))));
        Task late = table.Check("sendVideo", 503, SendSlowly(hasty, "/api/videos"));
        foreach (string operation in All)
        {
            await table.Check(operation, 400, hasty, request => request.Headers.Host = "faces.example.org");
            await table.Check(operation, 401, usual, request => request.Headers.Authorization = null);
        }

        foreach (string operation in (string[])[.. Files, "deleteVideo"])
        {
            await table.Check(operation, 403, usual, request => request.Headers.Add("Origin", "https://example.org"));
        }

        foreach (string operation in ById)
        {
            await table.Check(operation, 404, usual);
        }

        foreach (string operation in Files)
        {
            await table.Check(operation, 413, usual, new byte[2_000_001]);
            await table.Check(operation, 415, usual, "{}"u8.ToArray());
            await table.Check(operation, 422, usual, new byte[400]);
        }

        foreach (string operation in Images)
        {
            await table.Check(operation, 429, await WhileBusy(tight, () => table.Send(operation, tight, Face)));
            await table.Check(operation, 503, usual, new byte[1_500_000]);
            await table.Check(operation, 200, usual, Face);
        }

        await table.Check("sendVideo", 429, tight, Video);
        string video = await table.Check("sendVideo", 202, usual, Video);
        string id = JsonElement.Parse(video).GetProperty("id").GetString()!;
        await table.Check("getVideo", 200, usual, id: id);
        await table.Check("getVideoEvents", 200, usual, id: id);
        await table.Check("deleteVideo", 204, usual, id: id);
        await table.Check("getModel", 200, usual);
        await Task.WhenAll(slow, late);
        RemoveUploads(hasty);
        await table.Check("sendVideo", 507, hasty, Video);

        Assert.Equal(table.Promised, table.Given);
    }

    // One request occupies the server while others come.
    private static async Task<HttpResponseMessage> WhileBusy(InProcessServer server, Func<Task<HttpResponseMessage>> send)
    {
        using var large = new ByteArrayContent([.. "P5\n4000 4000\n255\n"u8, .. new byte[16_000_000]]);
        while (true)
        {
            Task<HttpResponseMessage> busy = server.Client.PostAsync("/api/faces", large, TestContext.Current.CancellationToken);
            while (!busy.IsCompleted)
            {
                HttpResponseMessage response = await send();
                if ((int)response.StatusCode == 429)
                {
                    (await busy).Dispose();
                    return response;
                }

                response.Dispose();
            }

            (await busy).Dispose();
        }
    }

    // Sends ten of a thousand bytes, and then nothing.
    private static async Task<HttpResponseMessage> SendSlowly(InProcessServer server, string path)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync("127.0.0.1", server.Client.BaseAddress!.Port, TestContext.Current.CancellationToken);
        await connection.GetStream().WriteAsync(
            Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {Token}\r\nContent-Length: 1000\r\nConnection: close\r\n\r\n0123456789"), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(connection.GetStream());
        string[] answer = (await reader.ReadToEndAsync(TestContext.Current.CancellationToken)).Split("\r\n");
        var response = new HttpResponseMessage((System.Net.HttpStatusCode)int.Parse(answer[0].Split(' ')[1])) { Content = new StringContent(answer.Single(line => line.StartsWith('{'))) };
        foreach (string[] header in answer.Skip(1).TakeWhile(line => line.Length > 0).Select(line => line.Split(": ", 2)))
        {
            _ = response.Headers.TryAddWithoutValidation(header[0], header[1]) || (response.Content.Headers.Remove(header[0]) | response.Content.Headers.TryAddWithoutValidation(header[0], header[1]));
        }

        return response;
    }

    private static void RemoveUploads(InProcessServer server)
    {
        using VideoJob job = server.App.Services.GetRequiredService<VideoJobs>().Create();
        Directory.Delete(Path.GetDirectoryName(job.VideoPath)!, recursive: true);
    }

    /// <summary>The described responses, and those that were given so far.</summary>
    private sealed class Table(OpenApiDocument document)
    {
        private readonly Dictionary<string, OpenApiOperationDescription> operations = document.Operations.ToDictionary(operation => operation.Operation.OperationId);
        private readonly List<string> given = [];

        public IEnumerable<string> Promised => operations.Values.SelectMany(operation => operation.Operation.Responses.Keys.Select(status => $"{operation.Operation.OperationId} {status}")).Order(StringComparer.Ordinal);

        public IEnumerable<string> Given => given.Order(StringComparer.Ordinal);

        public string PathOf(string operation) => operations[operation].Path;

        public async Task<HttpResponseMessage> Send(string operation, InProcessServer server, byte[]? body = null, Action<HttpRequestMessage>? change = null, string id = "none")
        {
            using var request = new HttpRequestMessage(new HttpMethod(operations[operation].Method.ToUpperInvariant()), PathOf(operation).Replace("{id}", id, StringComparison.Ordinal));
            request.Headers.Authorization = server.Client.DefaultRequestHeaders.Authorization;
            request.Content = operations[operation].Method == "post" ? new ByteArrayContent(body ?? Face) : null;
            change?.Invoke(request);
            using var client = new HttpClient { BaseAddress = server.Client.BaseAddress };    // without a default token
            return await client.SendAsync(request, TestContext.Current.CancellationToken);
        }

        public async Task<string> Check(string operation, int status, InProcessServer server, byte[]? body = null, string id = "none") =>
            await Check(operation, status, await Send(operation, server, body, id: id));

        public async Task Check(string operation, int status, InProcessServer server, Action<HttpRequestMessage> change) =>
            await Check(operation, status, await Send(operation, server, change: change));

        public async Task Check(string operation, int status, Task<HttpResponseMessage> response) => await Check(operation, status, await response);

        public async Task<string> Check(string operation, int status, HttpResponseMessage response)
        {
            using HttpResponseMessage given = response;
            string body = await given.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.True(status == (int)given.StatusCode, $"{operation}: {status} expected, {given.StatusCode} given: {body}");
            OpenApiResponse described = operations[operation].Operation.Responses[$"{status}"];
            Assert.All(described.Headers.Keys, name => Assert.Contains(given.Headers, header => header.Key == name));
            if (described.Content.Count == 0)
            {
                Assert.Empty(body);
            }
            else
            {
                (string type, OpenApiMediaType content) = Assert.Single(described.Content);
                Assert.Equal(type, given.Content.Headers.ContentType!.MediaType);
                string[] documents = type == "application/jsonl" ? body.Split('\n', StringSplitOptions.RemoveEmptyEntries) : [body];
                Assert.NotEmpty(documents);
                Assert.All(documents, text => Assert.Empty(content.Schema.ActualSchema.Validate(text, SchemaType.OpenApi3)));
                CheckProblem(type, status, body, content);
            }

            lock (this.given)
            {
                this.given.Add($"{operation} {status}");
            }

            return body;
        }

        // A problem differs from its example in the detail alone.
        private static void CheckProblem(string type, int status, string body, OpenApiMediaType content)
        {
            Assert.Equal(status >= 400, type == Problem);
            if (type == Problem)
            {
                JsonElement problem = JsonElement.Parse(body), example = JsonElement.Parse($"{content.Example}");
                Assert.Equal((status, Title(example)), (problem.GetProperty("status").GetInt32(), Title(problem)));
                Assert.NotEmpty(Upload.Detail(problem));
            }

            static string? Title(JsonElement json) => json.GetProperty("title").GetString();
        }
    }
}
