using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Segments;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Faces;
using MlNetEmotion.Imaging;

namespace MlNetEmotion.Detector.Sessions;

/// <summary>A face of a corrected span.</summary>
/// <param name="Pixels">uint8 [48, 48], gray.</param>
internal sealed record CollectedFace(int Track, decimal TimeMs, Emotion Emotion, byte[] Pixels);

/// <summary>The faces of a session.</summary>
/// <param name="Similar">The number left out because they are nearly identical to an earlier one of the same face and emotion.</param>
/// <param name="NotFound">The number left out because the detector does not find the face in the picture.</param>
internal sealed record CollectedFaces(IReadOnlyList<CollectedFace> Faces, int Similar, int NotFound);

/// <summary>Cuts the faces of corrected spans out of a session's video. Not thread-safe.</summary>
internal sealed class FaceCollector(IFaceDetector detector, double perSecond, Action<string> warn)
{
    private const double MinIou = 0.3;

    // If more are not found, something else is in the picture.
    private const double MaxNotFound = 0.5;

    // Between a frame's time in a browser and in the file.
    private const decimal EndToleranceMs = 1000;

    /// <summary>Returns a session's faces.</summary>
    /// <param name="name">The video's name in messages.</param>
    /// <exception cref="InvalidDataException">The file is not a video, or the events are not of this video.</exception>
    public CollectedFaces Collect(Session session, string video, string name, CancellationToken stop)
    {
        using IFrameSource source = Open(video, name, stop);
        using var frame = new Frame();
        var due = new Queue<(ShownFace Face, Emotion Emotion)>(Samples(session, perSecond));
        var kept = new List<CollectedFace>();
        (int sampled, int similar, int notFound) = (due.Count, 0, 0);
        decimal halfFrame = 500 / (decimal)source.FramesPerSecond;
        decimal end = 0;
        while (source.Read(frame, out TimeSpan timestamp))
        {
            stop.ThrowIfCancellationRequested();
            if (end == 0)
            {
                CheckSize(session, frame, name);
            }

            end = WrittenNumbers.Milliseconds(timestamp) + (2 * halfFrame);
            FaceDetection[]? found = null;
            while (due.TryPeek(out (ShownFace Face, Emotion Emotion) next) && next.Face.TimeMs < end - halfFrame)
            {
                due.Dequeue();
                found ??= detector.Detect(frame).ToArray();
                if (Crop(frame, found, next.Face.Box) is not { } pixels)
                {
                    notFound++;
                }
                else if (kept.Any(other => other.Track == next.Face.TrackId && other.Emotion == next.Emotion && FaceCorrelation.Of(other.Pixels, pixels) >= FaceCorrelation.SameImage))
                {
                    similar++;
                }
                else
                {
                    kept.Add(new CollectedFace(next.Face.TrackId, next.Face.TimeMs, next.Emotion, pixels));
                }
            }
        }

        CheckEnd(session, end, name);
        notFound += due.Count;    // after the last frame
        return notFound > MaxNotFound * sampled
            ? throw new InvalidDataException($"{name}: at {notFound} of {sampled} places where the events have a face, the video has none: events and video are of different recordings.")
            : new CollectedFaces(kept, similar, notFound);
    }

    /// <summary>Returns the faces with a corrected emotion, at most some per second of each face, in the order of time.</summary>
    internal static IEnumerable<(ShownFace Face, Emotion Emotion)> Samples(Session session, double perSecond)
    {
        decimal interval = 1000 / (decimal)perSecond;
        var last = new Dictionary<(int Face, Emotion Emotion), decimal>();
        foreach (ShownFace face in session.Faces)
        {
            if (session.Corrections.At(face.TrackId, face.TimeMs) is { } emotion
                && (!last.TryGetValue((face.TrackId, emotion), out decimal before) || face.TimeMs - before >= interval))
            {
                last[(face.TrackId, emotion)] = face.TimeMs;
                yield return (face, emotion);
            }
        }
    }

    // As in live scoring: the detector's own box and landmarks.
    private static byte[]? Crop(Frame frame, FaceDetection[] found, Box box)
    {
        FaceDetection best = found.OrderByDescending(face => face.Box.Iou(box)).FirstOrDefault();
        if (best.Box.Iou(box) < MinIou)
        {
            return null;
        }

        var pixels = new byte[FacePreprocessor.PixelCount];
        FacePreprocessor.ToFace(frame.View, best.Box, best.Landmarks, pixels);
        return pixels;
    }

    private static void CheckSize(Session session, Frame frame, string name)
    {
        (int width, int height) = (session.Faces.Max(face => face.Box.X + face.Box.Width), session.Faces.Max(face => face.Box.Y + face.Box.Height));
        if (width > frame.Width || height > frame.Height)
        {
            throw new InvalidDataException($"{name}: has frames of {frame.Width}x{frame.Height} pixels, but the events' faces reach to {width}x{height}: events and video are of different recordings.");
        }
    }

    private static void CheckEnd(Session session, decimal endMs, string name)
    {
        decimal last = session.Faces[^1].TimeMs;
        if (last > endMs + EndToleranceMs)
        {
            throw new InvalidDataException(FormattableString.Invariant($"{name}: ends at {endMs / 1000:0.0} s, but the events at {last / 1000:0.0} s: events and video are of different recordings."));
        }
    }

    private IFrameSource Open(string video, string name, CancellationToken stop)
    {
        try
        {
            return FrameSources.Open(video, line => warn(line.Replace(video, name, StringComparison.Ordinal)), stop: stop);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException(e.Message.Replace(video, name, StringComparison.Ordinal), e);
        }
    }
}
