namespace MlNetEmotion.Samples;

/// <summary>The brightness of each point of the picture: background, body, head and what is on it, lit.</summary>
internal sealed class FacePainter
{
    /// <summary>Makes a face of scale 1 as large in its square as web photographs' faces in theirs: eyes 0.37 apart.</summary>
    private const double Framing = 1.08;
    private readonly FaceParameters _face;
    private readonly double _pixel;
    private readonly double _scale;
    private readonly Head _head;
    private readonly Relief _relief;
    private readonly Eyes _eyes;
    private readonly Brows _brows;
    private readonly Mouth _mouth;
    private readonly Creases _creases;
    private readonly Beard _beard;
    private readonly Hair _hair;
    private readonly Glasses _glasses;
    private readonly (double X, double Y, double Z) _light;
    private readonly double _sinRoll;
    private readonly double _cosRoll;

    /// <param name="face">What to draw.</param>
    /// <param name="pixel">A pixel's side, as a part of the face square's side.</param>
    public FacePainter(FaceParameters face, double pixel)
    {
        _face = face;
        _scale = face.Pose.Scale * Framing;
        _pixel = pixel / _scale;
        _head = new Head(face.Appearance, face.Pose, face.Expression.JawDrop);
        _relief = new Relief(face);
        _eyes = new Eyes(face, _pixel);
        _brows = new Brows(face, _pixel);
        _mouth = new Mouth(face, _pixel);
        _creases = new Creases(face);
        _beard = new Beard(face);
        _hair = new Hair(face, _head, _pixel);
        _glasses = new Glasses(face, _pixel);
        _sinRoll = Soft.Sin(face.Pose.RollRadians);
        _cosRoll = Math.Sqrt(1 - (_sinRoll * _sinRoll));
        var (x, y) = (face.Photograph.LightX, face.Photograph.LightY);
        double length = Math.Sqrt((x * x) + (y * y) + 1);
        var (uprightX, uprightY) = Upright(x / length, y / length);
        _light = _head.ToHead(uprightX, uprightY, 1 / length);
    }

    /// <summary>Brightness, 0 to about 1, at a point of the picture.</summary>
    /// <param name="x">Right of the face square's centre, in its sides.</param>
    /// <param name="y">Below the face square's centre, in its sides.</param>
    public double Brightness(double x, double y)
    {
        var (headX, headY) = Upright(x - _face.Pose.OffsetX, y - _face.Pose.OffsetY);
        headX /= _scale;
        headY /= _scale;
        var point = _head.Project(headX, headY);
        double cover = Soft.Cover(point.Inside, _pixel);
        double brightness = cover < 1 ? Behind(Backdrop(x, y), headX - _head.BackShiftX, headY) : 0;
        return Ears(cover > 0 ? Soft.Mix(brightness, Surface(point), cover) : brightness, headX, headY);
    }

    private (double X, double Y) Upright(double x, double y) => ((x * _cosRoll) + (y * _sinRoll), (y * _cosRoll) - (x * _sinRoll));

    private double Backdrop(double x, double y)
    {
        var photo = _face.Photograph;
        double detail = Soft.Noise(x * 2, y * 2, photo.Seed) + (0.6 * Soft.Noise(x * 5, y * 5, photo.Seed + 1));
        return Soft.Clamp(photo.Background + (0.35 * photo.BackgroundDetail * detail));
    }

    /// <summary>Ears, neck, clothes and the hair behind them.</summary>
    private double Behind(double brightness, double x, double y)
    {
        double skin = _face.Appearance.SkinTone;
        double shade = 0.8 + (0.25 * _face.Photograph.LightX * x);
        brightness = Soft.Mix(brightness, _hair.Tone(x, y) * 0.75 * shade, _hair.CoverBehind(x, y));
        double neck = Soft.Cover(Math.Min(0.24 + (0.5 * Math.Max(0, y - 0.55)) - Math.Abs(x), y - 0.2), _pixel);
        brightness = Soft.Mix(brightness, skin * shade * Soft.Mix(0.5, 0.8, Soft.Step(0.4, 0.75, y)), neck);
        double shirt = 0.1 + (0.7 * Math.Abs(Soft.White(1, 2, _face.Appearance.TextureSeed)));
        double shoulders = Soft.Cover(y - 0.66 - (0.35 * x * x) + (0.1 * Soft.Bell(x * x / 0.1) * -1), _pixel);
        brightness = Soft.Mix(brightness, shirt * shade, shoulders);
        return brightness;
    }

    /// <summary>The ears, which stand before the head's side where it is turned to the camera and behind it elsewhere.</summary>
    private double Ears(double brightness, double x, double y)
    {
        if (_face.Appearance.Hair == HairStyle.Long || Math.Abs(y) > 0.2)
        {
            return brightness;
        }

        for (int side = -1; side <= 1; side += 2)
        {
            double turned = -side * _head.SinYaw;
            var (earX, earY) = _head.ToPicture(side * (_head.RadiusX + 0.012), -0.01, -0.03);
            double radius = 0.032 + (0.08 * turned);
            if (radius < 0.01)
            {
                continue;
            }

            double dx = (x - earX) / radius, dy = (y - earY) / 0.105;
            double distance = Math.Sqrt((dx * dx) + (dy * dy));
            double shell = 0.62 + (0.2 * Soft.Step(0.4, 0.8, distance)) + (0.15 * _face.Photograph.LightX * side);
            brightness = Soft.Mix(brightness, _face.Appearance.SkinTone * shell, Soft.Cover((1 - distance) * radius, _pixel));
        }

        return brightness;
    }

    private double Surface(SurfacePoint point)
    {
        var (x, y) = BehindRelief(point.X, point.Y);
        double front = Soft.Step(0, 0.12, point.Z);
        double reflectance = _face.Appearance.SkinTone;
        reflectance *= 1 + (0.05 * Soft.Noise(x * 9, y * 9, _face.Appearance.TextureSeed));
        double hair = _hair.Cover(point);
        if (front > 0)
        {
            reflectance = Soft.Mix(reflectance, Features(reflectance, x, y), front);
        }

        double gloss = 0.12 * (1 - hair);
        reflectance = Soft.Mix(reflectance, _hair.Tone(point.X, point.Y), hair);
        double brightness = Lit(reflectance, gloss, point, x, y, 1 - hair);
        return front > 0 ? Soft.Mix(brightness, _glasses.Paint(brightness, x, y), front) : brightness;
    }

    /// <summary>Where the line of sight that meets the smooth head there meets the relief on it.</summary>
    private (double X, double Y) BehindRelief(double x, double y)
    {
        var (viewX, viewY, viewZ) = _head.View;
        double height = _relief.At(x, y).Height;
        return (x + (height * viewX / viewZ), y + (height * viewY / viewZ));
    }

    private double Features(double reflectance, double x, double y)
    {
        reflectance = _creases.Paint(reflectance, x, y);
        reflectance = _mouth.Paint(reflectance, x, y);
        reflectance = _beard.Paint(reflectance, x, y);
        reflectance = Shadows(reflectance, Math.Abs(x), y);
        reflectance = _eyes.Paint(reflectance, x, y);
        return _brows.Paint(reflectance, x, y);
    }

    /// <summary>Where little light gets: the eye sockets, under the nose, the nostrils.</summary>
    private double Shadows(double reflectance, double x, double y)
    {
        double tip = FaceLayout.NoseTipY(_face);
        double socket = (0.3 * Soft.Bell(x - 0.15, y + 0.125, 0.14, 0.085)) + (0.2 * Soft.Bell(x - 0.085, y + 0.125, 0.06, 0.07));
        double below = 0.3 * Soft.Bell(x, y - tip - 0.05, 0.1, 0.045);
        double nostril = 0.75 * Soft.Bell(x - (0.034 * _face.Appearance.NoseWidth), y - tip - 0.028, 0.026, 0.016);
        return reflectance * (1 - socket) * (1 - below) * (1 - nostril);
    }

    private double Lit(double reflectance, double gloss, SurfacePoint point, double x, double y, double relief)
    {
        var (normalX, normalY, normalZ) = _head.Normal(point);
        var (_, slopeX, slopeY) = _relief.At(x, y);
        normalX -= relief * slopeX;
        normalY -= relief * slopeY;
        double length = Math.Sqrt((normalX * normalX) + (normalY * normalY) + (normalZ * normalZ));
        double facing = ((normalX * _light.X) + (normalY * _light.Y) + (normalZ * _light.Z)) / length;
        double rim = ((normalX * _head.View.X) + (normalY * _head.View.Y) + (normalZ * _head.View.Z)) / length;
        double wrapped = Soft.Clamp((facing + 0.25) / 1.25);
        double contrast = _face.Photograph.LightContrast;
        double ambient = (1 - contrast) * (0.7 + (0.3 * Soft.Clamp(rim)));
        double highlight = wrapped * wrapped;
        highlight *= highlight;
        highlight *= highlight;
        return (reflectance * (ambient + (1.25 * contrast * wrapped))) + (gloss * contrast * highlight);
    }
}
