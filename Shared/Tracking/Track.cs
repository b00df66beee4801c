using System.Numerics;
using MlNetEmotion.Imaging;

namespace MlNetEmotion.Tracking;

/// <summary>One face over time.</summary>
internal sealed class Track
{
    // Of a face that moves, speaks and smiles between two detections; other faces and backgrounds stay far below.
    private const double SureSimilarity = 0.8;

    // Beyond this part of its box, a single step does not tell how far a face has moved.
    private const double MaxShift = 0.15;

    // A detector misses a face that turns or blinks. What it keeps missing was none, however still it stands.
    private const int MaxMissedDetections = 3;

    private readonly Appearance _appearance = new();
    private BoxMotion _motion;
    private FaceDetection _detection;

    /// <summary>Begins with a face that no track has.</summary>
    /// <param name="id">Its number.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="detection">The face in it.</param>
    public Track(int id, ImageView frame, FaceDetection detection)
    {
        Id = id;
        _motion = new BoxMotion(detection.Box);
        _detection = detection;
        _appearance.Remember(frame, detection.Box);
        IsSure = true;
    }

    /// <summary>The face's number.</summary>
    public int Id { get; }

    /// <summary>Where the face is believed to be.</summary>
    public Box Box => _motion.Box;

    /// <summary>Detections in a row that did not find it.</summary>
    public int MissedDetections { get; private set; }

    /// <summary>Frames in a row in which it was neither detected nor followed.</summary>
    public int LostFrames { get; private set; }

    /// <summary>Whether the face was detected in this frame, or looks as when it was.</summary>
    public bool IsSure { get; private set; }

    /// <summary>The face as others see it.</summary>
    public TrackedFace Face => new(Id, Box, _detection.Landmarks?.Moved(_detection.Box, Box));

    /// <summary>Goes on to the next frame, without a detection.</summary>
    /// <param name="frame">The frame.</param>
    public void Follow(ImageView frame)
    {
        _motion.Predict();
        Box box = Box;
        double similarity = _appearance.Find(frame, box, out Vector2 shift);
        IsSure = MissedDetections < MaxMissedDetections && similarity >= SureSimilarity
            && Math.Abs(shift.X) <= MaxShift * box.Width && Math.Abs(shift.Y) <= MaxShift * box.Height;
        LostFrames = IsSure ? 0 : LostFrames + 1;
        if (IsSure)
        {
            _motion.Follow(box.X + (box.Width / 2.0) + shift.X, box.Y + (box.Height / 2.0) + shift.Y);
        }
    }

    /// <summary>Takes the detection that is this face.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="detection">The face in it.</param>
    public void Detect(ImageView frame, FaceDetection detection)
    {
        _motion.Correct(detection.Box);
        _detection = detection;
        _appearance.Remember(frame, Box);
        (MissedDetections, LostFrames, IsSure) = (0, 0, true);
    }

    /// <summary>Notes that a detection did not find it.</summary>
    public void Miss() => MissedDetections++;
}
