using System.Net.Http.Headers;
using System.Text;
using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Sources;

/// <summary>A network camera that sends motion JPEG over HTTP (<c>multipart/x-mixed-replace</c>), read here because
/// OpenCV's package for Linux has no network, so that it works without an ffmpeg.</summary>
internal sealed class MjpegSource(string url, HttpResponseMessage response, string boundary, Action<string> report) : IFrameSource
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly HttpClient Client = new() { Timeout = Patience };

    private readonly MultipartReader parts = new(response.Content.ReadAsStream(), boundary);
    private bool wasDamaged;

    public string Name { get; } = UrlRedactor.Redact(url);
    public double FramesPerSecond => 25;
    public bool IsLive => true;

    /// <summary>Connects; null where there is something else, or nothing.</summary>
    /// <param name="answer">Describes that something else.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static MjpegSource? TryOpen(string url, Action<string> report, CancellationToken stop, out HttpAnswer answer)
    {
        answer = default;
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

            response = Client.Send(request, HttpCompletionOption.ResponseHeadersRead, stop);
            if (response.IsSuccessStatusCode
                && response.Content.Headers.ContentType is { MediaType: "multipart/x-mixed-replace" } type
                && type.Parameters.FirstOrDefault(parameter => parameter.Name == "boundary")?.Value is { } boundary)
            {
                return new MjpegSource(url, response, boundary.Trim('"'), report);
            }

            answer = response.IsSuccessStatusCode
                ? new HttpAnswer(IsRecording: response.Content.Headers.ContentLength is not null, Refusal: null)
                : new HttpAnswer(IsRecording: false, $"{(int)response.StatusCode} {response.ReasonPhrase}");
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            // The next source to try reports the error.
        }

        response?.Dispose();
        return null;
    }

    public bool Read(Frame frame, out TimeSpan timestamp)
    {
        timestamp = TimeSpan.Zero;
        while (TryReceive(out ReadOnlySpan<byte> picture))
        {
            try
            {
                frame.Decode(picture.ToArray());
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

    private bool TryReceive(out ReadOnlySpan<byte> picture)
    {
        using var silence = new CancellationTokenSource(Patience, RunningTime.Clock);
        using CancellationTokenRegistration givingUp = silence.Token.Register(response.Dispose);    // a read that waits for it throws
        try
        {
            return parts.TryRead(out picture);
        }
        catch (Exception e) when (silence.IsCancellationRequested && e is IOException or ObjectDisposedException)
        {
            throw new IOException($"nothing came for {Patience.TotalSeconds:0} s.", e);
        }
    }
}

/// <summary>A web server's answer that is no camera's.</summary>
/// <param name="IsRecording">Whether it has a length, whereas a camera sends for ever.</param>
/// <param name="Refusal">The status of an error, for example <c>401 Unauthorized</c>; null for success, or no answer at all.</param>
internal readonly record struct HttpAnswer(bool IsRecording, string? Refusal);
