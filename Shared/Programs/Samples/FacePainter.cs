namespace MlNetEmotion.Programs.Samples;

/// <summary>
/// The positions of features in the face square, relative to its centre, as shares of its side, y down. The proportions are those of the
/// mean face of web photographs cropped by a face detector: eyes at 0.38 of the height, mouth at 0.78, chin at the bottom.
/// </summary>
internal static class FaceLayout
{
    public const double EyeY = -0.115;
    public const double BrowY = -0.195;
    public const double MouthY = 0.275;

    public static double EyeX(Appearance a) => 0.172 * a.EyeSpacing;

    public static double NoseTipY(Expression e, Appearance a) => (0.105 * a.NoseLength) - (0.012 * e.NoseWrinkle);
}

/// <summary>Computes the brightness of each point of the image: lit background, body, head and features.</summary>
internal sealed class FacePainter(FaceParameters face, double scale, double pixel, Head head, Hair hair)
{
    /// <summary>Scales a face of scale 1 to the size that faces of web photographs have in their squares: eyes 0.37 apart.</summary>
    private const double Framing = 1.08;

    private readonly Appearance appearance = face.Appearance;
    private readonly Pose pose = face.Pose;
    private readonly Photograph photograph = face.Photograph;
    private readonly double sinRoll = Soft.Sin(face.Pose.RollRadians);
    private readonly double cosRoll = Soft.Cos(face.Pose.RollRadians);
    private readonly Body body = new(face, head, hair, pixel);
    private readonly Relief relief = new(face.Expression, face.Appearance);
    private readonly Skin skin = new(face.Expression, face.Appearance);
    private readonly Mouth mouth = new(face.Expression, face.Appearance, pixel);
    private readonly Eyes eyes = new(face.Expression, face.Appearance, pixel);
    private readonly Brows brows = new(face.Expression, face.Appearance, pixel);
    private readonly Glasses glasses = new(face.Appearance, pixel);
    private (double X, double Y, double Z) lamp;

    /// <summary>Prepares to paint a face.</summary>
    /// <param name="pixel">A pixel's side, as a share of the face square's side.</param>
    public static FacePainter Of(FaceParameters face, double pixel)
    {
        double scale = face.Pose.Scale * Framing;
        var head = new Head(face.Appearance, face.Pose, face.Expression.JawDrop);
        var painter = new FacePainter(face, scale, pixel / scale, head, new Hair(face.Appearance, head, pixel / scale));
        Photograph light = face.Photograph;
        double length = Math.Sqrt((light.LightX * light.LightX) + (light.LightY * light.LightY) + 1);
        var (lampX, lampY) = painter.Upright(light.LightX / length, light.LightY / length);
        painter.lamp = head.ToHead(lampX, lampY, 1 / length);
        return painter;
    }

    /// <summary>The brightness, 0 to about 1, at a point relative to the face square's centre, in units of its side, y down.</summary>
    public double Brightness(double x, double y)
    {
        var (headX, headY) = Upright((x - pose.OffsetX) / scale, (y - pose.OffsetY) / scale);
        var point = head.Project(headX, headY);
        double cover = Soft.Cover(point.Inside, pixel);
        double brightness = cover < 1 ? body.Paint(Backdrop(x, y), headX, headY) : 0;
        brightness = cover > 0 ? Soft.Mix(brightness, Surface(point), cover) : brightness;
        return body.PaintEars(brightness, headX, headY);
    }

    private (double X, double Y) Upright(double x, double y) => ((x * cosRoll) + (y * sinRoll), (y * cosRoll) - (x * sinRoll));

    private double Backdrop(double x, double y)
    {
        double detail = Soft.Noise(x * 2, y * 2, photograph.Seed) + (0.6 * Soft.Noise(x * 5, y * 5, photograph.Seed + 1));
        return Soft.Clamp(photograph.Background + (0.35 * photograph.BackgroundDetail * detail));
    }

    private double Surface(SurfacePoint point)
    {
        // The line of sight that meets the smooth head here meets its relief a little further along.
        double height = relief.Height(point.X, point.Y) / head.View.Z;
        double x = point.X + (height * head.View.X);
        double y = point.Y + (height * head.View.Y);

        double front = Soft.Step(0, 0.12, point.Z);
        double reflectance = Features(x, y, front);
        double hairCover = hair.Cover(point);
        reflectance = hairCover > 0 ? Soft.Mix(reflectance, hair.Tone(point.X, point.Y), hairCover) : reflectance;

        var (normalX, normalY, normalZ) = head.Normal(point);
        var (slopeX, slopeY) = relief.Slope(x, y);
        double bare = 1 - hairCover;
        double brightness = Light(reflectance, 0.12 * bare, normalX - (bare * slopeX), normalY - (bare * slopeY), normalZ);
        return Soft.Mix(brightness, glasses.Paint(brightness, x, y), front);
    }

    /// <summary>The reflectance of the skin and its features, which fade out at the edge of the head's front.</summary>
    private double Features(double x, double y, double front)
    {
        double plain = appearance.SkinTone * (1 + (0.05 * Soft.Noise(x * 9, y * 9, appearance.TextureSeed)));
        if (front <= 0)
        {
            return plain;
        }

        double reflectance = skin.PaintCreases(plain, x, y);
        reflectance = mouth.Paint(reflectance, x, y);
        reflectance = skin.PaintBeard(reflectance, x, y);
        reflectance = skin.PaintShade(reflectance, x, y);
        reflectance = eyes.Paint(reflectance, x, y);
        return Soft.Mix(plain, brows.Paint(reflectance, x, y), front);
    }

    /// <summary>The brightness of a surface under one soft lamp and ambient light, with diffuse and specular reflection. The normal, of any length, is in
    /// the head's coordinates, z towards the viewer of a frontal face.</summary>
    private double Light(double reflectance, double gloss, double x, double y, double z)
    {
        var (viewX, viewY, viewZ) = head.View;
        double length = Math.Sqrt((x * x) + (y * y) + (z * z));
        double towardsLamp = ((x * lamp.X) + (y * lamp.Y) + (z * lamp.Z)) / length;
        double towardsCamera = ((x * viewX) + (y * viewY) + (z * viewZ)) / length;

        // A large lamp also lights points slightly beyond the terminator; surfaces seen edge-on receive less ambient light.
        double diffuse = Soft.Clamp((towardsLamp + 0.25) / 1.25);
        double ambient = 0.7 + (0.3 * Soft.Clamp(towardsCamera));
        double highlight = diffuse * diffuse;
        highlight *= highlight;
        highlight *= highlight;
        double contrast = photograph.LightContrast;
        return (reflectance * (((1 - contrast) * ambient) + (1.25 * contrast * diffuse))) + (gloss * contrast * highlight);
    }
}
