namespace MlNetEmotion.Programs.Samples.Drawing;

/// <summary>The brightness of each point of the picture: background, body, head and what is on it, lit.</summary>
internal sealed class FacePainter
{
    /// <summary>Makes a face of scale 1 as large in its square as web photographs' faces in theirs: eyes 0.37 apart.</summary>
    private const double Framing = 1.08;

    private readonly FaceParameters face;
    private readonly double scale;
    private readonly double pixel;
    private readonly double sinRoll;
    private readonly double cosRoll;
    private readonly Head head;
    private readonly Body body;
    private readonly Hair hair;
    private readonly Relief relief;
    private readonly Creases creases;
    private readonly Mouth mouth;
    private readonly Beard beard;
    private readonly Eyes eyes;
    private readonly Brows brows;
    private readonly Glasses glasses;
    private readonly Light light;

    /// <param name="face">What to draw.</param>
    /// <param name="pixel">A pixel's side, as a part of the face square's side.</param>
    public FacePainter(FaceParameters face, double pixel)
    {
        this.face = face;
        scale = face.Pose.Scale * Framing;
        this.pixel = pixel / scale;
        sinRoll = Soft.Sin(face.Pose.RollRadians);
        cosRoll = Math.Sqrt(1 - (sinRoll * sinRoll));
        head = new Head(face.Appearance, face.Pose, face.Expression.JawDrop);
        this.hair = new Hair(face.Appearance, head, this.pixel);
        body = new Body(face, head, this.hair, this.pixel);
        relief = new Relief(face);
        creases = new Creases(face);
        mouth = new Mouth(face, this.pixel);
        beard = new Beard(face.Appearance);
        eyes = new Eyes(face, this.pixel);
        brows = new Brows(face, this.pixel);
        glasses = new Glasses(face, this.pixel);
        light = new Light(face.Photograph, head, Upright);
    }

    /// <summary>Brightness, 0 to about 1, at a point of the picture.</summary>
    /// <param name="x">Right of the face square's centre, in its sides.</param>
    /// <param name="y">Below the face square's centre, in its sides.</param>
    public double Brightness(double x, double y)
    {
        var (headX, headY) = Upright((x - this.face.Pose.OffsetX) / scale, (y - this.face.Pose.OffsetY) / scale);
        var point = head.Project(headX, headY);
        double cover = Soft.Cover(point.Inside, this.pixel);
        double brightness = cover < 1 ? body.Paint(Backdrop(x, y), headX, headY) : 0;
        brightness = cover > 0 ? Soft.Mix(brightness, Surface(point), cover) : brightness;
        return body.PaintEars(brightness, headX, headY);
    }

    private (double X, double Y) Upright(double x, double y) => ((x * cosRoll) + (y * sinRoll), (y * cosRoll) - (x * sinRoll));

    private double Backdrop(double x, double y)
    {
        var photograph = this.face.Photograph;
        double detail = Soft.Noise(x * 2, y * 2, photograph.Seed) + (0.6 * Soft.Noise(x * 5, y * 5, photograph.Seed + 1));
        return Soft.Clamp(photograph.Background + (0.35 * photograph.BackgroundDetail * detail));
    }

    private double Surface(SurfacePoint point)
    {
        // The line of sight that meets the smooth head here meets the relief on it a little further along.
        double height = relief.Height(point.X, point.Y) / head.View.Z;
        double x = point.X + (height * head.View.X);
        double y = point.Y + (height * head.View.Y);

        double front = Soft.Step(0, 0.12, point.Z);
        double reflectance = Features(x, y, front);
        double hair = this.hair.Cover(point);
        reflectance = hair > 0 ? Soft.Mix(reflectance, this.hair.Tone(point.X, point.Y), hair) : reflectance;

        var (normalX, normalY, normalZ) = head.Normal(point);
        var (slopeX, slopeY) = relief.Slope(x, y);
        double skin = 1 - hair;
        double brightness = light.On(reflectance, 0.12 * skin, normalX - (skin * slopeX), normalY - (skin * slopeY), normalZ);
        return Soft.Mix(brightness, glasses.Paint(brightness, x, y), front);
    }

    /// <summary>Reflectance of the skin and what is on it; the features fade out where the front of the head ends.</summary>
    private double Features(double x, double y, double front)
    {
        double skin = this.face.Appearance.SkinTone * (1 + (0.05 * Soft.Noise(x * 9, y * 9, this.face.Appearance.TextureSeed)));
        if (front <= 0)
        {
            return skin;
        }

        double reflectance = creases.Paint(skin, x, y);
        reflectance = mouth.Paint(reflectance, x, y);
        reflectance = beard.Paint(reflectance, x, y);
        reflectance = Shade(reflectance, Math.Abs(x), y);
        reflectance = eyes.Paint(reflectance, x, y);
        return Soft.Mix(skin, brows.Paint(reflectance, x, y), front);
    }

    /// <summary>Where little light gets: the eye sockets, under the nose, the nostrils.</summary>
    private double Shade(double reflectance, double x, double y)
    {
        double tip = FaceLayout.NoseTipY(this.face);
        double lid = 0.3 + (0.25 * this.face.Expression.BrowLower);
        double socket = (lid * Soft.Bell(x - 0.15, y + 0.125, 0.14, 0.085)) + (0.2 * Soft.Bell(x - 0.085, y + 0.125, 0.06, 0.07));
        double below = 0.3 * Soft.Bell(x, y - tip - 0.05, 0.1, 0.045);
        double nostril = 0.75 * Soft.Bell(x - (0.034 * this.face.Appearance.NoseWidth), y - tip - 0.028, 0.026, 0.016);
        return reflectance * (1 - socket) * (1 - below) * (1 - nostril);
    }
}
