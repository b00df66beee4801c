using System.Numerics;
using System.Runtime.InteropServices;
using MlNetEmotion.Imaging;
using MlNetEmotion.Tracking;

namespace MlNetEmotion.Detector.Faces;

/// <summary>Turns YuNet's guesses into faces: of those that are good enough, the best of each that overlap. Not thread-safe.</summary>
internal sealed class YuNetDecoder
{
    // Below the tracker's SureScore: an unsure face may go on with a track.
    private const float MinScore = 0.35f;
    private const double MaxIou = 0.3;

    // YuNet's boxes are narrow and high; emotion models are trained on the squares of cascades. This side, about the same middle,
    // comes closest to the Haar cascade's boxes, over the 18 faces that both find in the photographs of docs/detection.md.
    private const double SideToHeight = 0.92;

    private readonly List<FaceDetection> candidates = [];
    private readonly List<FaceDetection> faces = [];

    /// <summary>Decodes.</summary>
    /// <param name="outputs">The network's outputs.</param>
    /// <param name="scaler">From the network's image to the frame.</param>
    /// <param name="minFacePixels">The side of the smallest face wanted, in the frame's pixels.</param>
    /// <returns>Faces from left to right, valid until the next call.</returns>
    public ReadOnlySpan<FaceDetection> Decode(YuNetOutputs outputs, FrameScaler scaler, int minFacePixels)
    {
        candidates.Clear();
        foreach (YuNetOutputs.Grid grid in outputs.Grids)
        {
            Collect(grid, scaler, minFacePixels);
        }

        candidates.Sort(static (a, b) => b.Score.CompareTo(a.Score));
        faces.Clear();
        foreach (FaceDetection candidate in candidates)
        {
            if (!IsCovered(candidate.Box))
            {
                faces.Add(candidate);
            }
        }

        faces.Sort(static (a, b) => (a.Box.X, a.Box.Y).CompareTo((b.Box.X, b.Box.Y)));
        return CollectionsMarshal.AsSpan(faces);
    }

    private void Collect(YuNetOutputs.Grid grid, FrameScaler scaler, int minFacePixels)
    {
        ReadOnlySpan<float> classes = grid.Class.Values;
        ReadOnlySpan<float> objects = grid.Objectness.Values;
        for (int cell = 0; cell < classes.Length; cell++)
        {
            float score = MathF.Sqrt(Math.Clamp(classes[cell], 0, 1) * Math.Clamp(objects[cell], 0, 1));
            if (score < MinScore)
            {
                continue;
            }

            int column = cell % grid.Columns;
            int row = cell / grid.Columns;
            Box box = Square(grid.Boxes.Values.Slice(4 * cell, 4), column, row, grid.Stride, scaler);
            if (box.Width >= minFacePixels)
            {
                candidates.Add(new FaceDetection(box, score, Points(grid.Landmarks.Values.Slice(10 * cell, 10), column, row, grid.Stride, scaler)));
            }
        }
    }

    private static Box Square(ReadOnlySpan<float> box, int column, int row, int stride, FrameScaler scaler)
    {
        double side = SideToHeight * Math.Exp(box[3]) * stride;
        double x = (column + box[0]) * stride;
        double y = (row + box[1]) * stride;
        return scaler.ToFrame(x - (side / 2), y - (side / 2), side, side);
    }

    private static FaceLandmarks Points(ReadOnlySpan<float> points, int column, int row, int stride, FrameScaler scaler)
    {
        var cell = new Vector2(column, row);
        var scale = new Vector2((float)(stride * scaler.ScaleX), (float)(stride * scaler.ScaleY));
        return new FaceLandmarks(At(points, 0), At(points, 1), At(points, 2), At(points, 3), At(points, 4));

        Vector2 At(ReadOnlySpan<float> points, int i) => (new Vector2(points[2 * i], points[(2 * i) + 1]) + cell) * scale;
    }

    private bool IsCovered(Box box)
    {
        foreach (FaceDetection face in faces)
        {
            if (face.Box.Iou(box) > MaxIou)
            {
                return true;
            }
        }

        return false;
    }
}
