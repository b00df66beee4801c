using MlNetEmotion.Programs.Samples;

namespace MlNetEmotion.Tests.Shared.Programs.Samples;

/// <summary>
/// A rendered face that is read at points of the face instead of pixels: x to the right of its middle, y below it, both in
/// the layout's unit (a frontal face of scale 1 shows 1 / 1.08 of it).
/// </summary>
internal sealed class FaceImage(FaceParameters face, int size)
{
    private readonly byte[] _pixels = FaceRenderer.Render(face, size);

    /// <summary>A frontal bald face that looks at the camera, without noise, wrinkles or background detail.</summary>
    public static FaceParameters Plain { get; } = FaceParameters.Average with
    {
        Appearance = new Appearance { Hair = HairStyle.Bald, Age = 0 },
    };

    public static FaceImage Of(Expression expression) => new(Plain with { Expression = expression }, 192);

    /// <summary>Mean brightness, 0 to 255, of the square of half side <paramref name="reach"/> around a point.</summary>
    public double Mean(double x, double y, double reach) => Pixels(x, y, reach).Average(pixel => pixel.Value);

    /// <summary>The darkest pixel around a point, as a point of the face.</summary>
    public (double X, double Y) Darkest(double x, double y, double reachX, double reachY)
    {
        var darkest = Pixels(x, y, Math.Max(reachX, reachY))
            .Where(pixel => Math.Abs(pixel.X - x) <= reachX && Math.Abs(pixel.Y - y) <= reachY)
            .MinBy(pixel => pixel.Value);
        return (darkest.X, darkest.Y);
    }

    private IEnumerable<(double X, double Y, int Value)> Pixels(double x, double y, double reach) =>
        from row in Enumerable.Range(0, size)
        from column in Enumerable.Range(0, size)
        let pixelX = (((column + 0.5) / size) - 0.5) / 1.08
        let pixelY = (((row + 0.5) / size) - 0.5) / 1.08
        where Math.Abs(pixelX - x) <= reach && Math.Abs(pixelY - y) <= reach
        select (pixelX, pixelY, (int)_pixels[(row * size) + column]);
}
