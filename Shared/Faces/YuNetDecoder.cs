using System.Numerics;
using MlNetEmotion.Imaging;
using MlNetEmotion.Onnx;

namespace MlNetEmotion.Faces;

/// <summary>What YuNet guesses for the cells of a grid over an image, row by row.</summary>
/// <param name="Stride">A cell's side in the image's pixels.</param>
internal sealed record YuNetGrid(int Stride, int Columns, int Rows)
{
    /// <summary>Images are multiples of this a side.</summary>
    public const int MaxStride = 32;

    /// <summary>The probability that what is there is a face: float32 [1, cells, 1].</summary>
    public TensorBuffer Class { get; } = new($"cls_{Stride}", 1, Columns * Rows, 1);

    /// <summary>The probability that something is there: float32 [1, cells, 1].</summary>
    public TensorBuffer Objectness { get; } = new($"obj_{Stride}", 1, Columns * Rows, 1);

    /// <summary>The box's middle from the cell, in strides, and the logarithm of its sides in strides: float32 [1, cells, 4].</summary>
    public TensorBuffer Boxes { get; } = new($"bbox_{Stride}", 1, Columns * Rows, 4);

    /// <summary>Five points x, y from the cell, in strides: float32 [1, cells, 10].</summary>
    public TensorBuffer Landmarks { get; } = new($"kps_{Stride}", 1, Columns * Rows, 10);

    public TensorBuffer[] Outputs => [Class, Objectness, Boxes, Landmarks];

    /// <summary>The grids over an image whose sides are multiples of <see cref="MaxStride"/>, finest first.</summary>
    public static YuNetGrid[] For(int width, int height) =>
        [.. new[] { 8, 16, MaxStride }.Select(stride => new YuNetGrid(stride, width / stride, height / stride))];
}

/// <summary>Which of YuNet's guesses count.</summary>
/// <param name="MinSide">The side of the smallest face wanted, in the image's pixels.</param>
/// <param name="MaxSide">The side of the largest.</param>
/// <param name="CountFrom">From which side on smaller faces are counted.</param>
internal readonly record struct YuNetRange(
    double MinSide, double MaxSide = double.PositiveInfinity, float MinScore = YuNetRange.LowScoreThreshold, double CountFrom = double.PositiveInfinity)
{
    // Below HighScoreThreshold: an unsure face may go on with a track.
    private const float LowScoreThreshold = 0.35f;
}

/// <summary>Turns YuNet's guesses into faces: of those that are good enough, the best of each that overlap. For one thread at a time.</summary>
internal sealed class YuNetDecoder
{
    private const double MaxIou = 0.3;

    // Of a guess within a larger face that was found before: an eye and the nose are no face of their own.
    private const double MaxShareOfLarger = 0.5;

    // YuNet's boxes are narrow and high; emotion models are trained on the squares of cascades. This side, about the same middle,
    // comes closest to the Haar cascade's boxes, over the 18 faces that both find in the photographs of docs/detection.md.
    private const double SideToHeight = 0.92;

    // The largest crop that FacePreprocessor takes.
    private const double MaxPixels = ResampleWeights.MaxLength;

    private readonly List<FaceDetection> candidates = [];
    private readonly List<FaceDetection> small = [];
    private readonly List<FaceDetection> counted = [];

    /// <param name="scale">How many of the image's pixels are one of the network's input.</param>
    /// <param name="faces">The larger faces that were found before, if any; receives those beside them.</param>
    /// <returns>How many sure faces beside these are smaller than wanted, of those that the range counts.</returns>
    public int Decode(YuNetGrid[] grids, Vector2 scale, YuNetRange range, List<FaceDetection> faces)
    {
        candidates.Clear();
        small.Clear();
        foreach (YuNetGrid grid in grids)
        {
            Collect(grid, scale, range);
        }

        candidates.Sort(static (a, b) => b.Score.CompareTo(a.Score));
        int larger = faces.Count;
        foreach (FaceDetection candidate in candidates)
        {
            if (!IsCovered(candidate.Box, faces, larger))
            {
                faces.Add(candidate);
            }
        }

        return small.Count == 0 ? 0 : CountSmall(faces);
    }

    private int CountSmall(List<FaceDetection> faces)
    {
        counted.Clear();
        small.Sort(static (a, b) => b.Score.CompareTo(a.Score));
        foreach (FaceDetection candidate in small)
        {
            if (!IsCovered(candidate.Box, faces, larger: faces.Count) && !IsCovered(candidate.Box, counted, larger: 0))
            {
                counted.Add(candidate);
            }
        }

        return counted.Count;
    }

    private void Collect(YuNetGrid grid, Vector2 scale, YuNetRange range)
    {
        ReadOnlySpan<float> classes = grid.Class.Values.Span;
        ReadOnlySpan<float> objects = grid.Objectness.Values.Span;
        for (int i = 0; i < classes.Length; i++)
        {
            float score = MathF.Sqrt(Math.Clamp(classes[i], 0, 1) * Math.Clamp(objects[i], 0, 1));

            // Negated, so that NaN is no face either.
            if (!(score >= range.MinScore))
            {
                continue;
            }

            var cell = new Vector2(i % grid.Columns, i / grid.Columns);
            ReadOnlySpan<float> points = grid.Landmarks.Values.Span.Slice(10 * i, 10);
            if (TrySquare(grid.Boxes.Values.Span.Slice(4 * i, 4), cell, grid.Stride, scale) is not { } box || !(box.Width <= range.MaxSide) || !AreFinite(points))
            {
                continue;
            }

            if (box.Width >= range.MinSide)
            {
                candidates.Add(new FaceDetection(box, score, Points(points, cell, grid.Stride * scale)));
            }
            else if (box.Width >= range.CountFrom && score >= FaceDetection.HighScoreThreshold)
            {
                small.Add(new FaceDetection(box, score));
            }
        }
    }

    // Null for numbers that make no box: NaN, infinite, or far from any image.
    private static Box? TrySquare(ReadOnlySpan<float> box, Vector2 cell, int stride, Vector2 scale)
    {
        double side = SideToHeight * Math.Exp(box[3]) * stride;
        double left = ((cell.X + box[0]) * stride) - (side / 2);
        double top = ((cell.Y + box[1]) * stride) - (side / 2);
        return IsPlace(left * scale.X) && IsPlace(top * scale.Y) && IsPlace(side * scale.X) && IsPlace(side * scale.Y)
            ? new Box(Round(left * scale.X), Round(top * scale.Y), Math.Max(1, Round(side * scale.X)), Math.Max(1, Round(side * scale.Y)))
            : null;
    }

    private static FaceLandmarks Points(ReadOnlySpan<float> points, Vector2 cell, Vector2 scale)
    {
        return new FaceLandmarks(At(points, 0), At(points, 1), At(points, 2), At(points, 3), At(points, 4));

        Vector2 At(ReadOnlySpan<float> points, int i) => (new Vector2(points[2 * i], points[(2 * i) + 1]) + cell) * scale;
    }

    private static bool IsCovered(Box box, List<FaceDetection> faces, int larger)
    {
        double maxShared = MaxShareOfLarger * box.Width * box.Height;
        for (int i = 0; i < faces.Count; i++)
        {
            if (faces[i].Box.Iou(box) > MaxIou || (i < larger && faces[i].Box.Intersection(box) > maxShared))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsPlace(double pixels) => Math.Abs(pixels) <= MaxPixels;

    private static bool AreFinite(ReadOnlySpan<float> points)
    {
        foreach (float point in points)
        {
            if (!float.IsFinite(point))
            {
                return false;
            }
        }

        return true;
    }

    private static int Round(double value) => (int)Math.Round(value);
}
