using System.Numerics;
using MlNetEmotion.Faces;
using MlNetEmotion.Imaging;

namespace MlNetEmotion.Tracking;

internal sealed class Track
{
    // Of a face that moves, speaks and smiles between two detections; other faces and backgrounds stay far below.
    private const double SureSimilarity = 0.8;

    // Beyond this part of its box, pictures do not tell how far a face has moved.
    private const double MaxShift = 0.2;

    // A step of the search tells a short way exactly, a long one roughly.
    private const int MaxLooks = 3;

    // A detector misses a face that turns or blinks. What it keeps missing was none, however still it stands.
    private const int MaxMissedDetections = 3;

    private readonly Appearance appearance = new();
    private BoxMotion motion;
    private FaceDetection detection;

    public Track(int id, ImageView frame, FaceDetection detection)
    {
        Id = id;
        motion = new BoxMotion(detection.Box);
        this.detection = detection;
        appearance.Remember(frame, detection.Box);
    }

    public int Id { get; }

    public Box Box => motion.Box;

    /// <summary>Detections in a row that did not find it.</summary>
    public int MissedDetections { get; private set; }

    /// <summary>Frames in a row in which it was neither detected nor followed.</summary>
    public int LostFrames { get; private set; }

    public TrackedFace Face => new(Id, Box, this.detection.Landmarks?.Moved(this.detection.Box, Box));

    /// <summary>Goes on to the next frame, without a detection.</summary>
    public void Follow(ImageView frame)
    {
        motion.Predict();
        Box predicted = Box;
        Box box = predicted;
        Vector2 shift = Vector2.Zero;
        double similarity = 0;
        for (int look = 0; look < MaxLooks; look++)
        {
            similarity = appearance.Find(frame, box, out Vector2 step);
            shift = new Vector2(box.X - predicted.X, box.Y - predicted.Y) + step;
            Box next = predicted with { X = predicted.X + (int)MathF.Round(shift.X), Y = predicted.Y + (int)MathF.Round(shift.Y) };
            if (!IsWithin(shift, predicted) || IsClose(next, box))
            {
                break;
            }

            box = next;
        }

        bool isSure = MissedDetections < MaxMissedDetections && similarity >= SureSimilarity && IsWithin(shift, predicted);
        LostFrames = isSure ? 0 : LostFrames + 1;
        if (isSure)
        {
            motion.Follow(predicted.X + (predicted.Width / 2.0) + shift.X, predicted.Y + (predicted.Height / 2.0) + shift.Y);
        }
    }

    public void Detect(ImageView frame, FaceDetection detection)
    {
        motion.Correct(detection.Box);
        this.detection = detection;
        appearance.Remember(frame, Box);
        (MissedDetections, LostFrames) = (0, 0);
    }

    public void Miss() => MissedDetections++;

    private static bool IsWithin(Vector2 shift, Box box) =>
        Math.Abs(shift.X) <= MaxShift * box.Width && Math.Abs(shift.Y) <= MaxShift * box.Height;

    // To about a pixel of the remembered picture.
    private static bool IsClose(Box a, Box b) =>
        Math.Abs(a.X - b.X) <= a.Width / FacePreprocessor.Size && Math.Abs(a.Y - b.Y) <= a.Height / FacePreprocessor.Size;
}
