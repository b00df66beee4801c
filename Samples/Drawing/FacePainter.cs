namespace MlNetEmotion.Samples.Drawing;

/// <summary>The brightness of each point of the picture: background, body, head and what is on it, lit.</summary>
internal sealed class FacePainter
{
    /// <summary>Makes a face of scale 1 as large in its square as web photographs' faces in theirs: eyes 0.37 apart.</summary>
    private const double Framing = 1.08;

    private readonly FaceParameters _face;
    private readonly double _scale;
    private readonly double _pixel;
    private readonly double _sinRoll;
    private readonly double _cosRoll;
    private readonly Head _head;
    private readonly Body _body;
    private readonly Hair _hair;
    private readonly Relief _relief;
    private readonly Creases _creases;
    private readonly Mouth _mouth;
    private readonly Beard _beard;
    private readonly Eyes _eyes;
    private readonly Brows _brows;
    private readonly Glasses _glasses;
    private readonly Light _light;

    /// <param name="face">What to draw.</param>
    /// <param name="pixel">A pixel's side, as a part of the face square's side.</param>
    public FacePainter(FaceParameters face, double pixel)
    {
        _face = face;
        _scale = face.Pose.Scale * Framing;
        _pixel = pixel / _scale;
        _sinRoll = Soft.Sin(face.Pose.RollRadians);
        _cosRoll = Math.Sqrt(1 - (_sinRoll * _sinRoll));
        _head = new Head(face.Appearance, face.Pose, face.Expression.JawDrop);
        _hair = new Hair(face.Appearance, _head, _pixel);
        _body = new Body(face, _head, _hair, _pixel);
        _relief = new Relief(face);
        _creases = new Creases(face);
        _mouth = new Mouth(face, _pixel);
        _beard = new Beard(face.Appearance);
        _eyes = new Eyes(face, _pixel);
        _brows = new Brows(face, _pixel);
        _glasses = new Glasses(face, _pixel);
        _light = new Light(face.Photograph, _head, Upright);
    }

    /// <summary>Brightness, 0 to about 1, at a point of the picture.</summary>
    /// <param name="x">Right of the face square's centre, in its sides.</param>
    /// <param name="y">Below the face square's centre, in its sides.</param>
    public double Brightness(double x, double y)
    {
        var (headX, headY) = Upright((x - _face.Pose.OffsetX) / _scale, (y - _face.Pose.OffsetY) / _scale);
        var point = _head.Project(headX, headY);
        double cover = Soft.Cover(point.Inside, _pixel);
        double brightness = cover < 1 ? _body.Paint(Backdrop(x, y), headX, headY) : 0;
        brightness = cover > 0 ? Soft.Mix(brightness, Surface(point), cover) : brightness;
        return _body.PaintEars(brightness, headX, headY);
    }

    private (double X, double Y) Upright(double x, double y) => ((x * _cosRoll) + (y * _sinRoll), (y * _cosRoll) - (x * _sinRoll));

    private double Backdrop(double x, double y)
    {
        var photograph = _face.Photograph;
        double detail = Soft.Noise(x * 2, y * 2, photograph.Seed) + (0.6 * Soft.Noise(x * 5, y * 5, photograph.Seed + 1));
        return Soft.Clamp(photograph.Background + (0.35 * photograph.BackgroundDetail * detail));
    }

    private double Surface(SurfacePoint point)
    {
        // The line of sight that meets the smooth head here meets the relief on it a little further along.
        double height = _relief.Height(point.X, point.Y) / _head.View.Z;
        double x = point.X + (height * _head.View.X);
        double y = point.Y + (height * _head.View.Y);

        double front = Soft.Step(0, 0.12, point.Z);
        double reflectance = Features(x, y, front);
        double hair = _hair.Cover(point);
        reflectance = hair > 0 ? Soft.Mix(reflectance, _hair.Tone(point.X, point.Y), hair) : reflectance;

        var (normalX, normalY, normalZ) = _head.Normal(point);
        var (slopeX, slopeY) = _relief.Slope(x, y);
        double skin = 1 - hair;
        double brightness = _light.On(reflectance, 0.12 * skin, normalX - (skin * slopeX), normalY - (skin * slopeY), normalZ);
        return Soft.Mix(brightness, _glasses.Paint(brightness, x, y), front);
    }

    /// <summary>Reflectance of the skin and what is on it; the features fade out where the front of the head ends.</summary>
    private double Features(double x, double y, double front)
    {
        double skin = _face.Appearance.SkinTone * (1 + (0.05 * Soft.Noise(x * 9, y * 9, _face.Appearance.TextureSeed)));
        if (front <= 0)
        {
            return skin;
        }

        double reflectance = _creases.Paint(skin, x, y);
        reflectance = _mouth.Paint(reflectance, x, y);
        reflectance = _beard.Paint(reflectance, x, y);
        reflectance = Shade(reflectance, Math.Abs(x), y);
        reflectance = _eyes.Paint(reflectance, x, y);
        return Soft.Mix(skin, _brows.Paint(reflectance, x, y), front);
    }

    /// <summary>Where little light gets: the eye sockets, under the nose, the nostrils.</summary>
    private double Shade(double reflectance, double x, double y)
    {
        double tip = FaceLayout.NoseTipY(_face);
        double lid = 0.3 + (0.25 * _face.Expression.BrowLower);
        double socket = (lid * Soft.Bell(x - 0.15, y + 0.125, 0.14, 0.085)) + (0.2 * Soft.Bell(x - 0.085, y + 0.125, 0.06, 0.07));
        double below = 0.3 * Soft.Bell(x, y - tip - 0.05, 0.1, 0.045);
        double nostril = 0.75 * Soft.Bell(x - (0.034 * _face.Appearance.NoseWidth), y - tip - 0.028, 0.026, 0.016);
        return reflectance * (1 - socket) * (1 - below) * (1 - nostril);
    }
}
