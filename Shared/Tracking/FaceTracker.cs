using System.Runtime.InteropServices;
using MlNetEmotion.Faces;
using MlNetEmotion.Imaging;

namespace MlNetEmotion.Tracking;

/// <summary>
/// Follows faces through a video, whose detector need not run on every frame: association by overlap with the box that a Kalman
/// filter predicts (SORT, A. Bewley et al., 2016), sure detections first and unsure ones, which begin no track, only for faces already known (ByteTrack,
/// Y. Zhang et al., 2022); between detections each face's picture is looked for where it should be (<see cref="Appearance"/>).
/// A frame is one call of <see cref="Follow"/> and at most one of <see cref="Update"/>.
/// <para>Not thread-safe. Allocates only when a face appears.</para>
/// </summary>
public sealed class FaceTracker
{
    /// <summary>A face that is neither detected nor followed for longer is another face when it comes back.</summary>
    public const int MaxLostFrames = 10;

    private const double MinIou = 0.3;

    private readonly List<Track> tracks = [];
    private bool[] taken = [];
    private (int Width, int Height) frameSize;
    private int lastId;

    /// <summary>Whether there are faces, and each is certain to be where it is said to be: detection can wait.</summary>
    // One that was lost this very moment is to be looked for; later, a detection on every frame would not help it.
    public bool IsSure => tracks.Exists(static track => track.LostFrames == 0) && !tracks.Exists(static track =>
        track.LostFrames == 1 || (track.LostFrames == 0 && track.MissedDetections > 0));

    /// <summary>Goes on to the next frame: every face moves as it did, and is put right by what the frame shows.</summary>
    /// <exception cref="ArgumentException">The frame is empty.</exception>
    public void Follow(ImageView frame)
    {
        frame.ThrowIfEmpty(nameof(frame));
        frameSize = (frame.Width, frame.Height);
        tracks.RemoveAll(static track => track.LostFrames > MaxLostFrames);
        foreach (Track track in tracks)
        {
            track.Follow(frame);
        }
    }

    /// <summary>Takes what a detector found in the frame of the last <see cref="Follow"/>.</summary>
    /// <param name="detections">The faces in it, in any order.</param>
    /// <returns>Whether the detector found just the faces that were known.</returns>
    /// <exception cref="ArgumentException">The frame is empty.</exception>
    public bool Update(ImageView frame, ReadOnlySpan<FaceDetection> detections)
    {
        frame.ThrowIfEmpty(nameof(frame));
        if (this.taken.Length < detections.Length)
        {
            this.taken = new bool[detections.Length];
        }

        Span<bool> taken = this.taken.AsSpan(0, detections.Length);
        taken.Clear();
        int known = tracks.Count;
        Span<Track> open = CollectionsMarshal.AsSpan(tracks);
        open = Associate(frame, detections, taken, open, minScore: FaceDetection.SureScore);
        open = Associate(frame, detections, taken, open, minScore: 0);
        foreach (Track track in open)
        {
            track.Miss();
        }

        for (int i = 0; i < detections.Length; i++)
        {
            if (!taken[i] && detections[i].Score >= FaceDetection.SureScore)
            {
                tracks.Add(new Track(++lastId, frame, detections[i]));
            }
        }

        return open.IsEmpty && tracks.Count == known;
    }

    /// <summary>Forgets all faces: the next frame shows something else.</summary>
    public void Clear() => tracks.Clear();

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

    // Greedily, the largest overlap first: faces seldom overlap, where the best assignment as a whole would be another one.
    private static Span<Track> Associate(
        ImageView frame, ReadOnlySpan<FaceDetection> detections, Span<bool> taken, Span<Track> open, float minScore)
    {
        while (FindPair(detections, taken, open, minScore) is var (track, detection) && track >= 0)
        {
            open[track].Detect(frame, detections[detection]);
            taken[detection] = true;
            (open[track], open[^1]) = (open[^1], open[track]);
            open = open[..^1];
        }

        return open;
    }

    private static (int Track, int Detection) FindPair(
        ReadOnlySpan<FaceDetection> detections, ReadOnlySpan<bool> taken, ReadOnlySpan<Track> open, float minScore)
    {
        (int Track, int Detection) best = (-1, -1);
        double largest = MinIou;
        for (int i = 0; i < detections.Length; i++)
        {
            for (int t = 0; t < open.Length && !taken[i] && detections[i].Score >= minScore; t++)
            {
                double iou = open[t].Box.Iou(detections[i].Box);
                if (iou >= largest)
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
