using MlNetEmotion.Detector.Pipeline;
using MlNetEmotion.Imaging;
using MlNetEmotion.Native.OpenCv;

namespace MlNetEmotion.Detector.Reports;

/// <summary>Collects what a report tells of a run: who showed what, when, for how long. Memory grows with changes of answers, not with frames.</summary>
/// <param name="framesPerSecond">The source's rate: how long a frame lasts that no other follows.</param>
/// <param name="keepThumbnails">Whether to keep pictures of the best moments.</param>
internal sealed class RunStory(double framesPerSecond, bool keepThumbnails)
{
    /// <summary>The answer after the seven emotions.</summary>
    public const int Uncertain = Emotions.Count;

    /// <summary>Faces shown; more would make the timeline a carpet.</summary>
    internal const int MaxTracks = 30;

    private const int ThumbnailSize = 112;

    // Between frames of a face that are further apart it was not there.
    private const double MaxGapSeconds = 1;

    private readonly Dictionary<int, Track> present = [];
    private readonly List<Track> longest = [];
    private readonly double[] secondsByAnswer = new double[Emotions.Count + 1];
    private readonly StoryMoment?[] best = new StoryMoment?[Emotions.Count];
    private long frames;
    private int faces;
    private double end;

    /// <summary>Takes the next frame.</summary>
    /// <param name="frame">uint8 BGR, as it may be shown: thumbnails are cut from it.</param>
    /// <param name="result">What was found in it.</param>
    public void Add(Mat frame, FrameResult result)
    {
        frames++;
        double now = result.Timestamp.TotalSeconds;
        end = now + (1 / framesPerSecond);
        foreach (FaceResult face in result.Faces)
        {
            AddFace(face, now);
            if (!face.IsUncertain && face.Confidence > (best[(int)face.Emotion]?.Probability ?? 0))
            {
                byte[]? jpeg = keepThumbnails ? Thumbnail(frame, face.Box) : null;
                best[(int)face.Emotion] = new StoryMoment((int)face.Emotion, face.Confidence, now, result.Frame, face.TrackId, jpeg);
            }
        }

        foreach (Track track in present.Values)
        {
            if (now - track.LastSeen > MaxGapSeconds)
            {
                present.Remove(track.Id);
                Keep(track);
            }
        }
    }

    /// <summary>The story so far.</summary>
    public Story Tell()
    {
        IEnumerable<Track> shown = longest.Concat(present.Values).OrderByDescending(track => track.Seconds).Take(MaxTracks);
        StoryTrack[] tracks =
        [
            .. shown.OrderBy(track => track.Segments.Count == 0 ? track.SegmentStart : track.Segments[0].Start).ThenBy(track => track.Id)
                .Select(track => new StoryTrack(track.Id, [.. track.Segments, track.Open], track.SecondsByAnswer)),
        ];
        return new Story(frames, end, faces, tracks, secondsByAnswer, [.. best.OfType<StoryMoment>()]);
    }

    private void AddFace(FaceResult face, double now)
    {
        int answer = face.IsUncertain ? Uncertain : (int)face.Emotion;
        if (!present.TryGetValue(face.TrackId, out Track? track))
        {
            track = new Track(face.TrackId) { Answer = answer, SegmentStart = now, Until = now };
            present.Add(face.TrackId, track);
            faces++;
        }

        if (now > track.Until)
        {
            Count(track, now);    // the time since the frame before belongs to the answer before
        }

        if (answer != track.Answer)
        {
            track.Segments.Add(track.Open with { End = now });
            (track.Answer, track.SegmentStart) = (answer, now);
        }

        track.LastSeen = now;
        Count(track, now + (1 / framesPerSecond));
    }

    // The last frame's time is counted ahead; where the next one comes sooner, the rest is its own.
    private void Count(Track track, double until)
    {
        double more = until - track.Until;
        if (more > 0)
        {
            track.SecondsByAnswer[track.Answer] += more;
            secondsByAnswer[track.Answer] += more;
            track.Until = until;
        }
    }

    private void Keep(Track track)
    {
        longest.Add(track);
        if (longest.Count > 2 * MaxTracks)
        {
            longest.Sort((a, b) => b.Seconds.CompareTo(a.Seconds));
            longest.RemoveRange(MaxTracks, longest.Count - MaxTracks);
        }
    }

    private static byte[]? Thumbnail(Mat frame, Box face)
    {
        int left = Math.Max(0, face.X);
        int top = Math.Max(0, face.Y);
        int width = Math.Min(frame.Width, face.X + face.Width) - left;
        int height = Math.Min(frame.Height, face.Y + face.Height) - top;
        if (width <= 0 || height <= 0)
        {
            return null;
        }

        ImageView view = frame.View;
        using Mat part = Mat.FromPixels(new ImageView(view.Pixels[((top * view.Stride) + (left * view.BytesPerPixel))..], width, height, view.Format, view.Stride));
        using var small = new Mat();
        part.ResizeTo(small, ThumbnailSize, Math.Max(1, ThumbnailSize * height / width), Interpolation.Area);
        return small.Encode(".jpg");
    }

    private sealed class Track(int id)
    {
        public int Id { get; } = id;

        public List<StorySegment> Segments { get; } = [];

        public double[] SecondsByAnswer { get; } = new double[Emotions.Count + 1];

        public int Answer { get; set; }

        public double SegmentStart { get; set; }

        public double LastSeen { get; set; }

        public double Until { get; set; }

        public StorySegment Open => new(SegmentStart, Until, Answer);

        public double Seconds => SecondsByAnswer.Sum();
    }
}
