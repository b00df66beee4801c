using System.Numerics;
using MlNetEmotion.Faces;

namespace MlNetEmotion.Tracking;

/// <summary>One tracked face: its motion model, its template and the descriptors that recognize it after it was lost.</summary>
internal sealed class Track
{
    // Reached by a face that moves, speaks and smiles between two detections; other faces and backgrounds stay far below.
    private const double MinTemplateSimilarity = 0.8;

    // As a share of the box's side; template tracking is not reliable beyond.
    private const double MaxShift = 0.2;

    // One step is exact for short shifts only.
    private const int MaxIterations = 3;

    // A detector may miss a face that turns or blinks; a track that it keeps missing is not a face, even if its template is found.
    private const int MaxMissedDetections = 3;

    // The minimum similarity of a face's descriptor to its last one: 0.70 after a frame of 1/25 s, 0.50 after two, 0.38 after 0.2 s, 0.34 after
    // 0.4 s. By FaceDescriptor's figures this rejects 99 % of all pairs of people from one frame to the next, almost half of them after 0.4 s,
    // and less than 1 % of the pairs of one face.
    private const double MinSimilarityNextFrame = 0.7;
    private const double MinSimilarityFloor = 0.3;
    private const double MinSimilarityOfPart = 0.5;
    private const double SimilarityDecaySeconds = 0.016;

    // A followed face's box is accurate to about one pixel of its crop.
    private const int FollowedShift = 1;

    private readonly TemplateTracker template = new();
    private FaceDescriptor descriptor = new();
    private FaceDescriptor seenDescriptor = new();
    private readonly FaceDescriptor detectedDescriptor = new();
    private BoxMotion motion;
    private FaceDetection detection;
    private bool isAfterCut;
    private TimeSpan now;

    public Track(int id, ImageView frame, FaceDetection detection, TimeSpan timestamp)
    {
        Id = id;
        motion = new BoxMotion(detection.Box);
        this.detection = detection;
        template.SetTemplate(frame, detection.Box);
        seenDescriptor.Load(template.Pixels);
        detectedDescriptor.Load(template.Pixels);
        MarkSeen(timestamp);
    }

    public int Id { get; }

    /// <summary>The time of the last frame in which the face was detected or followed.</summary>
    public TimeSpan LastSeen { get; private set; }

    /// <summary>Whether another face was detected in its place since then; only a detection can then continue the track.</summary>
    public bool IsReplaced { get; set; }

    /// <summary>Used by <see cref="FaceTracker"/>: the index of this track's first element in the table of tracks and detections.</summary>
    public int Row { get; set; }

    public Box Box => motion.Box;

    /// <summary>The number of consecutive detector runs that did not find the face.</summary>
    public int MissedDetections { get; set; }

    /// <summary>The number of consecutive frames in which the face was neither detected nor followed.</summary>
    public int LostFrames { get; private set; }

    public TrackedFace Face => new(Id, Box, this.detection.Landmarks?.Moved(this.detection.Box, Box));

    // A face changes more the longer it was lost. After a cut, the full similarity is required.
    private double MinSimilarity => isAfterCut ? MinSimilarityNextFrame : Math.Min(MinSimilarityNextFrame, MinSimilarityFloor + (SimilarityDecaySeconds / (now - LastSeen).TotalSeconds));

    /// <summary>Advances to the next frame by template tracking.</summary>
    /// <param name="isCut">Whether a new shot starts with the frame.</param>
    public void Follow(ImageView frame, TimeSpan timestamp, bool isCut)
    {
        now = timestamp;
        isAfterCut |= isCut;
        motion.Predict();
        Box predicted = Box;
        Box box = predicted;
        Vector2 shift = Vector2.Zero;
        double similarity = 0;
        for (int i = 0; i < MaxIterations; i++)
        {
            similarity = template.Find(frame, box, out Vector2 step);
            shift = new Vector2(box.X - predicted.X, box.Y - predicted.Y) + step;
            Box next = predicted with { X = predicted.X + (int)MathF.Round(shift.X), Y = predicted.Y + (int)MathF.Round(shift.Y) };
            if (!IsWithin(shift, predicted) || IsClose(next, box))
            {
                break;
            }

            box = next;
        }

        descriptor.Load(template.Pixels);
        bool isFollowed = !IsReplaced && MissedDetections < MaxMissedDetections && similarity >= MinTemplateSimilarity
            && IsWithin(shift, predicted) && !(descriptor.SimilarityTo(seenDescriptor, FollowedShift) < MinSimilarity);
        LostFrames++;
        if (isFollowed)
        {
            (descriptor, seenDescriptor) = (seenDescriptor, descriptor);
            MarkSeen(timestamp);
            motion.Follow(predicted.X + (predicted.Width / 2.0) + shift.X, predicted.Y + (predicted.Height / 2.0) + shift.Y);
        }
    }

    public void Detect(ImageView frame, FaceDetection detection, TimeSpan timestamp)
    {
        motion.Correct(detection.Box);
        this.detection = detection;
        template.SetTemplate(frame, Box);
        seenDescriptor.Load(template.Pixels);
        detectedDescriptor.Load(frame, detection.Box);
        (MissedDetections, IsReplaced) = (0, false);
        MarkSeen(timestamp);
    }

    /// <summary>Whether a face detected where this one was lost, in the frame of the last <see cref="Follow"/>, looks similar enough to be the
    /// same.</summary>
    /// <param name="scratch">Overwritten.</param>
    public bool MayMatch(ImageView frame, Box detected, FaceDescriptor scratch)
    {
        // Parts beyond the frame cannot be compared, so less is required of such faces; nine of ten pairs of people are still rejected.
        bool isWhole = IsMostlyIn(frame, Box) && IsMostlyIn(frame, detected);
        double min = isWhole ? MinSimilarity : Math.Min(MinSimilarity, MinSimilarityOfPart);
        double? best = descriptor.SimilarityTo(seenDescriptor, FaceDescriptor.MaxShift);
        scratch.Load(frame, detected);
        best = Larger(best, scratch.SimilarityTo(detectedDescriptor, FaceDescriptor.MaxShift));
        best = Larger(best, scratch.SimilarityTo(seenDescriptor, FaceDescriptor.MaxShift));

        // Detectors' boxes jitter, most of all at the frame's edge, so further offsets are tried, with the track's own box size.
        Box own = Box;
        (int middleX, int middleY) = (detected.X + ((detected.Width - own.Width) / 2), detected.Y + ((detected.Height - own.Height) / 2));
        for (int i = 0; i < 9 && !(best >= min); i++)
        {
            int x = middleX + (((i % 3) - 1) * own.Width * 2 * FaceDescriptor.MaxShift / FacePreprocessor.Size);
            int y = middleY + (((i / 3) - 1) * own.Height * 2 * FaceDescriptor.MaxShift / FacePreprocessor.Size);
            best = Larger(best, scratch.Load(frame, own with { X = x, Y = y }).SimilarityTo(seenDescriptor, FaceDescriptor.MaxShift));
        }

        return !(best < min);
    }

    private static double? Larger(double? a, double? b) => a > b || b is null ? a : b;

    private void MarkSeen(TimeSpan timestamp) => (LostFrames, LastSeen, isAfterCut) = (0, timestamp, false);

    private static bool IsMostlyIn(ImageView frame, Box box)
    {
        Box inside = box.Within(frame.Width, frame.Height);
        return 8L * inside.Width * inside.Height >= 7L * box.Width * box.Height;
    }

    private static bool IsWithin(Vector2 shift, Box box) =>
        Math.Abs(shift.X) <= MaxShift * box.Width && Math.Abs(shift.Y) <= MaxShift * box.Height;

    // To within about one pixel of the template.
    private static bool IsClose(Box a, Box b) =>
        Math.Abs(a.X - b.X) <= a.Width / FacePreprocessor.Size && Math.Abs(a.Y - b.Y) <= a.Height / FacePreprocessor.Size;
}
