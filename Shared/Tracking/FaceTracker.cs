using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MlNetEmotion.Faces;
using MlNetEmotion.Imaging;

namespace MlNetEmotion.Tracking;

/// <summary>
/// Follows faces through a video, whose detector need not run on every frame: association by overlap with the box that a Kalman
/// filter predicts (SORT, A. Bewley et al., 2016), sure detections first and unsure ones, which begin no track, only for faces already known (ByteTrack,
/// Y. Zhang et al., 2022); between detections each face's picture is looked for where it should be (<see cref="TemplateTracker"/>). A face
/// that appears where another was, at a cut for example, gets a new number (<see cref="FaceDescriptor"/>, <see cref="ShotChange"/>).
/// A frame is one call of <see cref="Follow(ImageView, TimeSpan)"/> and at most one of <see cref="Update(ImageView, ReadOnlySpan{FaceDetection})"/>.
/// <para>Not thread-safe. Allocates only when a face appears.</para>
/// </summary>
public sealed class FaceTracker
{
    /// <summary>
    /// The time after which a face that was neither detected nor followed is forgotten, and counts as another one when it comes back.
    /// Three usual frame intervals, where those are longer.
    /// </summary>
    public static readonly TimeSpan ForgetAfter = TimeSpan.FromSeconds(0.4);

    private const double MinIou = 0.3;

    // Further apart, frames of one shot differ as much as two shots.
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

    /// <summary>Whether there are faces, and each is certain to be where it is said to be: detection can wait.</summary>
    // One that was lost this very moment is to be looked for; later, a detection on every frame would not help it.
    public bool IsStable => tracks.Exists(static track => track.LostFrames == 0) && !tracks.Exists(static track =>
        track.LostFrames == 1 || (track.LostFrames == 0 && track.MissedDetections > 0));

    /// <summary>Goes on to the next frame: every face moves as it did, and is put right by what the frame shows.</summary>
    /// <param name="timestamp">When the frame is, in the video's or camera's time, from any moment on. All faces are forgotten after a gap
    /// of more than 2 s, or of three usual intervals where those are longer, and where time goes back.</param>
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

    /// <summary>Takes what a detector found in the frame of the last <see cref="Follow(ImageView, TimeSpan)"/>.</summary>
    /// <param name="detections">The faces in it, in any order.</param>
    /// <returns>Whether the detector found just the faces that were known.</returns>
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
            track.Miss();
            isAsKnown &= track.IsReplaced;    // in whose place a known face is
        }

        for (int i = 0; i < detections.Length; i++)
        {
            if (!taken[i] && detections[i].Score >= FaceDetection.HighScoreThreshold)
            {
                MarkReplaced(known, i);
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
    public bool Update(ImageMemory frame, List<FaceDetection> detections)
    {
        ArgumentNullException.ThrowIfNull(detections);
        return Update(frame.View, CollectionsMarshal.AsSpan(detections));
    }

    /// <summary>Forgets all faces: the next frame shows something else.</summary>
    public void Clear()
    {
        tracks.Clear();
        lowScore.Clear();
        clock.Clear();
        shots.Clear();
    }

    /// <summary>Lists the faces that are in the frame: detected there, or followed since they were.</summary>
    /// <param name="faces">Emptied, then receives the faces, from left to right.</param>
    public void CopyTo(List<TrackedFace> faces)
    {
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

    /// <summary>Lists where else in the frame there may be faces, for who hides them: those that were lost a moment ago, where they would
    /// be by now, and what the detector was too unsure of.</summary>
    /// <param name="boxes">Emptied, then receives the boxes, in the frame's pixels; they may stick out of it.</param>
    public void CopySuspectedTo(List<Box> boxes)
    {
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

    // Finds out which faces stand where another one was. One that is followed is where it was, whatever the detector's box.
    private void RefuseUnlike(ImageView frame, ReadOnlySpan<FaceDetection> detections)
    {
        if (refused.Length < tracks.Count * detections.Length)
        {
            refused = new bool[tracks.Count * detections.Length];
        }

        for (int t = 0; t < tracks.Count; t++)
        {
            tracks[t].Row = t * detections.Length;
        }

        for (int i = 0; i < detections.Length; i++)
        {
            foreach (Track track in tracks)
            {
                refused[track.Row + i] = track.LostFrames > 0 && track.Box.Iou(detections[i].Box) >= MinIou && !track.MayMatch(frame, detections[i].Box, descriptor);
            }
        }
    }

    // The faces in whose place a new one was detected.
    private void MarkReplaced(int known, int detection)
    {
        for (int t = 0; t < known; t++)
        {
            tracks[t].IsReplaced |= refused[tracks[t].Row + detection];
        }
    }

    // Greedily, the largest overlap first: faces seldom overlap, where the best assignment as a whole would be another one.
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

/// <summary>A face that is followed from frame to frame.</summary>
/// <param name="TrackId">The same number for the same face, from 1, never given to another.</param>
/// <param name="Box">Where it is, in the frame's pixels; may stick out of the frame.</param>
/// <param name="Landmarks">Eyes, nose and mouth, moved with the box; null where the detector doesn't find them.</param>
public readonly record struct TrackedFace(int TrackId, Box Box, FaceLandmarks? Landmarks);
