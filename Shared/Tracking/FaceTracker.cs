using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MlNetEmotion.Faces;

namespace MlNetEmotion.Tracking;

/// <summary>
/// Tracks faces through a video; the detector need not run on every frame. Detections are associated with tracks by their overlap with the box
/// that a Kalman filter predicts (SORT, A. Bewley et al., 2016): high-score detections first, then low-score ones, which can only continue a
/// track (ByteTrack, Y. Zhang et al., 2022). Between detections, each face is followed by its template (<see cref="TemplateTracker"/>). A face
/// that replaces another one in the same place, for example at a cut, gets a new number (<see cref="FaceDescriptor"/>, <see cref="ShotChange"/>).
/// Call <see cref="Follow(ImageView, TimeSpan)"/> once per frame and then at most one <see cref="Update(ImageView, ReadOnlySpan{FaceDetection})"/>.
/// <para>Not thread-safe. Allocates only when a track starts.</para>
/// </summary>
public sealed class FaceTracker
{
    /// <summary>
    /// The time after which the track of a face that was neither detected nor followed ends; when the face returns, it gets a new track.
    /// Three usual frame intervals if those are longer.
    /// </summary>
    internal static readonly TimeSpan ForgetAfter = TimeSpan.FromSeconds(0.4);

    private const double MinIou = 0.3;

    // At longer intervals, frames of one shot differ as much as two shots.
    private static readonly TimeSpan MaxCutInterval = TimeSpan.FromSeconds(0.15);

    private readonly List<Track> tracks = [];
    private readonly FrameClock clock = new();
    private readonly ShotChange shots = new();
    private readonly FaceDescriptor descriptor = new();
    private readonly List<Box> lowScore = [];
    private bool[] taken = [];
    private bool[] refused = [];
    private (int Width, int Height) frameSize;
    private int lastId;

    /// <summary>Whether there are tracks and all of them are reliable, so that the next detection can wait.</summary>
    // A face lost in this frame triggers a detection at once; after that, detecting on every frame does not help.
    public bool IsStable => tracks.Exists(static track => track.LostFrames == 0) && !tracks.Exists(static track =>
        track.LostFrames == 1 || (track.LostFrames == 0 && track.MissedDetections > 0));

    /// <summary>Advances all tracks to the next frame: predicts each face's box and corrects it by template tracking.</summary>
    /// <param name="timestamp">The frame's time, relative to any origin. All tracks end after a gap of more than 2 s (or three usual intervals, if
    /// longer) and if time goes backwards.</param>
    /// <exception cref="ArgumentException">The frame is empty.</exception>
    [OverloadResolutionPriority(1)]
    public void Follow(ImageView frame, TimeSpan timestamp)
    {
        frame.ThrowIfEmpty(nameof(frame));
        frameSize = (frame.Width, frame.Height);
        lowScore.Clear();
        bool continues = clock.Advance(timestamp);
        bool isCut = shots.IsCut(frame) & timestamp - clock.Previous <= MaxCutInterval;
        TimeSpan forgetAfter = clock.Longer(ForgetAfter);
        for (int i = tracks.Count - 1; i >= 0; i--)
        {
            if (!continues || clock.Previous - tracks[i].LastSeen > forgetAfter)
            {
                tracks.RemoveAt(i);
            }
            else
            {
                tracks[i].Follow(frame, timestamp, isCut);
            }
        }
    }

    /// <inheritdoc cref="Follow(ImageView, TimeSpan)"/>
    public void Follow(ImageMemory frame, TimeSpan timestamp) => Follow(frame.View, timestamp);

    /// <summary>Updates the tracks by the detections in the frame of the last <see cref="Follow(ImageView, TimeSpan)"/>.</summary>
    /// <param name="detections">The faces in the frame, in any order.</param>
    /// <returns>Whether the detections match the existing tracks exactly.</returns>
    /// <exception cref="ArgumentException">The frame is empty.</exception>
    [OverloadResolutionPriority(1)]
    public bool Update(ImageView frame, ReadOnlySpan<FaceDetection> detections)
    {
        frame.ThrowIfEmpty(nameof(frame));
        if (this.taken.Length < detections.Length)
        {
            this.taken = new bool[detections.Length];
        }

        Span<bool> taken = this.taken.AsSpan(0, detections.Length);
        taken.Clear();
        RefuseUnlike(frame, detections);
        int known = tracks.Count;
        Span<Track> open = CollectionsMarshal.AsSpan(tracks);
        open = Associate(frame, detections, taken, open, minScore: FaceDetection.HighScoreThreshold);
        open = Associate(frame, detections, taken, open, minScore: 0);
        bool isAsKnown = true;
        foreach (Track track in open)
        {
            track.MissedDetections++;
            isAsKnown &= track.IsReplaced;    // a known face is in its place
        }

        for (int i = 0; i < detections.Length; i++)
        {
            if (!taken[i] && detections[i].Score >= FaceDetection.HighScoreThreshold)
            {
                foreach (Track track in CollectionsMarshal.AsSpan(tracks)[..known])
                {
                    track.IsReplaced |= refused[track.Row + i];    // the new face is in its place
                }

                tracks.Add(new Track(++lastId, frame, detections[i], clock.Now));
            }
            else if (!taken[i])
            {
                lowScore.Add(detections[i].Box);
            }
        }

        return isAsKnown && tracks.Count == known;
    }

    /// <inheritdoc cref="Update(ImageView, ReadOnlySpan{FaceDetection})"/>
    public bool Update(ImageMemory frame, IReadOnlyList<FaceDetection> detections)
    {
        ArgumentNullException.ThrowIfNull(detections);
        return Update(frame.View, detections switch
        {
            FaceDetection[] array => array,
            List<FaceDetection> list => CollectionsMarshal.AsSpan(list),
            _ => [.. detections],
        });
    }

    /// <summary>Ends all tracks, before a frame from another video.</summary>
    public void Clear()
    {
        tracks.Clear();
        lowScore.Clear();
        clock.Clear();
        shots.Clear();
    }

    /// <summary>The faces that were detected or followed in the current frame, from left to right.</summary>
    public TrackedFace[] GetFaces()
    {
        var faces = new List<TrackedFace>();
        CopyTo(faces);
        return [.. faces];
    }

    /// <summary>Lists the faces that were detected or followed in the current frame. For loops: allocates nothing once the list is large enough.</summary>
    /// <param name="faces">Cleared, then receives the faces from left to right.</param>
    public void CopyTo(List<TrackedFace> faces)
    {
        ArgumentNullException.ThrowIfNull(faces);
        faces.Clear();
        foreach (Track track in tracks)
        {
            if (track.LostFrames == 0 && track.Box.Overlaps(frameSize.Width, frameSize.Height))
            {
                faces.Add(track.Face);
            }
        }

        faces.Sort(static (a, b) => (a.Box.X, a.Box.Y, a.TrackId).CompareTo((b.Box.X, b.Box.Y, b.TrackId)));
    }

    /// <summary>The boxes of further possible faces in the frame's pixels, as <see cref="CopySuspectedTo"/> lists them.</summary>
    public Box[] GetSuspected()
    {
        var boxes = new List<Box>();
        CopySuspectedTo(boxes);
        return [.. boxes];
    }

    /// <summary>Lists the boxes of further possible faces, for blurring: the predicted boxes of lost tracks, and low-score detections without a
    /// track.</summary>
    /// <param name="boxes">Cleared, then receives the boxes in the frame's pixels; they may extend beyond the frame.</param>
    public void CopySuspectedTo(List<Box> boxes)
    {
        ArgumentNullException.ThrowIfNull(boxes);
        boxes.Clear();
        boxes.AddRange(lowScore);
        foreach (Track track in tracks)
        {
            if (track.LostFrames > 0)
            {
                boxes.Add(track.Box);
            }
        }
    }

    // Rules out pairs of a lost track and a detection in the same place that look different. A followed track keeps its place in any case.
    private void RefuseUnlike(ImageView frame, ReadOnlySpan<FaceDetection> detections)
    {
        if (refused.Length < tracks.Count * detections.Length)
        {
            refused = new bool[tracks.Count * detections.Length];
        }

        for (int t = 0; t < tracks.Count; t++)
        {
            Track track = tracks[t];
            track.Row = t * detections.Length;
            for (int i = 0; i < detections.Length; i++)
            {
                refused[track.Row + i] = track.LostFrames > 0 && track.Box.Iou(detections[i].Box) >= MinIou && !track.MayMatch(frame, detections[i].Box, descriptor);
            }
        }
    }

    // Greedy, largest overlap first. An optimal assignment differs only if faces overlap, which is rare.
    private Span<Track> Associate(ImageView frame, ReadOnlySpan<FaceDetection> detections, Span<bool> taken, Span<Track> open, float minScore)
    {
        while (FindPair(detections, taken, open, minScore) is var (track, detection) && track >= 0)
        {
            open[track].Detect(frame, detections[detection], clock.Now);
            taken[detection] = true;
            (open[track], open[^1]) = (open[^1], open[track]);
            open = open[..^1];
        }

        return open;
    }

    private (int Track, int Detection) FindPair(
        ReadOnlySpan<FaceDetection> detections, ReadOnlySpan<bool> taken, ReadOnlySpan<Track> open, float minScore)
    {
        (int Track, int Detection) best = (-1, -1);
        double largest = MinIou;
        for (int i = 0; i < detections.Length; i++)
        {
            for (int t = 0; t < open.Length && !taken[i] && detections[i].Score >= minScore; t++)
            {
                double iou = open[t].Box.Iou(detections[i].Box);
                if (iou >= largest && !refused[open[t].Row + i])
                {
                    (largest, best) = (iou, (t, i));
                }
            }
        }

        return best;
    }
}

/// <summary>A tracked face in one frame.</summary>
/// <param name="TrackId">The track's number, from 1, never reused.</param>
/// <param name="Box">The face's box in the frame's pixels; may extend beyond the frame.</param>
/// <param name="Landmarks">Eyes, nose and mouth, moved with the box; null from detectors without landmarks.</param>
public readonly record struct TrackedFace(int TrackId, Box Box, FaceLandmarks? Landmarks);
