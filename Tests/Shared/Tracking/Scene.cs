namespace MlNetEmotion.Tests.Shared.Tracking;

/// <summary>A gray image with soft patterns in it, which stand for faces: each seed's is another.</summary>
internal sealed class Scene
{
    public const int Width = 640;
    public const int Height = 360;

    private readonly byte[] pixels = new byte[Width * Height];

    public Scene() => Array.Fill(pixels, (byte)90);

    public ImageView View => new(pixels, Width, Height, PixelFormat.Gray8);

    /// <summary>Draws a pattern that fills a box.</summary>
    public Scene With(Box box, int seed = 1)
    {
        var random = new Random(seed);
        var waves = Enumerable.Range(0, 6)
            .Select(_ => (X: random.NextDouble() * 14, Y: random.NextDouble() * 14, Phase: random.NextDouble() * 6)).ToArray();
        for (int y = 0; y < box.Height; y++)
        {
            for (int x = 0; x < box.Width; x++)
            {
                double u = (double)x / box.Width;
                double v = (double)y / box.Height;
                pixels[((box.Y + y) * Width) + box.X + x] = (byte)(128 + (18 * waves.Sum(w => Math.Sin((w.X * u) + (w.Y * v) + w.Phase))));
            }
        }

        return this;
    }
}
