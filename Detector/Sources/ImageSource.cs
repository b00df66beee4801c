using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Programs.Images;

namespace MlNetEmotion.Detector.Sources;

/// <summary>Image files, one per second. Unreadable files are reported and skipped, but keep their second. If a file has several images, the first is read
/// and that is reported.</summary>
internal sealed class ImageSource(string name, string[] paths, Action<string> report) : IFrameSource
{
    private readonly CancellationTokenSource interruption = new();
    private int next;
    private int framesRead;

    public string Name { get; } = name;
    public string Current { get; private set; } = name;
    public double FramesPerSecond => 1;
    public bool IsLive => false;
    public long? FrameCount => paths.Length;
    public IReadOnlyList<string> Paths => paths;

    /// <summary>An image's path relative to the input folder; for a single file, its name.</summary>
    public static string NameWithin(string input, string path) => path == input ? Path.GetFileName(path) : Path.GetRelativePath(input, path);

    /// <summary>Opens all images in a folder and its subfolders, in the natural order of their paths.</summary>
    public static ImageSource OfFolder(string folder, Action<string> report)
    {
        string[] images = [.. ImageFiles.Files(folder, (path, reason) => report($"skipped {path}: {reason}")).Where(ImageFiles.IsImage).InNaturalOrder()];
        return images.Length > 0
            ? new ImageSource(folder, images, report)
            : throw new InvalidDataException($"{folder}: no images in this folder; expected files with one of the endings {string.Join(' ', ImageFiles.Endings)}");
    }

    public bool Read(Frame frame, out TimeSpan timestamp)
    {
        timestamp = default;
        while (next < paths.Length)
        {
            timestamp = TimeSpan.FromSeconds(next / FramesPerSecond);
            string path = paths[next++];
            try
            {
                if (frame.Decode(ReadFile(path)) is { } remark)
                {
                    report($"{path}: {remark}");
                }

                (Current, framesRead) = (path, framesRead + 1);
                return true;
            }
            catch (OperationCanceledException)
            {
                return false;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                report($"skipped {path}: {e.Message}");
            }
        }

        return framesRead > 0 ? false : throw new InvalidDataException($"{Name}: none of {paths.Length} images can be read.");
    }

    public void Interrupt() => interruption.Cancel();

    public void Dispose() => interruption.Dispose();

    // The writer of a pipe may never appear, so the wait can be interrupted.
    private byte[] ReadFile(string path) => !SpecialFile.IsPipe(path) ? File.ReadAllBytes(path)
        : Task.Run(() => File.ReadAllBytes(path)).WaitAsync(interruption.Token).GetAwaiter().GetResult();
}
