using MlNetEmotion.Imaging;

namespace MlNetEmotion.Detector.Pipeline;

/// <summary>
/// Tells which face of a frame is which of the frames before, by how much their boxes overlap (E. Bochinski et al.:
/// High-speed tracking-by-detection without using image information, 2017).
/// </summary>
internal sealed class FaceTracker
{
    private const double MinIou = 0.3;

    // A detector that misses a face for a moment does not make it another face.
    private const int MaxMissedFrames = 10;

    private readonly List<Track> tracks = [];
    private int lastId;

    /// <summary>Takes the next frame's faces.</summary>
    /// <param name="boxes">Where they are.</param>
    /// <returns>Their numbers, in the same order, each from 1 and never given to another face.</returns>
    public int[] Update(IReadOnlyList<Box> boxes)
    {
        var ids = new int[boxes.Count];
        foreach (Track track in tracks)
        {
            track.MissedFrames++;
        }

        var pairs = from track in tracks
                    from index in Enumerable.Range(0, boxes.Count)
                    let iou = track.Box.Iou(boxes[index])
                    where iou >= MinIou
                    orderby iou descending
                    select (track, index);
        foreach ((Track track, int index) in pairs)
        {
            if (track.MissedFrames > 0 && ids[index] == 0)
            {
                (track.Box, track.MissedFrames, ids[index]) = (boxes[index], 0, track.Id);
            }
        }

        tracks.RemoveAll(track => track.MissedFrames > MaxMissedFrames);
        for (int i = 0; i < ids.Length; i++)
        {
            if (ids[i] == 0)
            {
                ids[i] = ++lastId;
                tracks.Add(new Track(lastId) { Box = boxes[i] });
            }
        }

        return ids;
    }

    private sealed class Track(int id)
    {
        public int Id { get; } = id;

        public Box Box { get; set; }

        public int MissedFrames { get; set; }
    }
}
