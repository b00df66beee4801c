namespace MlNetEmotion.Programs.Samples.Drawing;

/// <summary>One soft lamp and light from everywhere, on skin that shines a little.</summary>
internal sealed class Light
{
    private readonly double x;
    private readonly double y;
    private readonly double z;
    private readonly (double X, double Y, double Z) view;
    private readonly double contrast;

    /// <param name="photograph">Where the lamp stands.</param>
    /// <param name="head">The head that it lights.</param>
    /// <param name="upright">Turns the picture's directions into those of the upright head.</param>
    public Light(Photograph photograph, Head head, Func<double, double, (double X, double Y)> upright)
    {
        double length = Math.Sqrt((photograph.LightX * photograph.LightX) + (photograph.LightY * photograph.LightY) + 1);
        var (x, y) = upright(photograph.LightX / length, photograph.LightY / length);
        (this.x, this.y, this.z) = head.ToHead(x, y, 1 / length);
        view = head.View;
        contrast = photograph.LightContrast;
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
        double towardsLamp = ((x * this.x) + (y * this.y) + (z * this.z)) / length;
        double towardsCamera = ((x * view.X) + (y * view.Y) + (z * view.Z)) / length;

        // A large lamp reaches around the terminator; surfaces seen edge-on lie in their surroundings' shade.
        double diffuse = Soft.Clamp((towardsLamp + 0.25) / 1.25);
        double ambient = 0.7 + (0.3 * Soft.Clamp(towardsCamera));
        double highlight = diffuse * diffuse;
        highlight *= highlight;
        highlight *= highlight;
        return (reflectance * (((1 - contrast) * ambient) + (1.25 * contrast * diffuse))) + (gloss * contrast * highlight);
    }
}
