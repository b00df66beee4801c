using MlNetEmotion.Native.OpenCv;
using MlNetEmotion.Tracking;

namespace MlNetEmotion.Detector.Pipeline;

/// <summary>A frame on its way through the stages, with all memory that they need. Used again for a later frame.</summary>
internal sealed class FrameSlot : IDisposable
{
    /// <summary>The picture: uint8 BGR.</summary>
    public Mat Frame { get; } = new();

    /// <summary>The faces in it, once found.</summary>
    public List<TrackedFace> Faces { get; } = [];

    /// <summary>The same faces, once scored.</summary>
    public List<FaceResult> Results { get; } = [];

    /// <summary>The frame's number among those that were not dropped, from 0.</summary>
    public long Number { get; set; }

    /// <summary>When it was, since the first.</summary>
    public TimeSpan Timestamp { get; set; }

    /// <summary>When it came out of the source, by <see cref="System.Diagnostics.Stopwatch"/>.</summary>
    public long CapturedAt { get; set; }

    /// <inheritdoc/>
    public void Dispose() => Frame.Dispose();
}
