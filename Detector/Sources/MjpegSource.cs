using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Sources;

/// <summary>A network camera that sends motion JPEG over HTTP (<c>multipart/x-mixed-replace</c>), read here rather than
/// by OpenCV, whose version 4.6 goes on showing the last picture when the camera changes its size.</summary>
internal sealed class MjpegSource(string url, HttpResponseMessage response, string boundary, Action<string> report) : IFrameSource
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private static readonly HttpClient Client = new(new SocketsHttpHandler { ConnectCallback = static (context, stop) => Connect(context.DnsEndPoint, stop) })
    {
        Timeout = Timeout,
    };

    private readonly MultipartReader parts = new(response.Content.ReadAsStream(), boundary);
    private bool wasDamaged;

    public string Name { get; } = StreamAddress.Hide(url);
    public double FramesPerSecond => 25;
    public bool IsLive => true;

    /// <summary>Connects; null where there is something else, or nothing.</summary>
    /// <param name="isRecording">Whether there is something else that has a length, whereas a camera sends for ever.</param>
    public static MjpegSource? TryOpen(string url, Action<string> report, out bool isRecording)
    {
        isRecording = false;
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? address) || !address.Scheme.StartsWith("http", StringComparison.Ordinal))
        {
            return null;
        }

        HttpResponseMessage? response = null;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            if (address.UserInfo.Length > 0)
            {
                string credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(address.UserInfo)));
                request.Headers.Authorization = new AuthenticationHeaderValue("Basic", credentials);
            }

            response = Client.Send(request, HttpCompletionOption.ResponseHeadersRead);
            if (response.IsSuccessStatusCode
                && response.Content.Headers.ContentType is { MediaType: "multipart/x-mixed-replace" } type
                && type.Parameters.FirstOrDefault(parameter => parameter.Name == "boundary")?.Value is { } boundary)
            {
                return new MjpegSource(url, response, boundary.Trim('"'), report);
            }

            isRecording = response.IsSuccessStatusCode && response.Content.Headers.ContentLength is not null;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            // Whoever tries next has the words for it.
        }

        response?.Dispose();
        return null;
    }

    public bool Read(Frame frame, out TimeSpan timestamp)
    {
        timestamp = TimeSpan.Zero;
        while (parts.TryRead(out ReadOnlySpan<byte> picture))
        {
            try
            {
                PictureDecoder.Decode(picture, frame);
                wasDamaged = false;
                return true;
            }
            catch (InvalidDataException e)
            {
                if (!wasDamaged)
                {
                    report($"{Name}: skipped damaged pictures: {e.Message}");
                }

                wasDamaged = true;
            }
        }

        return false;
    }

    public void Dispose()
    {
        parts.Dispose();
        response.Dispose();
    }

    // A socket of our own, for its reads end when nothing comes.
    private static async ValueTask<Stream> Connect(System.Net.DnsEndPoint host, CancellationToken stop)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = (int)Timeout.TotalMilliseconds };
        try
        {
            await socket.ConnectAsync(host, stop);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
