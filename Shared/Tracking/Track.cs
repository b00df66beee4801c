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

    // The least similarity of a face's look to its last: 0.70 after a frame of 1/25 s, 0.50 after two, 0.38 after 0.2 s, 0.34 after
    // 0.4 s. By FaceLook's figures that refuses 99 % of all pairs of people from one frame to the next and almost half of them after 0.4 s, and
    // less than 1 % of what is one face.
    private const double SameLook = 0.7;
    private const double LeastLook = 0.3;
    private const double LeastLookOfPart = 0.5;
    private const double LookFadesBy = 0.016;

    // A face that is followed stands where it is said to, to about a pixel of its crop.
    private const int FollowedShift = 1;

    private readonly Appearance appearance = new();
    private FaceLook look = new();
    private FaceLook seenLook = new();
    private readonly FaceLook detectedLook = new();
    private BoxMotion motion;
    private FaceDetection detection;
    private bool isAfterCut;
    private TimeSpan now;

    public Track(int id, ImageView frame, FaceDetection detection, TimeSpan timestamp)
    {
        Id = id;
        motion = new BoxMotion(detection.Box);
        this.detection = detection;
        appearance.Remember(frame, detection.Box);
        seenLook.Take(appearance.Pixels);
        detectedLook.Take(appearance.Pixels);
        See(timestamp);
    }

    public int Id { get; }

    /// <summary>The time at which it was last detected or followed.</summary>
    public TimeSpan LastSeen { get; private set; }

    /// <summary>Whether another face was detected in its place since then: it takes a detection to bring it back.</summary>
    public bool IsReplaced { get; set; }

    /// <summary>The tracker's: where this track's answers to the detections of a frame begin.</summary>
    public int Row { get; set; }

    public Box Box => motion.Box;

    /// <summary>Detections in a row that did not find it.</summary>
    public int MissedDetections { get; private set; }

    /// <summary>Frames in a row in which it was neither detected nor followed.</summary>
    public int LostFrames { get; private set; }

    public TrackedFace Face => new(Id, Box, this.detection.Landmarks?.Moved(this.detection.Box, Box));

    // A face changes more the longer it was not seen. What follows a cut does not continue what was before: it must look the same.
    private double LeastSimilarity => isAfterCut ? SameLook : Math.Min(SameLook, LeastLook + (LookFadesBy / (now - LastSeen).TotalSeconds));

    /// <summary>Goes on to the next frame, without a detection.</summary>
    /// <param name="isCut">Whether the frame shows something else than the one before, as a whole.</param>
    public void Follow(ImageView frame, TimeSpan timestamp, bool isCut)
    {
        now = timestamp;
        isAfterCut |= isCut;
        motion.Predict();
        Box predicted = Box;
        Box box = predicted;
        Vector2 shift = Vector2.Zero;
        double similarity = 0;
        for (int i = 0; i < MaxLooks; i++)
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

        look.Take(appearance.Pixels);
        bool isSure = !IsReplaced && MissedDetections < MaxMissedDetections && similarity >= SureSimilarity
            && IsWithin(shift, predicted) && !(look.SimilarityTo(seenLook, FollowedShift) < LeastSimilarity);
        LostFrames++;
        if (isSure)
        {
            (look, seenLook) = (seenLook, look);
            See(timestamp);
            motion.Follow(predicted.X + (predicted.Width / 2.0) + shift.X, predicted.Y + (predicted.Height / 2.0) + shift.Y);
        }
    }

    public void Detect(ImageView frame, FaceDetection detection, TimeSpan timestamp)
    {
        motion.Correct(detection.Box);
        this.detection = detection;
        appearance.Remember(frame, Box);
        seenLook.Take(appearance.Pixels);
        detectedLook.Take(frame, detection.Box);
        (MissedDetections, IsReplaced) = (0, false);
        See(timestamp);
    }

    /// <summary>Whether a face that a detector found in the frame of the last <see cref="Follow"/>, where this one was lost, may be
    /// this one by what it looks like.</summary>
    /// <param name="scratch">Is overwritten.</param>
    public bool MayBe(ImageView frame, Box detected, FaceLook scratch)
    {
        // What sticks out of the frame is not there to be compared: nine of ten pairs of people are still refused.
        bool isWhole = IsMostlyIn(frame, Box) && IsMostlyIn(frame, detected);
        double least = isWhole ? LeastSimilarity : Math.Min(LeastSimilarity, LeastLookOfPart);
        double? best = look.SimilarityTo(seenLook, FaceLook.MaxShift);
        scratch.Take(frame, detected);
        best = Larger(best, scratch.SimilarityTo(detectedLook, FaceLook.MaxShift));
        best = Larger(best, scratch.SimilarityTo(seenLook, FaceLook.MaxShift));

        // Detectors' boxes jump, most of all for a head that sticks out of the frame. So the face is looked for around, in the size that it had.
        Box own = Box;
        (int middleX, int middleY) = (detected.X + ((detected.Width - own.Width) / 2), detected.Y + ((detected.Height - own.Height) / 2));
        for (int i = 0; i < 9 && !(best >= least); i++)
        {
            int x = middleX + (((i % 3) - 1) * own.Width * 2 * FaceLook.MaxShift / FacePreprocessor.Size);
            int y = middleY + (((i / 3) - 1) * own.Height * 2 * FaceLook.MaxShift / FacePreprocessor.Size);
            best = Larger(best, scratch.Take(frame, own with { X = x, Y = y }).SimilarityTo(seenLook, FaceLook.MaxShift));
        }

        return !(best < least);
    }

    public void Miss() => MissedDetections++;

    private static double? Larger(double? a, double? b) => a > b || b is null ? a : b;

    private void See(TimeSpan timestamp) => (LostFrames, LastSeen, isAfterCut) = (0, timestamp, false);

    private static bool IsMostlyIn(ImageView frame, Box box)
    {
        Box inside = box.Within(frame.Width, frame.Height);
        return 8L * inside.Width * inside.Height >= 7L * box.Width * box.Height;
    }

    private static bool IsWithin(Vector2 shift, Box box) =>
        Math.Abs(shift.X) <= MaxShift * box.Width && Math.Abs(shift.Y) <= MaxShift * box.Height;

    // To about a pixel of the remembered picture.
    private static bool IsClose(Box a, Box b) =>
        Math.Abs(a.X - b.X) <= a.Width / FacePreprocessor.Size && Math.Abs(a.Y - b.Y) <= a.Height / FacePreprocessor.Size;
}
