namespace MlNetEmotion.Programs.Samples;

/// <summary>How a sample face is photographed: light, background, and what the camera does to the picture.</summary>
public sealed record Photograph
{
    /// <summary>Even frontal light, a plain background, a camera without noise or blur.</summary>
    public static Photograph Studio { get; } = new();

    /// <summary>Where the light comes from, in [-1, 1]: the picture's left to its right.</summary>
    public double LightX { get; init; }

    /// <summary>Where the light comes from, in [-1, 1]: above to below.</summary>
    public double LightY { get; init; } = -0.6;

    /// <summary>How much of the light has a direction, in [0, 1]; the rest comes from everywhere.</summary>
    public double LightContrast { get; init; } = 0.55;

    /// <summary>Brightness of the picture, ratio above 0.</summary>
    public double Exposure { get; init; } = 1;

    /// <summary>Contrast about mid-gray, ratio in [0.7, 1.4].</summary>
    public double Contrast { get; init; } = 1;

    /// <summary>Mean brightness of the background, in [0, 1].</summary>
    public double Background { get; init; } = 0.55;

    /// <summary>How much the background varies, in [0, 1].</summary>
    public double BackgroundDetail { get; init; }

    /// <summary>Standard deviation of the blur, as a part of the face square's side, in [0, 0.03].</summary>
    public double Blur { get; init; }

    /// <summary>Standard deviation of each pixel's noise, in [0, 0.1] of the full range.</summary>
    public double Noise { get; init; }

    /// <summary>Which noise and which background; another one for each frame of a video makes the noise flicker.</summary>
    public int Seed { get; init; }

    /// <summary>Draws a photograph as an amateur takes it.</summary>
    /// <param name="random">Where the variation comes from.</param>
    public static Photograph Random(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        return new Photograph
        {
            LightX = random.Around(0, 1),
            LightY = random.Around(-0.5, 0.5),
            LightContrast = random.Between(0.3, 0.8),
            Exposure = random.Between(0.75, 1.2),
            Contrast = random.Between(0.8, 1.3),
            Background = random.Between(0.05, 0.95),
            BackgroundDetail = random.NextDouble() * random.NextDouble(),
            Blur = 0.013 * random.NextDouble() * random.NextDouble(),
            Noise = 0.04 * random.NextDouble() * random.NextDouble(),
            Seed = (int)(random.NextDouble() * int.MaxValue),
        };
    }
}
