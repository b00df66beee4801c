namespace MlNetEmotion.Faces;

/// <summary>The faces of a still image, cropped for scoring.</summary>
/// <param name="Detections">From left to right.</param>
/// <param name="Crops">uint8 [faces, 48, 48], gray, upright.</param>
internal sealed record StillFaces(int Width, int Height, FaceDetection[] Detections, byte[] Crops)
{
    /// <summary>Keeps the detections that are faces of the image, and crops them.</summary>
    public static StillFaces Of(ImageView image, ReadOnlySpan<FaceDetection> detections)
    {
        (int width, int height) = (image.Width, image.Height);
        FaceDetection[] faces = [.. detections.ToArray().Where(detection => detection.IsFaceOf(width, height))];
        var crops = new byte[faces.Length * FacePreprocessor.PixelCount];
        for (int i = 0; i < faces.Length; i++)
        {
            FacePreprocessor.ToFace(image, faces[i].Box, faces[i].Landmarks, crops.AsSpan(i * FacePreprocessor.PixelCount));
        }

        return new StillFaces(width, height, faces, crops);
    }
}
