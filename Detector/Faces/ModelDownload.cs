using System.Security.Cryptography;

namespace MlNetEmotion.Detector.Faces;

/// <summary>A face detector's model file as published by its authors.</summary>
internal sealed record PublishedModel(string Address, long Bytes, string Sha256, string Licence)
{
    // OpenCV 4.6.0. The files of a commit never change; those of a branch or tag may.
    private const string OpenCvData = "https://raw.githubusercontent.com/opencv/opencv/b0dc474160e389b9c9045da5db49d03ae17c6a6b/data/";

    /// <summary>OpenCV's cascades for frontal faces. Sizes and hashes are from Debian's opencv-data 4.6.0+dfsg-12, whose patches leave OpenCV's data
    /// unchanged.</summary>
    public static IReadOnlyList<PublishedModel> Cascades { get; } =
    [
        new(OpenCvData + CascadeFiles.Haar, 930_127, "0f7d4527844eb514d4a4948e822da90fbb16a34a0bbbbc6adc6498747a5aafb0", "Intel's, at the head of the file"),
        new(OpenCvData + CascadeFiles.Lbp, 51_856, "6f5f20091b0d20311c929bcd8c927074e50bd0ac6424321016c679f43cf5ebcf", "Apache-2.0, as OpenCV"),
    ];

    public string FileName => Address[(Address.LastIndexOf('/') + 1)..];
}

/// <summary>Downloads published models into a folder. Files are replaced atomically: a failed download leaves the previous file.</summary>
internal sealed class ModelDownload(string folder) : IDisposable
{
    private readonly HttpClient client = new() { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>The longest time without data from the server, in time during which this process runs.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public void Dispose() => client.Dispose();

    public string PathOf(PublishedModel model) => Path.Combine(folder, model.FileName);

    /// <summary>Whether the folder has a model's published file. If another file has that name, false with <paramref name="force"/>, else throws.</summary>
    /// <exception cref="UsageException">The file differs from the published one.</exception>
    public bool IsPresent(PublishedModel model, bool force)
    {
        string path = PathOf(model);
        if (!File.Exists(path))
        {
            return false;
        }

        using FileStream file = File.OpenRead(path);
        string found = Convert.ToHexStringLower(SHA256.HashData(file));
        return found == model.Sha256 || (force ? false : throw new UsageException(
            $"{path}: differs from the published file (SHA-256 {found}, expected {model.Sha256}) and was kept. Add '--force' to replace it."));
    }

    /// <summary>Downloads a model, replacing any file of its name.</summary>
    public async Task FetchAsync(PublishedModel model, Action<long> progress, CancellationToken stop)
    {
        byte[] content = await DownloadAsync(model, progress, stop);
        bool isOpen = false;
        try
        {
            AtomicFile.Write(PathOf(model), file =>
            {
                isOpen = true;
                file.Write(content);
            });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string what = $"{PathOf(model)}: cannot be written ({e.Message.TrimEnd('.')}).";
            throw isOpen
                ? new IOException($"{what} Free some space, and try again.", e)
                : new UsageException($"{what} Make its folder one that you may write to, or fetch {model.Address} yourself and name it with '--face-model'.", e);
        }
    }

    private async Task<byte[]> DownloadAsync(PublishedModel model, Action<long> progress, CancellationToken stop)
    {
        var content = new byte[model.Bytes + 1];    // one more, to detect a longer file
        int received = 0;
        using var idle = new CancellationTokenSource(IdleTimeout, RunningTime.Clock);
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(stop, idle.Token);
        try
        {
            using HttpResponseMessage response = await client.GetAsync(model.Address, HttpCompletionOption.ResponseHeadersRead, cancellation.Token);
            if (!response.IsSuccessStatusCode)
            {
                throw Failed(model, $"the server answers {(int)response.StatusCode} {response.ReasonPhrase}");
            }

            await using Stream body = await response.Content.ReadAsStreamAsync(cancellation.Token);
            while (await body.ReadAsync(content.AsMemory(received), cancellation.Token) is var count and > 0)
            {
                received += count;
                progress(received);
                idle.CancelAfter(IdleTimeout);
            }
        }
        catch (IOException)
        {
            // A broken connection ends the content; the hash shows that it is incomplete.
        }
        catch (HttpRequestException e) when (e.HttpRequestError != HttpRequestError.Unknown)
        {
            // For certificate errors, only the innermost exception names the cause.
            Exception why = e.HttpRequestError == HttpRequestError.SecureConnectionError ? e.GetBaseException() : e;
            throw Failed(model, $"cannot be reached ({why.Message.TrimEnd('.')})", e);
        }
        catch (OperationCanceledException e) when (!stop.IsCancellationRequested)
        {
            throw Failed(model, $"no data for {IdleTimeout.TotalSeconds:0.#} s", e);
        }

        string found = Convert.ToHexStringLower(SHA256.HashData(content.AsSpan(0, received)));
        return found == model.Sha256 ? content[..received] : throw Failed(model,
            received > model.Bytes ? $"sends more than the {model.Bytes} bytes that were published"
            : received < model.Bytes ? $"ended after {received} of {model.Bytes} bytes"
            : $"is not the file that was published: SHA-256 {found}, expected {model.Sha256}");
    }

    private HttpRequestException Failed(PublishedModel model, string what, Exception? cause = null) =>
        new($"{model.Address}: {what}. Try again later, or put the file into {folder} yourself.", cause);
}
