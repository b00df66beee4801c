using MlNetEmotion.Faces;
using MlNetEmotion.Trainer.Augmentation;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Network;
using static TorchSharp.torch;

namespace MlNetEmotion.Trainer.Training;

/// <summary>Finds the boxes in which the library's detector sees a run's training faces, and keeps them in the run's folder, so that a resumed run has the same
/// ones, also on another processor or with a later detector.</summary>
internal static class DetectorBoxes
{
    private const int Size = FacePreprocessor.Size;

    // The detector needs surroundings: here a gray canvas, three times as wide as the face, which is enlarged fourfold. Of 800 faces of FER2013, it finds 98.2 %
    // so, 93.7 % of 300 with the face's edges repeated around it, and 88.0 % with the face mirrored, often with eyes that are not level.
    private const int Zoom = 4;
    private const int FrameSide = Zoom * Size;
    private const int CanvasSide = 3 * FrameSide;
    private const byte Gray = 128;

    // An eye or a mouth is sometimes detected as a small face, and an upright face as one upside down: of 2,000 faces of FER2013, 10 were turned further, 7 of them
    // wrongly.
    private const double MinIouWithFrame = 0.25;
    private const double MaxTurnRadians = Math.PI / 3;

    private const string TensorName = "boxes";
    private const string HashKey = "trainHash";
    private const int ValuesPerBox = 4;

    private static readonly Box Frame = new(FrameSide, FrameSide, FrameSide, FrameSide);

    /// <summary>Returns the faces' boxes, [count], with null for faces not found, and writes them to a file.</summary>
    /// <param name="path">The file; read if the run is resumed.</param>
    /// <param name="hash">The faces' hash. Boxes of other faces are found again.</param>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    /// <exception cref="OperationCanceledException">The search was stopped.</exception>
    public static DetectorBox?[] Of(string path, FaceDataset faces, string hash, bool isResumed, CancellationToken stop)
    {
        if (isResumed && File.Exists(path) && Read(path, faces.Count, hash) is { } kept)
        {
            return kept;
        }

        DetectorBox?[] boxes = Find(faces, stop);
        float[] values = [.. boxes.Select(box => box ?? default).SelectMany(box => new[] { box.CentreX, box.CentreY, box.Side, box.TurnRadians })];
        using Tensor found = tensor(values, faces.Count, ValuesPerBox);
        SafetensorsFile.Write(path, new Dictionary<string, string>(StringComparer.Ordinal) { [HashKey] = hash }, [(TensorName, found)]);
        return boxes;
    }

    /// <summary>Returns the faces' boxes, [count], with null for faces not found.</summary>
    /// <exception cref="OperationCanceledException">The search was stopped.</exception>
    public static DetectorBox?[] Find(FaceDataset faces, CancellationToken stop)
    {
        using YuNet detector = YuNet.LoadDefault(new FaceDetectorOptions { DetectWidth = FaceDetectorOptions.StillDetectWidth });    // as EmotionRecognizer's
        var boxes = new DetectorBox?[faces.Count];
        Parallel.For(0, faces.Count, new ParallelOptions { CancellationToken = stop }, () => Enumerable.Repeat(Gray, CanvasSide * CanvasSide).ToArray(), (i, _, canvas) =>
        {
            Draw(faces.Face(i), canvas);
            boxes[i] = BoxOf(detector.Detect(new ImageView(canvas, CanvasSide, CanvasSide, PixelFormat.Gray8)));
            return canvas;
        }, _ => { });
        return boxes;
    }

    // Null for boxes of other faces.
    private static DetectorBox?[]? Read(string path, int count, string hash)
    {
        try
        {
            SafetensorsFile file = SafetensorsFile.Read(path);
            if (file.Metadata(HashKey) != hash)
            {
                return null;
            }

            using Tensor boxes = zeros(count, ValuesPerBox);
            file.CopyTo(TensorName, boxes);
            return [.. boxes.ToArray().Chunk(ValuesPerBox).Select(box => box[2] > 0 ? new DetectorBox(box[0], box[1], box[2], box[3]) : (DetectorBox?)null)];
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{e.Message}; delete it, and the boxes are found again", e);
        }
    }

    /// <summary>Returns the box of the best detection on the canvas, in the frame's pixels; null if none is credible.</summary>
    internal static DetectorBox? BoxOf(FaceDetection[] detections)
    {
        FaceDetection best = detections.Where(face => face.IsFaceOf(CanvasSide, CanvasSide) && face.Box.Iou(Frame) >= MinIouWithFrame)
            .OrderByDescending(face => face.Score).FirstOrDefault();
        double turn = FacePreprocessor.TurnOf(best.Landmarks);
        return best.Score == 0 || Math.Abs(turn) > MaxTurnRadians ? null : new DetectorBox(
            InFrame(best.Box.X + (best.Box.Width / 2f)), InFrame(best.Box.Y + (best.Box.Height / 2f)), (float)best.Box.Width / Zoom, (float)turn);

        static float InFrame(float place) => (place - FrameSide) / Zoom;
    }

    // Draws an enlarged face, uint8 [48, 48], in the middle of a canvas, by bilinear interpolation.
    private static void Draw(ReadOnlySpan<byte> face, byte[] canvas)
    {
        for (int y = 0; y < FrameSide; y++)
        {
            (int upper, int lower, float down) = Neighbours(y);
            Span<byte> row = canvas.AsSpan(((FrameSide + y) * CanvasSide) + FrameSide, FrameSide);
            for (int x = 0; x < row.Length; x++)
            {
                (int left, int right, float along) = Neighbours(x);
                float above = float.Lerp(face[(upper * Size) + left], face[(upper * Size) + right], along);
                float below = float.Lerp(face[(lower * Size) + left], face[(lower * Size) + right], along);
                row[x] = (byte)(float.Lerp(above, below, down) + 0.5f);
            }
        }

        static (int Before, int After, float Weight) Neighbours(int pixel)
        {
            float place = Math.Clamp(((pixel + 0.5f) / Zoom) - 0.5f, 0, Size - 1);
            return ((int)place, Math.Min((int)place + 1, Size - 1), place - (int)place);
        }
    }
}
