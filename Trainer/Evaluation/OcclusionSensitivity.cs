namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>
/// Occlusion sensitivity: the drop in a class's probability when a part of the face is covered (Zeiler and Fergus 2014, "Visualizing and Understanding
/// Convolutional Networks", https://arxiv.org/abs/1311.2901). A gray square moves over the face; a pixel's value is the mean drop over the squares that
/// covered it.
/// </summary>
internal static class OcclusionSensitivity
{
    /// <summary>The square's side, in pixels: about the width of an eye.</summary>
    public const int Patch = 8;

    /// <summary>The distance between squares, in pixels.</summary>
    public const int Stride = 4;

    private const int Size = FacePreprocessor.Size;
    private const int Places = ((Size - Patch) / Stride) + 1;

    /// <summary>Computes a face's map.</summary>
    /// <param name="face">uint8 [48, 48], gray.</param>
    /// <param name="emotion">The class whose probability is measured.</param>
    /// <returns>float32 [48, 48], each in [-1, 1]: positive if covering the pixel lowers the probability, negative if it raises it.</returns>
    public static float[] Map(ScoreFaces score, ReadOnlySpan<byte> face, Emotion emotion)
    {
        Box[] boxes = [.. Enumerable.Range(0, Places * Places).Select(i => new Box(i % Places * Stride, i / Places * Stride, Patch, Patch))];
        byte mean = Mean(face);

        // The first face is uncovered.
        var faces = new byte[(1 + boxes.Length) * FacePreprocessor.PixelCount];
        face.CopyTo(faces);
        for (int i = 0; i < boxes.Length; i++)
        {
            Span<byte> covered = faces.AsSpan((1 + i) * FacePreprocessor.PixelCount, FacePreprocessor.PixelCount);
            face.CopyTo(covered);
            Cover(covered, boxes[i], mean);
        }

        var scores = new EmotionScores[1 + boxes.Length];
        score(faces, scores);
        return Average(boxes, [.. scores.Skip(1).Select(covered => scores[0][emotion] - covered[emotion])]);
    }

    private static float[] Average(Box[] boxes, float[] drops)
    {
        var sums = new float[FacePreprocessor.PixelCount];
        var counts = new int[FacePreprocessor.PixelCount];
        for (int i = 0; i < boxes.Length; i++)
        {
            for (int pixel = 0; pixel < Patch * Patch; pixel++)
            {
                int place = ((boxes[i].Y + (pixel / Patch)) * Size) + boxes[i].X + (pixel % Patch);
                sums[place] += drops[i];
                counts[place]++;
            }
        }

        return [.. sums.Zip(counts, (sum, count) => sum / count)];
    }

    /// <summary>Returns the mean gray of a face, uint8 [48, 48].</summary>
    public static byte Mean(ReadOnlySpan<byte> face) => (byte)Math.Round(face.ToArray().Average(pixel => pixel));

    /// <summary>Fills a rectangle of a face, uint8 [48, 48], in place. The rectangle must be inside the face.</summary>
    public static void Cover(Span<byte> face, Box box, byte value)
    {
        for (int y = box.Y; y < box.Y + box.Height; y++)
        {
            face.Slice((y * FacePreprocessor.Size) + box.X, box.Width).Fill(value);
        }
    }
}
