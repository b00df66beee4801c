namespace MlNetEmotion.Programs.Samples;

/// <summary>All parameters of <see cref="FaceRenderer"/>: the person, the expression, the pose and the photograph.</summary>
internal sealed record FaceParameters(Expression Expression, Appearance Appearance, Pose Pose, Photograph Photograph)
{
    /// <summary>The average face at rest, frontal, evenly lit from above.</summary>
    public static FaceParameters Average { get; } = new(Expression.Rest, Appearance.Average, new Pose(), new Photograph());

    /// <summary>Draws a random person with an expression of an emotion. The same random numbers with another emotion give the same person.</summary>
    public static FaceParameters Random(Emotion emotion, ref SplitMix64 random)
    {
        var appearance = Appearance.Random(ref random);
        var pose = Pose.Random(ref random);
        var photograph = Photograph.Random(ref random);

        // Cameras adapt their exposure to the face, but not completely.
        double exposure = photograph.Exposure * Math.Sqrt(Appearance.Average.SkinTone / appearance.SkinTone);
        return new FaceParameters(Expression.Random(emotion, ref random), appearance, pose, photograph with { Exposure = exposure });
    }
}

/// <summary>The hair style of a sample face.</summary>
internal enum HairStyle
{
    Bald,
    Receding,
    Short,
    Parted,
    Tied,
    Long,
    Curly,
}

/// <summary>The person's appearance, independent of the expression. Ratios are relative to an average face, 1.</summary>
internal sealed record Appearance
{
    public static Appearance Average { get; } = new();

    public double SkinTone { get; init; } = 0.62;         // reflectance in [0.2, 0.85]
    public double HeadWidth { get; init; } = 1;           // ratio in [0.9, 1.1]
    public double JawWidth { get; init; } = 1;            // ratio in [0.85, 1.15]: pointed to square
    public double EyeSpacing { get; init; } = 1;          // ratio in [0.92, 1.08]
    public double EyeSize { get; init; } = 1;             // ratio in [0.85, 1.15]
    public double EyeTilt { get; init; }                  // outer corners down to up, in [-1, 1]
    public double IrisTone { get; init; } = 0.12;         // reflectance in [0.05, 0.4]
    public double BrowThickness { get; init; } = 1;       // ratio in [0.6, 1.5]
    public double BrowHeight { get; init; }               // at rest, low to high, in [-1, 1]
    public double NoseWidth { get; init; } = 1;           // ratio in [0.8, 1.25]
    public double NoseLength { get; init; } = 1;          // ratio in [0.9, 1.1]
    public double MouthWidth { get; init; } = 1;          // ratio in [0.85, 1.15]
    public double LipThickness { get; init; } = 1;        // ratio in [0.6, 1.5]
    public double LipContrast { get; init; } = 0.5;       // how dark the lips are against the skin, in [0.2, 0.7]
    public double Age { get; init; } = 0.3;               // depth of folds and wrinkles, in [0, 1]
    public HairStyle Hair { get; init; } = HairStyle.Short;
    public double HairTone { get; init; } = 0.1;          // reflectance of hair, brows and beard, in [0.03, 0.7]
    public double Beard { get; init; }                    // density in [0, 1]; below 0.5 it is stubble
    public double Moustache { get; init; }                // density in [0, 1]
    public double Glasses { get; init; }                  // how dark the rims are, in (0, 1]; 0 for none
    public int TextureSeed { get; init; }                 // selects the hair and skin textures

    public static Appearance Random(ref SplitMix64 random)
    {
        double skin = random.NextDouble(0.28, 0.8);
        bool bearded = random.NextDouble() < 0.18;
        return new Appearance
        {
            SkinTone = skin,
            HeadWidth = random.NextAround(1, 0.1),
            JawWidth = random.NextAround(1, 0.15),
            EyeSpacing = random.NextAround(1, 0.08),
            EyeSize = random.NextAround(1, 0.15),
            EyeTilt = random.NextAround(0, 1),
            IrisTone = random.NextDouble(0.05, skin * 0.45),
            BrowThickness = random.NextDouble(0.65, 1.45),
            BrowHeight = random.NextAround(0, 1),
            NoseWidth = random.NextDouble(0.8, 1.25),
            NoseLength = random.NextAround(1, 0.1),
            MouthWidth = random.NextAround(1, 0.15),
            LipThickness = random.NextDouble(0.65, 1.4),
            LipContrast = random.NextDouble(0.3, 0.65),
            Age = random.NextDouble() * random.NextDouble(),
            Hair = (HairStyle)(int)(random.NextDouble() * 7),
            HairTone = 0.03 + (0.6 * skin * random.NextDouble() * random.NextDouble()),
            Beard = bearded ? random.NextDouble(0.2, 1) : 0,
            Moustache = bearded || random.NextDouble() < 0.05 ? random.NextDouble(0.2, 1) : 0,
            Glasses = random.NextDouble() < 0.15 ? random.NextDouble(0.4, 1) : 0,
            TextureSeed = (int)(random.NextDouble() * int.MaxValue),
        };
    }
}

/// <summary>The head's rotation, and its position and scale in the face square.</summary>
internal sealed record Pose
{
    public double YawRadians { get; init; }      // to the image's right, in [-0.6, 0.6]
    public double PitchRadians { get; init; }    // down, in [-0.4, 0.4]
    public double RollRadians { get; init; }     // clockwise, in [-0.5, 0.5]
    public double OffsetX { get; init; }         // to the right, as a share of the square's side
    public double OffsetY { get; init; }         // down
    public double Scale { get; init; } = 1;      // ratio to a face that fills the square from forehead to chin; above 0

    public static Pose Random(ref SplitMix64 random) => new()
    {
        YawRadians = random.NextAround(0, 0.35),
        PitchRadians = random.NextAround(0, 0.2),
        RollRadians = random.NextAround(0, 0.2),
        OffsetX = random.NextAround(0, 0.05),
        OffsetY = random.NextAround(0.015, 0.05),
        Scale = random.NextDouble(0.95, 1.13),
    };
}

/// <summary>Light, background and camera effects; the defaults are those of a studio.</summary>
internal sealed record Photograph
{
    public double LightX { get; init; }                     // the light's direction, left to right, in [-1, 1]
    public double LightY { get; init; } = -0.6;             // above to below, in [-1, 1]
    public double LightContrast { get; init; } = 0.55;      // the share of directional light, in [0, 1]
    public double Exposure { get; init; } = 1;              // brightness, ratio above 0
    public double Contrast { get; init; } = 1;              // about mid-gray, ratio in [0.7, 1.4]
    public double Background { get; init; } = 0.55;         // mean brightness in [0, 1]
    public double BackgroundDetail { get; init; }           // the background's variation, in [0, 1]
    public double Blur { get; init; }                       // standard deviation as a share of the square's side, in [0, 0.03]
    public double Noise { get; init; }                      // each pixel's standard deviation, in [0, 0.1] of the full range
    public int Seed { get; init; }                          // selects the noise and background; a new seed per frame makes noise flicker

    /// <summary>Draws random conditions of an amateur's photograph.</summary>
    public static Photograph Random(ref SplitMix64 random) => new()
    {
        LightX = random.NextAround(0, 1),
        LightY = random.NextAround(-0.5, 0.5),
        LightContrast = random.NextDouble(0.3, 0.8),
        Exposure = random.NextDouble(0.75, 1.2),
        Contrast = random.NextDouble(0.8, 1.3),
        Background = random.NextDouble(0.05, 0.95),
        BackgroundDetail = random.NextDouble() * random.NextDouble(),
        Blur = 0.013 * random.NextDouble() * random.NextDouble(),
        Noise = 0.04 * random.NextDouble() * random.NextDouble(),
        Seed = (int)(random.NextDouble() * int.MaxValue),
    };
}
