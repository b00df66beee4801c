namespace MlNetEmotion.Programs.Samples;

/// <summary>How the head is turned and where it stands in the square that frames the face.</summary>
public sealed record Pose
{
    /// <summary>Looking straight into the camera, centred.</summary>
    public static Pose Frontal { get; } = new();

    /// <summary>Turn to the picture's right, radians in [-0.6, 0.6].</summary>
    public double YawRadians { get; init; }

    /// <summary>Nod downwards, radians in [-0.4, 0.4].</summary>
    public double PitchRadians { get; init; }

    /// <summary>Tilt clockwise in the picture, radians in [-0.5, 0.5].</summary>
    public double RollRadians { get; init; }

    /// <summary>Shift to the right, as a part of the square's side.</summary>
    public double OffsetX { get; init; }

    /// <summary>Shift downwards, as a part of the square's side.</summary>
    public double OffsetY { get; init; }

    /// <summary>Size, ratio to a face that fills the square from forehead to chin; above 0.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Draws a moderate pose.</summary>
    /// <param name="random">Where the variation comes from.</param>
    public static Pose Random(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        return new Pose
        {
            YawRadians = random.Around(0, 0.35),
            PitchRadians = random.Around(0, 0.2),
            RollRadians = random.Around(0, 0.2),
            OffsetX = random.Around(0, 0.05),
            OffsetY = random.Around(0.015, 0.05),
            Scale = random.Between(0.95, 1.13),
        };
    }
}
