using System.Numerics;
using MlNetEmotion.Imaging;

namespace MlNetEmotion.Faces;

/// <summary>
/// Estimates a face's in-plane rotation (roll). YuNet detects faces at any roll, but places eyes and mouth as in an upright face, and it scores
/// upright faces higher. So copies of the face, rotated in steps, are searched side by side in one input, and the highest score wins. Not thread-safe.
/// </summary>
internal sealed class RollEstimator(YuNetRun network) : IDisposable
{
    // The side of a rotated copy, in pixels; the face fills half of it.
    private const int Tile = 64;

    private const int Columns = 4;

    // Portraits rotated by 75 to 285 degrees scored at most 0.91, upright ones 0.92 to 0.95.
    private const float UprightScore = 0.92f;

    // A face between two quarter angles scores less at both.
    private const float LeaningScore = 0.8f;

    // At smaller angles, YuNet's own landmarks are good enough to rotate the crop.
    private const double MinTilt = Math.PI / 3;

    private static readonly double[] Quarters = [.. Enumerable.Range(0, 4).Select(i => i * Math.PI / 2)];
    private static readonly double[] Twelfths = [.. Enumerable.Range(0, 12).Select(i => i * Math.PI / 6)];

    private readonly PlanarScaler scaler = new();
    private readonly YuNetDecoder decoder = new();
    private readonly List<FaceDetection> found = [];
    private readonly float[] patch = new float[3 * Tile * Tile]; // [3, Tile, Tile]: the face's surroundings, not rotated

    /// <summary>Corrects the landmarks of a face that is rotated by more than 60 degrees; returns any other face unchanged.</summary>
    public FaceDetection Upright(ImageView image, FaceDetection face)
    {
        if (face.Score is >= UprightScore or < FaceDetection.HighScoreThreshold || !face.Box.Overlaps(image.Width, image.Height))
        {
            return face;
        }

        double scale = Crop(image, face.Box);
        if (BestRoll(Quarters, face, scale) is { Roll: 0, Face.Score: >= LeaningScore })
        {
            return face;
        }

        FaceDetection upright = BestRoll(Twelfths, face, scale).Face;
        return Math.Abs(upright.Landmarks!.Value.TiltRadians) > MinTilt ? upright : face;
    }

    public void Dispose() => network.Dispose();

    // Returns the image's pixels per pixel of the patch.
    private double Crop(ImageView image, Box face)
    {
        int side = 2 * Math.Max(face.Width, face.Height);
        double scale = Math.Max(1, (double)side / Tile);
        double left = face.X + (face.Width / 2.0) - (Tile / 2.0 * scale);
        double top = face.Y + (face.Height / 2.0) - (Tile / 2.0 * scale);
        var around = new Box((int)left, (int)top, (int)(Tile * scale), (int)(Tile * scale));
        Box part = around.Within(image.Width, image.Height);
        int width = Math.Clamp((int)(part.Width / scale), 1, Tile);
        int height = Math.Clamp((int)(part.Height / scale), 1, Tile);
        int x = Math.Clamp((int)((part.X - left) / scale), 0, Tile - width);
        int y = Math.Clamp((int)((part.Y - top) / scale), 0, Tile - height);
        var view = new ImageView(image.Pixels[((part.Y * image.Stride) + (part.X * image.BytesPerPixel))..], part.Width, part.Height, image.Format, image.Stride);
        Array.Clear(patch);
        scaler.Downscale(view, width, height, patch.AsSpan((y * Tile) + x), Tile, Tile);
        return scale;
    }

    private (double Roll, FaceDetection Face) BestRoll(ReadOnlySpan<double> angles, FaceDetection face, double scale)
    {
        Span<float> planes = network.Prepare(Columns * Tile, (angles.Length + Columns - 1) / Columns * Tile);
        int columns = network.Width / Tile;
        if (columns != Columns)
        {
            planes.Clear();    // a network of a fixed size arranges the tiles differently
        }

        if (columns * (network.Height / Tile) < angles.Length)
        {
            return (0, face);    // a network of a fixed size that is too small for all tiles
        }

        for (int i = 0; i < angles.Length; i++)
        {
            RotateInto(angles[i], planes[((i / columns * Tile * network.Width) + (i % columns * Tile))..]);
        }

        found.Clear();
        float side = (float)(Tile * scale);
        decoder.Decode(network.Run(), new Vector2((float)scale), new YuNetRange(side / 4), found);
        found.Sort(static (a, b) => b.Score.CompareTo(a.Score));
        foreach (FaceDetection other in found)
        {
            (int column, int row) = ((int)(CentreOf(other.Box).X / side), (int)(CentreOf(other.Box).Y / side));
            Vector2 middle = new((column + 0.5f) * side, (row + 0.5f) * side);
            int tile = (row * columns) + column;
            if (column < columns && tile < angles.Length && Vector2.Distance(CentreOf(other.Box), middle) < side / 4)
            {
                return (angles[tile], ToImage(other, angles[tile], middle, CentreOf(face.Box)));
            }
        }

        return (0, face);
    }

    private static Vector2 CentreOf(Box box) => new(box.X + (box.Width / 2f), box.Y + (box.Height / 2f));

    // Maps a detection from its tile to the image.
    private static FaceDetection ToImage(FaceDetection turned, double angle, Vector2 middle, Vector2 place)
    {
        Matrix3x2 back = Matrix3x2.CreateTranslation(-middle) * Matrix3x2.CreateRotation((float)angle) * Matrix3x2.CreateTranslation(place);
        FaceLandmarks points = turned.Landmarks!.Value;
        int side = turned.Box.Width;
        Vector2 corner = At(CentreOf(turned.Box)) - new Vector2(side / 2f);
        return new FaceDetection(
            new Box((int)MathF.Round(corner.X), (int)MathF.Round(corner.Y), side, side), turned.Score,
            new FaceLandmarks(At(points.RightEye), At(points.LeftEye), At(points.Nose), At(points.RightMouthCorner), At(points.LeftMouthCorner)));

        Vector2 At(Vector2 point) => Vector2.Transform(point, back);
    }

    // Draws the patch into a tile, rotated counterclockwise by the angle.
    private void RotateInto(double radians, Span<float> planes)
    {
        (double sin, double cos) = Math.SinCos(radians);
        double middle = (Tile - 1) / 2.0;
        for (int row = 0; row < Tile; row++)
        {
            for (int column = 0; column < Tile; column++)
            {
                int x = (int)Math.Round(middle + (cos * (column - middle)) - (sin * (row - middle)));
                int y = (int)Math.Round(middle + (sin * (column - middle)) + (cos * (row - middle)));
                bool isIn = x >= 0 && y >= 0 && x < Tile && y < Tile;
                for (int plane = 0; plane < 3; plane++)
                {
                    planes[(plane * network.Width * network.Height) + (row * network.Width) + column] = isIn ? patch[(plane * Tile * Tile) + (y * Tile) + x] : 0;
                }
            }
        }
    }
}
