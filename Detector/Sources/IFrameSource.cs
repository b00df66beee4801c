using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Sources;

/// <summary>Where frames come from. Dispose releases the device or file. Not thread-safe.</summary>
internal interface IFrameSource : IDisposable
{
    /// <summary>What it is, for messages: <c>camera 0</c>, <c>clip.mp4</c>.</summary>
    string Name { get; }

    /// <summary>The rate at which frames belong on a screen; greater than 0.</summary>
    double FramesPerSecond { get; }

    /// <summary>Whether frames arrive as they happen, so that nobody need wait before showing one.</summary>
    bool IsLive { get; }

    /// <summary>How many frames there will be, as far as one can know now; null for no idea.</summary>
    long? FrameCount => null;

    /// <summary>What keeps frames from coming at this moment, in a few words of ASCII; null while they come. Thread-safe.</summary>
    string? Trouble => null;

    /// <summary>Takes the next frame.</summary>
    /// <exception cref="IOException">The device stopped delivering.</exception>
    bool Read(Frame frame, out TimeSpan timestamp);

    /// <summary>Nobody wants frames any more: a <see cref="Read"/> that waits for a device returns false. Thread-safe.</summary>
    void Interrupt()
    {
    }
}
