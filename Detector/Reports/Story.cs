namespace MlNetEmotion.Detector.Reports;

/// <summary>What a report shows of a run. Answers are an emotion's index, or 7 for uncertain.</summary>
/// <param name="Frames">Frames processed.</param>
/// <param name="Seconds">From the first frame to the end of the last.</param>
/// <param name="Faces">How many different faces were followed, those seen for a moment only included.</param>
/// <param name="Tracks">The faces seen longest, in order of appearance.</param>
/// <param name="SecondsByAnswer">All faces' time together, double [8].</param>
/// <param name="Best">The surest moment of each emotion that was shown.</param>
internal sealed record Story(
    long Frames, double Seconds, int Faces, IReadOnlyList<StoryTrack> Tracks, double[] SecondsByAnswer, IReadOnlyList<StoryMoment> Best);

/// <summary>A face's time.</summary>
/// <param name="TrackId">Which face.</param>
/// <param name="Segments">Its answers in order.</param>
/// <param name="SecondsByAnswer">Its time by answer, double [8].</param>
internal sealed record StoryTrack(int TrackId, IReadOnlyList<StorySegment> Segments, double[] SecondsByAnswer);

/// <summary>A time during which a face's answer stayed the same.</summary>
/// <param name="Start">In seconds since the first frame.</param>
/// <param name="End">In seconds since the first frame.</param>
/// <param name="Answer">The answer.</param>
internal readonly record struct StorySegment(double Start, double End, int Answer);

/// <summary>The moment at which an emotion's probability was highest.</summary>
/// <param name="Answer">The emotion's index.</param>
/// <param name="Probability">In [0, 1].</param>
/// <param name="Seconds">When, since the first frame.</param>
/// <param name="Frame">The frame's number, from 0.</param>
/// <param name="TrackId">Whose.</param>
/// <param name="Jpeg">The face as a JPEG file's bytes; null where no pictures were asked for.</param>
internal sealed record StoryMoment(int Answer, double Probability, double Seconds, long Frame, int TrackId, byte[]? Jpeg);
