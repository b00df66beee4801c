namespace MlNetEmotion.Programs.Samples.Drawing;

/// <summary>
/// Where features lie on the face: parts of the face square's side, from its centre, y down. The proportions are those of
/// the mean face of web photographs cropped by a face detector: eyes at 0.38 of the height, mouth at 0.78, chin at the bottom.
/// </summary>
internal static class FaceLayout
{
    public const double EyeY = -0.115;
    public const double BrowY = -0.195;
    public const double MouthY = 0.275;

    public static double EyeX(FaceParameters face) => 0.172 * face.Appearance.EyeSpacing;

    public static double NoseTipY(FaceParameters face) =>
        (0.105 * face.Appearance.NoseLength) - (0.012 * face.Expression.NoseWrinkle);
}
