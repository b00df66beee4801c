namespace MlNetEmotion.Programs.Samples;

/// <summary>Everything that <see cref="FaceRenderer"/> draws a face from: who, doing what, seen how.</summary>
/// <param name="Expression">What the face does.</param>
/// <param name="Appearance">Whose face it is.</param>
/// <param name="Pose">How the head is turned.</param>
/// <param name="Photograph">How the picture is taken.</param>
public sealed record FaceParameters(Expression Expression, Appearance Appearance, Pose Pose, Photograph Photograph)
{
    /// <summary>The average face at rest, frontal, evenly lit from above.</summary>
    public static FaceParameters Average { get; } = new(Expression.Rest, Appearance.Average, Pose.Frontal, Photograph.Studio);

    /// <summary>Draws somebody who shows an emotion.</summary>
    /// <param name="emotion">The emotion.</param>
    /// <param name="random">
    /// Where the variation comes from; the same state gives the same face, and with another emotion the same person.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The emotion is none of the seven.</exception>
    public static FaceParameters Random(Emotion emotion, Random random)
    {
        var appearance = Appearance.Random(random);
        var pose = Pose.Random(random);
        var photograph = Photograph.Random(random);

        // Cameras expose for the face they see, though not all the way.
        double exposure = photograph.Exposure * Math.Sqrt(Appearance.Average.SkinTone / appearance.SkinTone);
        return new FaceParameters(Expression.Random(emotion, random), appearance, pose, photograph with { Exposure = exposure });
    }
}
