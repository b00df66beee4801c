using System.Numerics;
using MlNetEmotion.Imaging;
using MlNetEmotion.Onnx;

namespace MlNetEmotion.Faces;

/// <summary>YuNet's raw outputs for one stride: a grid of cells over the input, row by row.</summary>
/// <param name="Stride">A cell's side, in pixels of the network's input.</param>
internal sealed record YuNetGrid(int Stride, int Columns, int Rows)
{
    /// <summary>Both sides of the network's input are multiples of this.</summary>
    public const int MaxStride = 32;

    /// <summary>The class probability that the object in the cell is a face: float32 [1, cells, 1].</summary>
    public TensorBuffer Class { get; } = new($"cls_{Stride}", 1, Columns * Rows, 1);

    /// <summary>The probability that the cell contains an object: float32 [1, cells, 1].</summary>
    public TensorBuffer Objectness { get; } = new($"obj_{Stride}", 1, Columns * Rows, 1);

    /// <summary>The box's centre relative to the cell, in strides, and the logarithms of its width and height in strides: float32 [1, cells, 4].</summary>
    public TensorBuffer Boxes { get; } = new($"bbox_{Stride}", 1, Columns * Rows, 4);

    /// <summary>Five points x, y relative to the cell, in strides: float32 [1, cells, 10].</summary>
    public TensorBuffer Landmarks { get; } = new($"kps_{Stride}", 1, Columns * Rows, 10);

    public TensorBuffer[] Outputs => [Class, Objectness, Boxes, Landmarks];

    /// <summary>The grids for an input whose sides are multiples of <see cref="MaxStride"/>, finest first.</summary>
    public static YuNetGrid[] For(int width, int height) =>
        [.. new[] { 8, 16, MaxStride }.Select(stride => new YuNetGrid(stride, width / stride, height / stride))];
}

/// <summary>Size and score limits for YuNet's raw detections.</summary>
/// <param name="MinSide">The minimum side of a face, in the image's pixels.</param>
/// <param name="MaxSide">The maximum side, in the image's pixels.</param>
/// <param name="MinCountedSide">The minimum side of the faces below <paramref name="MinSide"/> that are counted.</param>
internal readonly record struct YuNetRange(
    double MinSide, double MaxSide = double.PositiveInfinity, float MinScore = YuNetRange.LowScoreThreshold, double MinCountedSide = double.PositiveInfinity)
{
    // Below HighScoreThreshold: a low-score detection can continue a track.
    private const float LowScoreThreshold = 0.35f;
}

/// <summary>Decodes YuNet's raw detections into faces, with non-maximum suppression. Not thread-safe.</summary>
internal sealed class YuNetDecoder
{
    private const double MaxIou = 0.3;

    // The maximum share of a detection's area within a larger face found before: an eye with the nose is not a separate face.
    private const double MaxShareOfLarger = 0.5;

    // YuNet's boxes are narrow and high, but emotion models are trained on square boxes from cascades. A square with this side and the same
    // centre is closest to the Haar cascade's boxes, over the 18 faces that both detect in the photographs of docs/detection.md.
    private const double SideToHeight = 0.92;

    // The largest crop that FacePreprocessor accepts.
    private const double MaxPixels = ResampleWeights.MaxLength;

    private readonly List<FaceDetection> candidates = [];
    private readonly List<FaceDetection> small = [];
    private readonly List<FaceDetection> counted = [];

    /// <param name="scale">The image's pixels per pixel of the network's input.</param>
    /// <param name="faces">Larger faces found before, if any; the decoded faces that do not overlap these are added.</param>
    /// <returns>The number of further high-score faces below the minimum side that the range counts.</returns>
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

            // Negated so that NaN is skipped too.
            if (!(score >= range.MinScore))
            {
                continue;
            }

            var cell = new Vector2(i % grid.Columns, i / grid.Columns);
            ReadOnlySpan<float> points = grid.Landmarks.Values.Span.Slice(10 * i, 10);
            if (TryDecodeBox(grid.Boxes.Values.Span.Slice(4 * i, 4), cell, grid.Stride, scale) is not { } box || !(box.Width <= range.MaxSide) || !AreFinite(points))
            {
                continue;
            }

            if (box.Width >= range.MinSide)
            {
                candidates.Add(new FaceDetection(box, score, DecodeLandmarks(points, cell, grid.Stride * scale)));
            }
            else if (box.Width >= range.MinCountedSide && score >= FaceDetection.HighScoreThreshold)
            {
                small.Add(new FaceDetection(box, score));
            }
        }
    }

    // Null for values that are not a box: NaN, infinite, or far outside any image.
    private static Box? TryDecodeBox(ReadOnlySpan<float> box, Vector2 cell, int stride, Vector2 scale)
    {
        double side = SideToHeight * Math.Exp(box[3]) * stride;
        double left = ((cell.X + box[0]) * stride) - (side / 2);
        double top = ((cell.Y + box[1]) * stride) - (side / 2);
        return IsInRange(left * scale.X) && IsInRange(top * scale.Y) && IsInRange(side * scale.X) && IsInRange(side * scale.Y)
            ? new Box(Round(left * scale.X), Round(top * scale.Y), Math.Max(1, Round(side * scale.X)), Math.Max(1, Round(side * scale.Y)))
            : null;
    }

    private static FaceLandmarks DecodeLandmarks(ReadOnlySpan<float> points, Vector2 cell, Vector2 scale)
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

    private static bool IsInRange(double pixels) => Math.Abs(pixels) <= MaxPixels;

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
