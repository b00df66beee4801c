namespace MlNetEmotion.Samples.Drawing;

/// <summary>One soft lamp and light from everywhere, on skin that shines a little.</summary>
internal sealed class Light
{
    private readonly double _x;
    private readonly double _y;
    private readonly double _z;
    private readonly (double X, double Y, double Z) _view;
    private readonly double _contrast;

    /// <param name="photograph">Where the lamp stands.</param>
    /// <param name="head">The head that it lights.</param>
    /// <param name="upright">Turns the picture's directions into those of the upright head.</param>
    public Light(Photograph photograph, Head head, Func<double, double, (double X, double Y)> upright)
    {
        double length = Math.Sqrt((photograph.LightX * photograph.LightX) + (photograph.LightY * photograph.LightY) + 1);
        var (x, y) = upright(photograph.LightX / length, photograph.LightY / length);
        (_x, _y, _z) = head.ToHead(x, y, 1 / length);
        _view = head.View;
        _contrast = photograph.LightContrast;
    }

    /// <summary>Brightness of a surface.</summary>
    /// <param name="reflectance">Part of the light that it scatters.</param>
    /// <param name="gloss">Part that it mirrors.</param>
    /// <param name="x">Its normal in the head's coordinates, of any length.</param>
    /// <param name="y">Down.</param>
    /// <param name="z">Towards the viewer of a frontal face.</param>
    public double On(double reflectance, double gloss, double x, double y, double z)
    {
        double length = Math.Sqrt((x * x) + (y * y) + (z * z));
        double towardsLamp = ((x * _x) + (y * _y) + (z * _z)) / length;
        double towardsCamera = ((x * _view.X) + (y * _view.Y) + (z * _view.Z)) / length;

        // A large lamp reaches around the terminator; surfaces seen edge-on lie in their surroundings' shade.
        double diffuse = Soft.Clamp((towardsLamp + 0.25) / 1.25);
        double ambient = 0.7 + (0.3 * Soft.Clamp(towardsCamera));
        double highlight = diffuse * diffuse;
        highlight *= highlight;
        highlight *= highlight;
        return (reflectance * (((1 - _contrast) * ambient) + (1.25 * _contrast * diffuse))) + (gloss * _contrast * highlight);
    }
}
