using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Faces;
using MlNetEmotion.Tracking;

namespace MlNetEmotion.Detector.Pipeline;

/// <summary>The faces of a still picture, cropped for scoring.</summary>
/// <param name="Faces">From left to right, numbered from 1.</param>
/// <param name="Crops">uint8 [faces, 48, 48], gray.</param>
internal sealed record FoundFaces(int Width, int Height, TrackedFace[] Faces, byte[] Crops);

/// <summary>Finds the faces of still pictures, each independently: detections with a sure score are faces, others are suspected. Does not own the detector.
/// Not thread-safe.</summary>
internal sealed class StillFaces(IFaceDetector detector, StageTimings timings) : IFaceFinder
{
    private readonly List<TrackedFace> found = [];
    private int lastId;

    /// <inheritdoc/>
    /// <param name="timestamp">Not used.</param>
    public void Find(Frame frame, TimeSpan timestamp, List<TrackedFace> faces, List<Box>? suspected = null)
    {
        using StageTimings.Measurement detecting = timings.Measure("detect");
        faces.Clear();
        suspected?.Clear();
        foreach (FaceDetection face in detector.Detect(frame))
        {
            if (!(face.Score >= FaceDetection.HighScoreThreshold))
            {
                suspected?.Add(face.Box);
            }
            else if (face.Box.Overlaps(frame.Width, frame.Height))
            {
                faces.Add(new TrackedFace(++lastId, face.Box, face.Landmarks));
            }
        }

        faces.Sort(static (a, b) => (a.Box.X, a.Box.Y, a.TrackId).CompareTo((b.Box.X, b.Box.Y, b.TrackId)));
    }

    /// <summary>Finds the faces of one picture, numbered from 1.</summary>
    public TrackedFace[] Find(Frame picture)
    {
        lastId = 0;
        Find(picture, TimeSpan.Zero, found);
        return [.. found];
    }

    /// <summary>Crops faces from their picture.</summary>
    public static FoundFaces Crop(Frame picture, TrackedFace[] faces)
    {
        var crops = new byte[faces.Length * FacePreprocessor.PixelCount];
        FaceScorer.Crop(picture.View, faces, crops);
        return new FoundFaces(picture.Width, picture.Height, faces, crops);
    }
}
