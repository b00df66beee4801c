namespace MlNetEmotion.Programs.Samples;

/// <summary>
/// Who a sample face is: everything that stays while the expression changes. Ratios are relative to an average face, 1.
/// </summary>
public sealed record Appearance
{
    /// <summary>The average face.</summary>
    public static Appearance Average { get; } = new();

    /// <summary>Reflectance of the skin, in [0.2, 0.85].</summary>
    public double SkinTone { get; init; } = 0.62;

    /// <summary>Width of the head, ratio in [0.9, 1.1].</summary>
    public double HeadWidth { get; init; } = 1;

    /// <summary>Width of the jaw, ratio in [0.85, 1.15]: pointed to square.</summary>
    public double JawWidth { get; init; } = 1;

    /// <summary>Distance between the eyes, ratio in [0.92, 1.08].</summary>
    public double EyeSpacing { get; init; } = 1;

    /// <summary>Size of the eyes, ratio in [0.85, 1.15].</summary>
    public double EyeSize { get; init; } = 1;

    /// <summary>How much higher the eyes' outer corners are than the inner ones, in [-1, 1].</summary>
    public double EyeTilt { get; init; }

    /// <summary>Reflectance of the iris, in [0.05, 0.4].</summary>
    public double IrisTone { get; init; } = 0.12;

    /// <summary>Thickness of the brows, ratio in [0.6, 1.5].</summary>
    public double BrowThickness { get; init; } = 1;

    /// <summary>Height of the brows at rest, in [-1, 1]: low to high.</summary>
    public double BrowHeight { get; init; }

    /// <summary>Width of the nose, ratio in [0.8, 1.25].</summary>
    public double NoseWidth { get; init; } = 1;

    /// <summary>Length of the nose, ratio in [0.9, 1.1].</summary>
    public double NoseLength { get; init; } = 1;

    /// <summary>Width of the mouth, ratio in [0.85, 1.15].</summary>
    public double MouthWidth { get; init; } = 1;

    /// <summary>Thickness of the lips, ratio in [0.6, 1.5].</summary>
    public double LipThickness { get; init; } = 1;

    /// <summary>How dark the lips are against the skin, in [0.2, 0.7].</summary>
    public double LipContrast { get; init; } = 0.5;

    /// <summary>Depth of folds and wrinkles, in [0, 1]: young to old.</summary>
    public double Age { get; init; } = 0.3;

    /// <summary>How the hair is worn.</summary>
    public HairStyle Hair { get; init; } = HairStyle.Short;

    /// <summary>Reflectance of hair, brows and beard, in [0.03, 0.7].</summary>
    public double HairTone { get; init; } = 0.1;

    /// <summary>Density of the beard, in [0, 1]; below 0.5 it is stubble.</summary>
    public double Beard { get; init; }

    /// <summary>Density of the moustache, in [0, 1].</summary>
    public double Moustache { get; init; }

    /// <summary>How dark the rims of the glasses are, in (0, 1]; 0 for none.</summary>
    public double Glasses { get; init; }

    /// <summary>Which of the many hair and skin textures.</summary>
    public int TextureSeed { get; init; }

    /// <summary>Draws somebody.</summary>
    /// <param name="random">Where the variation comes from.</param>
    public static Appearance Random(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        double skin = random.Between(0.28, 0.8);
        bool bearded = random.Chance(0.18);
        return new Appearance
        {
            SkinTone = skin,
            HeadWidth = random.Around(1, 0.1),
            JawWidth = random.Around(1, 0.15),
            EyeSpacing = random.Around(1, 0.08),
            EyeSize = random.Around(1, 0.15),
            EyeTilt = random.Around(0, 1),
            IrisTone = random.Between(0.05, skin * 0.45),
            BrowThickness = random.Between(0.65, 1.45),
            BrowHeight = random.Around(0, 1),
            NoseWidth = random.Between(0.8, 1.25),
            NoseLength = random.Around(1, 0.1),
            MouthWidth = random.Around(1, 0.15),
            LipThickness = random.Between(0.65, 1.4),
            LipContrast = random.Between(0.3, 0.65),
            Age = random.NextDouble() * random.NextDouble(),
            Hair = (HairStyle)(int)(random.NextDouble() * 7),
            HairTone = 0.03 + (0.6 * skin * random.NextDouble() * random.NextDouble()),
            Beard = bearded ? random.Between(0.2, 1) : 0,
            Moustache = bearded || random.Chance(0.05) ? random.Between(0.2, 1) : 0,
            Glasses = random.Chance(0.15) ? random.Between(0.4, 1) : 0,
            TextureSeed = (int)(random.NextDouble() * int.MaxValue),
        };
    }
}
