using System.Net.Http.Headers;
using System.Text;
using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Sources;

/// <summary>A network camera that sends Motion JPEG over HTTP (<c>multipart/x-mixed-replace</c>). Read here, so that it works without ffmpeg: the FFmpeg in
/// OpenCvSharp's package for Linux has no network protocols.</summary>
internal sealed class MjpegSource(string url, HttpResponseMessage response, string boundary, Action<string> report, TimeProvider? time) : IFrameSource
{
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(10);

    private static readonly HttpClient Client = new() { Timeout = ReadTimeout };

    private readonly MultipartReader parts = new(response.Content.ReadAsStream(), boundary);
    private bool wasDamaged;

    public string Name { get; } = UrlRedactor.Redact(url);
    public double FramesPerSecond => 25;
    public bool IsLive => true;

    /// <summary>Connects to a camera; returns null if the address is something else or cannot be reached.</summary>
    /// <param name="isRecording">Whether a server that is no camera states a length; a camera's stream is endless.</param>
    /// <param name="refusal">The HTTP error status, for example <c>401 Unauthorized</c>; null for success or without a response.</param>
    /// <param name="time">The clock for reads; null for the process's running time.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static MjpegSource? TryOpen(string url, Action<string> report, CancellationToken stop, out bool isRecording, out string? refusal, TimeProvider? time = null)
    {
        (isRecording, refusal) = (false, null);
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
                return new MjpegSource(url, response, boundary.Trim('"'), report, time);
            }

            refusal = response.IsSuccessStatusCode ? null : $"{(int)response.StatusCode} {response.ReasonPhrase}";
            isRecording = refusal is null && response.Content.Headers.ContentLength is not null;
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
        while (TryReceive(out ReadOnlySpan<byte> image))
        {
            try
            {
                frame.Decode(image.ToArray());
                wasDamaged = false;
                return true;
            }
            catch (InvalidDataException e)
            {
                if (!wasDamaged)
                {
                    report($"{Name}: skipped damaged images: {e.Message}");
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

    private bool TryReceive(out ReadOnlySpan<byte> image)
    {
        using var timeout = new CancellationTokenSource(ReadTimeout, time ?? RunningTime.Clock);
        using CancellationTokenRegistration onTimeout = timeout.Token.Register(response.Dispose);    // makes a pending read throw, or end
        try
        {
            if (parts.TryRead(out image))
            {
                return true;
            }
        }
        catch (Exception e) when (timeout.IsCancellationRequested && e is IOException or ObjectDisposedException)
        {
            image = default;
        }

        return !timeout.IsCancellationRequested ? false : throw new IOException($"no data for {ReadTimeout.TotalSeconds:0} s.");
    }
}
